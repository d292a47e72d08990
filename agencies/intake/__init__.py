"""Intake: the door where extracts come in. Raw values exist in this package and nowhere later.

In: the bytes of a file and its declaration. Out: an Intake (identifiers apart from service records, and a report), or
ExtractRejected. It writes nothing to disk and puts no cell's value into a message.
"""

from agencies.intake.limits import Limits
from agencies.intake.outcome import ExtractRejected, Finding, Intake, Report
from agencies.intake.take import take_in

__all__ = ["ExtractRejected", "Finding", "Intake", "Limits", "Report", "take_in"]
