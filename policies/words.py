"""Plain words for the schema's terms, as a sentence needs them."""

from __future__ import annotations

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
    "read_protocol": "read this protocol",
    "suspend": "suspend this protocol",
    "unseal": "unseal keys",
    "rotate_key": "rotate keys",
    "manage_users": "manage users",
    "see_health": "see the system's health",
}


def said(action: str) -> str:
    """An action as a verb phrase; an unknown one gets no words of its own."""
    return _ACTIONS.get(action, "do this")


def spoken(name: str) -> str:
    """A role as a person: "an evaluator", "a data officer"; `ig_officer` is an abbreviation."""
    words = name.replace("_", " ").replace("ig officer", "IG officer")
    return f"{'an' if words[0] in 'aeiouI' else 'a'} {words}"
