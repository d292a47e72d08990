"""Section 14 of a protocol: its own tests, each a request and the decision it must meet."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from policies.terms import Action, Section, Text

Who = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*@[a-z][a-z0-9_]*$")]
FailingClause = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*(\.[a-z]+)?$")]


class Trial(Section):
    """One test: `who` (role@agency) asks for `action` on `day`; the decision must be `expect`.

    What a trial leaves out: purpose is the first permitted one, cohort and unit the first agreed ones,
    training is of today, a second factor was used, objections were applied today, nothing was asked yet.
    A refusing trial names exactly the clauses that fail, no more and no fewer.
    """

    name: Text
    who: Who = Field(alias="as")
    action: Action = Field(alias="do")
    day: date
    expect: Literal["allow", "deny"]
    clauses: tuple[FailingClause, ...] = ()
    purpose: str | None = None
    cohort: str | None = None
    unit: str | None = None
    measures: tuple[str, ...] = ()
    dimensions: dict[str, str] = {}
    dataset: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")] | None = None
    agencies: tuple[str, ...] = ()
    period_from: date | None = None
    cells: int | None = None
    training_age: int = 0
    mfa: bool = True
    holds: tuple[str, ...] = ()
    optout_age: int = 0
    attestation_age: int | None = None
    queries_today: int = 0
    queries_this_quarter: int = 0
