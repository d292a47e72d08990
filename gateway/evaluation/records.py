"""The records a question is about, as expressions. In: question and cohort. Out: members, and the rows that put them in cells.

A question by agency or period, or restricted to agencies, counts those with an event there; any other counts the cohort.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.questions import Catalogue, Question

from .cohort import families_of
from .places import Axis, axes_of
from .vintage import unbound

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Asked:
    """A question with its axes; everything below is derived from these three."""

    question: Question
    catalogue: Catalogue
    axes: tuple[Axis, ...]

    @classmethod
    def of(cls, question: Question, catalogue: Catalogue, gaps: frozenset[str]) -> Asked:
        """The question with its axes; `gaps` names the dimensions in which somebody is unknown."""
        return cls(question, catalogue, axes_of(question, catalogue, gaps))

    @property
    def by_unit(self) -> tuple[Axis, ...]:
        """Axes in which each counted unit (family or person) has one place."""
        return tuple(a for a in self.axes if a.carried_by in ("family", "unit"))

    @property
    def by_family(self) -> tuple[Axis, ...]:
        """Axes in which each family has one place."""
        kept = ("family", "unit") if self.question.unit == "family" else ("family",)
        return tuple(a for a in self.axes if a.carried_by in kept)

    @property
    def restricts(self) -> bool:
        """Whether only those with a record somewhere are counted, even in the coarsest table."""
        return bool(self.question.where)

    @property
    def restricted(self) -> tuple[str, ...]:
        """Sensitive attributes by which the question is narrowed without asking for them one by one."""
        chosen = (name for name in self.question.where if name not in self.question.by)
        return tuple(name for name in chosen if self.catalogue.dimensions[name].sensitive)

    def families(self) -> ibis.Table:
        """The cohort's families."""
        return families_of(self.question.cohort_in(self.catalogue))

    def people(self) -> ibis.Table:
        """The people of the cohort's families, with what the family carries."""
        kept = self.families().select("family", "district", "issue_count")
        return unbound("people").inner_join(kept, "family")

    def events(self) -> ibis.Table:
        """The events in the period and of the agencies asked for."""
        events = self._in_period(unbound("events"))
        for name, chosen in self.question.where.items():
            events = events.filter(events[self.catalogue.dimensions[name].column].isin(chosen))
        return events

    def rows_of_people(self) -> ibis.Table | None:
        """The rows that put a person in a cell; None where every person of the cohort is in."""
        return self.events() if self._by("event") or self.restricts else None

    def rows_of_families(self) -> ibis.Table | None:
        """The rows that put a family in a cell; None where every family of the cohort is in."""
        if self._by("issue"):
            return self._in_period(unbound("issues"))
        by_person = self.question.unit == "person" and self._by("unit")
        if self._by("event") or self.restricts:
            events = self.events()
            known = unbound("people").select("person", "known_to")
            return events.inner_join(known, "person") if by_person else events
        return unbound("people") if by_person else None

    def _by(self, carrier: str) -> bool:
        return any(axis.carried_by == carrier for axis in self.axes)

    def _in_period(self, records: ibis.Table) -> ibis.Table:
        period = self.question.quarters
        if period is None:
            return records
        return records.filter(records.quarter.between(period.first, period.last))
