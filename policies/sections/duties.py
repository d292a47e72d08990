"""Sections 7 to 12 of a protocol: objections, security, retention, people's rights, incidents, review."""

from __future__ import annotations

from typing import Literal

from policies.terms import Clause, Days, Duration, Everyone, Name, Section, Text


class OptOut(Section):
    """A list of objections and who applies it.

    `match_by: token` lists are applied in the gateway; their age is checked when data are linked or asked
    about. `sender_before_upload` lists are applied by the sender, who attests to it with each extract.
    """

    clause: Clause
    list: Name
    applies_to: tuple[Name, ...] | Everyone
    max_age_days: Days
    basis: Text | None = None
    match_by: Literal["token"] | None = None
    on_stale: Literal["deny"] | None = None
    applied_by: Literal["sender_before_upload"] | None = None
    attestation: Literal["required"] | None = None
    note: Text | None = None


class Security(Section):
    """How records travel and rest."""

    clause: Clause
    upload: tuple[Text, ...]
    transit: Text
    rest: Text
    location: Literal["uk"]
    standards: tuple[Text, ...]
    token_scope: Literal["per_isp"]


class Retention(Section):
    """How long one kind of thing is kept and how it is destroyed."""

    clause: Clause
    what: Literal["raw_upload", "tokenised", "keys", "audit", "released"]
    keep: Duration
    method: Text
    after: Text | None = None
    certificate: bool = False


class SubjectRight(Section):
    """What happens when a person uses a right."""

    clause: Clause
    right: Literal["access", "objection", "erasure", "complaint", "rectification"]
    route: Text | None = None
    within_days: Days | None = None
    acknowledge_within_days: Days | None = None
    gateway_help: Text | None = None
    effect: Text | None = None
    released_outputs: Text | None = None
    basis: Text | None = None


class Incident(Section):
    """Whom to tell, and how fast."""

    clause: Clause
    tell_within_hours: Days
    contact: Text
    ico_within_hours: Days


class Review(Section):
    """When the protocol is looked at again."""

    clause: Clause
    every: Duration
    triggers: tuple[Name, ...]
