"""Plain words for the schema's terms, as a sentence needs them."""

from __future__ import annotations

import re
from typing import Final

_ACTIONS: Final = {
    "submit": "send extracts",
    "withdraw_own": "withdraw own extracts",
    "see_own_submissions": "see own submissions",
    "see_own_quality_report": "see the quality report of own extracts",
    "link": "run the linkage",
    "measure_quality": "measure linkage quality",
    "query": "ask questions",
    "read_releases": "read released tables",
    "release": "release checked tables",
    "refuse": "refuse a release",
    "read_audit": "read the audit log",
    "export_audit": "export the audit log",
    "attack_ledger": "attack what was released",
    "read_protocol": "read this protocol",
    "suspend": "suspend this protocol",
    "unseal": "unseal keys",
    "deliver_key": "deliver key packages to agencies",
    "rotate_key": "rotate and revoke keys",
    "manage_users": "manage users",
    "see_health": "see the system's health",
}


def said(action: str) -> str:
    """An action as a verb phrase; an unknown one gets no words of its own."""
    return _ACTIONS.get(action, "do this")


def spoken(name: str) -> str:
    """A role as a person: "an evaluator", "a data officer"; `ig_officer` is an abbreviation."""
    words = titled(name)
    return f"{'an' if words[0] in 'aeiouI' else 'a'} {words}"


def titled(role: str) -> str:
    """A role's name in words."""
    return role.replace("_", " ").replace("ig officer", "IG officer")


def lasting(duration: str) -> str:
    """An ISO 8601 duration of the schema in words: "P2Y" is "for 2 years", "P0D" is "not kept"."""
    units = {"Y": "years", "M": "months", "W": "weeks", "D": "days"}
    parts = re.findall(r"(\d+)([YMWD])", duration)
    kept = [f"{int(number)} {units[unit]}" for number, unit in parts if int(number)]
    return f"for {' '.join(kept)}" if kept else "not kept"


def counted(least: int, most: int | None, noun: str) -> str:
    """A range of a count: "3 to 4 issues", "at least 5 issues", "at most 2 issues"."""
    if most is None:
        return f"at least {least} {noun}"
    return f"{least} to {most} {noun}" if least else f"at most {most} {noun}"
