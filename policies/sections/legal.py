"""Section 3 of a protocol: the power, the lawful basis and the notices each party relies on.

These clauses are read by people and checked for gaps; they never permit anything by themselves.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from policies.terms import Clause, Everyone, Name, Section, Text


class Power(Section):
    """The statute that lets a party share."""

    act: Text
    section: Text
    gateway: Text | None = None
    objective: Text | None = None
    note: Text | None = None


class Confidence(Section):
    """How the common-law duty of confidence is met."""

    met_by: Text
    s251: Text | None


class LawfulBasis(Section):
    """UK GDPR Article 6."""

    art6: Text
    task: Text


class SpecialCategory(Section):
    """UK GDPR Article 9 condition, with the Data Protection Act 2018 schedule 1 part."""

    art9: Text
    dpa2018_sch1: tuple[Text, ...]
    safeguards: tuple[Text, ...] = ()
    apd: Text | None = None


class CriminalOffence(Section):
    """UK GDPR Article 10 condition, and the way out of law-enforcement processing."""

    art10: bool
    dpa2018_sch1: tuple[Text, ...]
    part3_to_part2: Text | None = None


class Transparency(Section):
    """Where people are told."""

    privacy_notice: Text
    art14_route: Text


class Dpia(Section):
    """The data protection impact assessment."""

    ref: Text
    approved: date
    residual_risk: Literal["low", "medium", "high"]
    next_review: date


class LegalClause(Section):
    """One legal statement for one or more parties."""

    clause: Clause
    party: tuple[Name, ...] | Everyone
    powers: tuple[Power, ...] = ()
    duty_of_confidence: Confidence | None = None
    lawful_basis: LawfulBasis | None = None
    special_category: SpecialCategory | None = None
    criminal_offence: CriminalOffence | None = None
    transparency: Transparency | None = None
    dpia: Dpia | None = None
    note: Text | None = None
