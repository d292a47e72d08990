"""Section 2 and 4.0 of a protocol: what the figures are for, who they are about, in which units and cohorts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from policies.terms import Clause, HyphenName, Name, Section, Text

Unit = Literal["family", "person"]


class Purpose(Section):
    """A stated reason for asking; or one that is named in order to be refused (`prohibited`)."""

    clause: Clause
    id: HyphenName
    title: Text
    dpv: tuple[Text, ...] = ()
    duo: tuple[Text, ...] = ()
    objective: Text | None = None
    objective_test: Text | None = None
    benefits: tuple[Text, ...] = ()
    outcome_measures: tuple[Name, ...] = ()
    no_decisions_about_individuals: bool = False
    prohibited: bool = False
    why: Text | None = None


class Subjects(Section):
    """The people the records are about."""

    clause: Clause
    who: Text
    includes_children: bool
    approx: Annotated[int, Field(ge=0)]


class CohortRule(Section):
    """The families a cohort holds; a condition left out does not restrict it.

    `min_issues` to `max_issues`: how many of the catalogue's issues the family has. `min_agencies`: how
    many agencies know it. `with_children`: at least one child.
    """

    min_issues: Annotated[int, Field(ge=0)] = 0
    max_issues: Annotated[int, Field(ge=0)] | None = None
    min_agencies: Annotated[int, Field(ge=0)] = 0
    with_children: bool = False


class Cohort(Section):
    """One named and versioned definition; `units` says whether families only may be counted in it."""

    clause: Clause
    id: HyphenName
    version: Annotated[int, Field(ge=1)]
    title: Text
    definition: CohortRule
    units: tuple[Unit, ...] = ("family", "person")

    @property
    def names(self) -> tuple[str, str]:
        """How a question may name it: without the version, or with it."""
        return (self.id, f"{self.id}@{self.version}")


class Cohorts(Section):
    """The only cohorts that may be asked about."""

    clause: Clause
    agreed: Annotated[tuple[Cohort, ...], Field(min_length=1)]


class Units(Section):
    """What may be counted; the unit that is protected is always the family."""

    clause: Clause
    allowed: Annotated[tuple[Unit, ...], Field(min_length=1)]


class FamilyRule(Section):
    """The rule that says which persons are one family, by name and version."""

    clause: Clause
    rule: Annotated[str, Field(pattern=r"^[a-z][a-z-]*@[1-9][0-9]*$")]
    says: Text


class Minimisation(Section):
    """Earliest records used; free text and columns nobody agreed stay out."""

    clause: Clause
    history_from: date
    free_text: Literal["forbidden", "screened_and_dropped"]
    extra_columns: Literal["reject"]
