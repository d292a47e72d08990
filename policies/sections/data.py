"""Section 4 of a protocol: what each agency sends and at what level of detail it may be asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from policies.sections.purposes import Minimisation, Unit
from policies.terms import Clause, Everyone, Name, Section, Text


class Identifiers(Section):
    """Fields that serve to make tokens and nothing else."""

    clause: Clause
    used_for: Literal["token_only"]
    fields: tuple[Name, ...]
    discarded_after: Literal["tokenisation"]
    never_output: Literal[True]


class Item(Section):
    """One data item.

    A `measure` may be asked for as a figure, a `dimension` as a breakdown at one of `levels` (finest
    first), a `source` is used inside the gateway only: figures are derived from it and it is never asked
    for by name. `not_with` lists measures and dimensions it may not stand beside; `units` what a measure
    may be counted in.
    """

    clause: Clause
    agency: Name | Everyone
    dataset: Name | Everyone
    item: Name
    kind: Literal["measure", "dimension", "source"]
    sensitivity: Literal["personal", "special_category", "criminal_offence"]
    levels: tuple[Name, ...] = ()
    allowed: tuple[Literal["count", "rate", "mean", "sum"], ...] = ()
    not_with: tuple[Name, ...] = ()
    units: tuple[Unit, ...] = ()
    gives: Text | None = None


class Quality(Section):
    """How often extracts come and how many errors they may hold."""

    clause: Clause
    frequency: Literal["weekly", "monthly", "quarterly", "yearly"]
    max_error_rate: Annotated[float, Field(ge=0, le=1)]
    correction_route: Literal["new_submission"]


class DataSection(Section):
    """All data clauses."""

    identifiers: Identifiers
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    minimisation: Minimisation
    quality: Quality
