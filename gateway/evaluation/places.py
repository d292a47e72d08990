"""Which category a record falls into, as a whole number, for each dimension of a question. In: dimension and Ibis columns.

Out: expressions. A record that is in no registered category gets a number past the last place, so that it is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from gateway.questions import Catalogue, Question

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Axis:
    """One dimension of the question: its categories, and the column that gives a record's category."""

    name: str
    level: str
    categories: tuple[str, ...]
    carried_by: str
    column: str
    is_sensitive: bool
    unknown: str | None
    is_merged: bool
    bands: tuple[tuple[int, int | None], ...]
    calendar: str | None
    first_quarter: int

    @property
    def size(self) -> int:
        """Number of categories."""
        return len(self.categories)

    def place(self, records: ibis.Table, otherwise: int) -> ibis.Value:
        """The place 0..size-1 of each record; `otherwise` where it is in none."""
        import ibis

        column = records[self.column]
        if self.is_merged:
            return ibis.literal(0)
        if self.calendar == "quarter":
            return column - self.first_quarter
        if self.calendar == "year":
            return (column - 1) // 4 - (self.first_quarter - 1) // 4
        if self.bands:
            tests = [
                column >= low if high is None else column.between(low, high)
                for low, high in self.bands
            ]
            return ibis.cases(*((test, i) for i, test in enumerate(tests)), else_=otherwise)
        named = column if self.unknown is None else column.fill_null(self.unknown)
        return ibis.cases(
            *((named == c, i) for i, c in enumerate(self.categories)), else_=otherwise
        )


def axes_of(question: Question, catalogue: Catalogue, gaps: frozenset[str]) -> tuple[Axis, ...]:
    """The question's dimensions in its canonical order. `gaps` names those in which somebody is unknown.

    Without a gap in the whole vintage there is no category for the unknown: nobody could ever be in it.
    """
    axes = []
    for name, level_name in question.by.items():
        entry = catalogue.dimensions[name]
        level = entry.levels[level_name]
        unknown = entry.unknown if name in gaps else None
        categories = question.categories(name, catalogue)
        axes.append(
            Axis(
                name=name,
                level=level_name,
                categories=tuple(c for c in categories if unknown or c != entry.unknown),
                carried_by=entry.carried_by,
                column=entry.column,
                is_sensitive=entry.sensitive,
                unknown=unknown,
                is_merged=level.merged is not None,
                bands=tuple((band.low, band.high) for band in level.bands or ()),
                calendar=level.calendar,
                first_quarter=question.quarters.first if question.quarters else 0,
            )
        )
    return tuple(axes)


def code(axes: tuple[Axis, ...], records: ibis.Table) -> ibis.Value:
    """One number for the places of several axes, last axis fastest; past the last if a record is in no category."""
    import ibis

    total = cell_count(axes)
    number = ibis.literal(0).cast("int64")
    for axis in axes:
        number = number * axis.size + axis.place(records, total).cast("int64")
    return number


def cell_count(axes: tuple[Axis, ...]) -> int:
    """Number of combinations of the axes' categories."""
    return prod(axis.size for axis in axes)
