"""A Rule: one clause that can refuse, the Cedar condition that must hold, and what to say when it does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from policies.request import Request


@dataclass(frozen=True, slots=True)
class Wording:
    """What failed, what would satisfy the clause, and which of the asker's words it is about."""

    text: str
    fix: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """`clause` forbids `actions` unless `condition` (Cedar, over `context`) holds."""

    clause: str
    actions: frozenset[str]
    condition: str
    says: Callable[[Request], Wording]

    @property
    def cedar(self) -> str:
        """The forbid as Cedar text."""
        return (
            f"@id({quote(self.clause)})\n"
            f"forbid (principal, {action_scope(self.actions)}, resource)\n"
            f"unless {{ {self.condition} }};\n"
        )


def always(text: str, fix: str) -> Callable[[Request], Wording]:
    """Wording that does not depend on the request."""
    wording = Wording(text, fix)
    return lambda request: wording


def quote(text: str) -> str:
    """A Cedar string literal. Names are already narrow by the schema; this keeps it so if that changes."""
    return json.dumps(text)


def set_of(names: Iterable[str]) -> str:
    """A Cedar set literal."""
    return f"[{', '.join(quote(name) for name in names)}]"


def action_scope(actions: frozenset[str]) -> str:
    """The action part of a policy's scope."""
    named = ", ".join(f"Action::{quote(action)}" for action in sorted(actions))
    return f"action in [{named}]"


def all_of(conditions: Iterable[str]) -> str:
    """Every condition holds."""
    return " && ".join(f"({condition})" for condition in conditions)


def either(words: Iterable[str]) -> str:
    """Words as alternatives: "quarter or year"."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def listed(words: Iterable[str]) -> str:
    """Words as a list for a sentence."""
    return ", ".join(words)
