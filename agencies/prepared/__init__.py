"""Prepared extracts: what an agency's own intake found, told to somebody who never sees the file, and checked anew there.

In: a report, service records and a declaration, on either side of a border. Out: the same, or ExtractRejected by the
rule that does not hold. No identifier passes through here, and no word of the sender's is taken over.
"""

from agencies.intake.division import record_schema
from agencies.intake.outcome import ExtractRejected, Report
from agencies.prepared.declared import digest_of
from agencies.prepared.frames import read_frame
from agencies.prepared.records import require_records
from agencies.prepared.report import TOLD, report_of, told

__all__ = [
    "TOLD",
    "ExtractRejected",
    "Report",
    "digest_of",
    "read_frame",
    "record_schema",
    "report_of",
    "require_records",
    "told",
]
