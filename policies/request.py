"""What is asked of the rulebook: an Actor and a Request, both frozen and plain data.

A value of the wrong shape raises RequestInvalid; a word that no protocol knows is a refusal, not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

MAX_WORDS: Final = 64
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
_NO_LEVELS: Final[Mapping[str, str]] = MappingProxyType({})


class RequestInvalid(TypeError):
    """A field of a request has the wrong type or too many entries; the message names the field only."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an opaque id, the role acted in, the agency, and what the credential vouches for.

    `training` maps a course to its age in days; `holds` names every other role this person has been given.
    """

    id: str
    role: str
    agency: str
    training: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    mfa: bool = False
    holds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("id", "role", "agency"):
            _require_text(f"actor.{name}", getattr(self, name))
        object.__setattr__(self, "training", MappingProxyType(dict(self.training)))
        object.__setattr__(self, "holds", _words("actor.holds", self.holds))


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a decision.

    `dimensions` maps a dimension to its level. `dataset` is (agency, dataset), for what is sent. `agencies`
    restricts a question to some agencies. `cells` is the size of the table, when it is known.
    `optout_age_days`: days since the list of objections was last applied; `attestation_age_days`: days
    since the sender vouched for the national data opt-out. The two counts of queries exclude this one.
    """

    actor: Actor
    action: str
    day: date
    purpose: str | None = None
    cohort: str | None = None
    unit: str | None = None
    measures: tuple[str, ...] = ()
    dimensions: Mapping[str, str] = field(default_factory=lambda: _NO_LEVELS)
    dataset: tuple[str, str] | None = None
    agencies: tuple[str, ...] = ()
    period_from: date | None = None
    optout_age_days: int | None = None
    attestation_age_days: int | None = None
    cells: int | None = None
    queries_today: int | None = None
    queries_this_quarter: int | None = None

    def __post_init__(self) -> None:
        _require_text("action", self.action)
        for name in ("day", "period_from"):
            _require_date(name, getattr(self, name), optional=name != "day")
        for name in ("purpose", "cohort", "unit"):
            if getattr(self, name) is not None:
                _require_text(name, getattr(self, name))
        for name in ("measures", "agencies"):
            object.__setattr__(self, name, _words(name, getattr(self, name)))
        object.__setattr__(self, "dimensions", _levels(self.dimensions))
        if self.dataset is not None:
            object.__setattr__(self, "dataset", _pair(self.dataset))


def _require_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise RequestInvalid(f"{name} has to be text")


def _require_date(name: str, value: object, *, optional: bool) -> None:
    if value is None and optional:
        return
    # A datetime is a date to isinstance, but it carries a zone that would shift the day.
    if not isinstance(value, date) or isinstance(value, datetime):
        raise RequestInvalid(f"{name} has to be a date")


def _words(name: str, value: object) -> tuple[str, ...]:
    # A bare string is a sequence of letters: one forgotten comma must not become many names.
    if not isinstance(value, (tuple, list, frozenset, set)) or len(value) > MAX_WORDS:
        raise RequestInvalid(f"{name} has to be a tuple of at most {MAX_WORDS} names")
    for word in value:
        _require_text(name, word)
    ordered = value if isinstance(value, (tuple, list)) else sorted(value)
    return tuple(dict.fromkeys(ordered))


def _levels(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or len(value) > MAX_WORDS:
        raise RequestInvalid(f"dimensions has to map at most {MAX_WORDS} names to levels")
    for name, level in value.items():
        _require_text("dimensions", name)
        _require_text("dimensions", level)
    return MappingProxyType(dict(value))


def _pair(value: object) -> tuple[str, str]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise RequestInvalid("dataset has to be (agency, dataset)")
    agency, dataset = value
    _require_text("dataset", agency)
    _require_text("dataset", dataset)
    return (agency, dataset)
