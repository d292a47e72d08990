"""Which other releases a release has to be read with: those of the same vintage that look at the same families.

In: questions. Out: for each near one what it shares, in what it differs, and how many cells of the reviewed table look at
families and times that it looks at too. Questions only: no figure of either table is needed, and none is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gateway.questions import Catalogue, Question, QuestionRefused
from gateway.store.releases import Release

MOST_SHOWN: Final = 10
Cells = Sequence[Mapping[str, str]]


def nearest_relatives(
    question: Question, cells: Cells, others: Iterable[Release], catalogue: Catalogue
) -> list[dict[str, Any]]:
    """The relatives, nearest first: those that differ in least, then overlap in most cells, then latest. At most ten.

    `cells`: the keys of every cell of one measure of the reviewed table. A question that was asked again is told once,
    with its latest number and how many `times` it was released.
    """
    found: dict[str, dict[str, Any]] = {}
    for other in sorted(others, key=lambda each: -each.number):
        asked = read_question(other.question, catalogue)
        if asked is not None and asked.digest in found:
            found[asked.digest]["times"] += 1
        elif asked is not None and (told := _relative(question, cells, asked, catalogue)):
            latest = {"number": other.number, "released_at": other.released_at, "times": 1}
            found[asked.digest] = {**latest, "purpose": other.purpose, **told}
    nearest = sorted(
        found.values(),
        key=lambda told: (len(told["differs"]), -told["overlapping_cells"], -told["number"]),
    )
    return nearest[:MOST_SHOWN]


def read_question(body: Mapping[str, Any], catalogue: Catalogue) -> Question | None:
    """A released question; None where the catalogue of today has no such question any more."""
    try:
        return Question.from_mapping(body, catalogue)
    except QuestionRefused:
        return None


def _relative(
    question: Question, cells: Cells, asked: Question, catalogue: Catalogue
) -> dict[str, Any] | None:
    shared = sorted(set(question.by) & set(asked.by))
    overlapping = overlapping_cells(question, cells, asked, catalogue)
    if not overlapping or not (shared or asked.cohort == question.cohort):
        return None
    return {
        "question": asked.canonical(),
        "shares": shared,
        "differs": _differences(question, asked),
        "overlapping_cells": overlapping,
        "cells": len(cells),
    }


def _differences(one: Question, other: Question) -> list[str]:
    """The parts of a question in which two differ, the dimensions by name."""
    ours, theirs = one.canonical(), other.canonical()
    parts = ("cohort", "unit", "measures", "period", "where")
    named = [name for name in parts if ours.get(name) != theirs.get(name)]
    return [*named, *sorted(dict(set(one.by.items()) ^ set(other.by.items())))]


def overlapping_cells(
    question: Question, cells: Cells, other: Question, catalogue: Catalogue
) -> int:
    """How many of the cells have a time and an agency that some cell of `other` looks at too.

    Families can be in common wherever those are: of any other dimension, a table has every category.
    """
    agencies = _agencies(question, catalogue) & _agencies(other, catalogue)
    if not agencies or not _quarters(question) & _quarters(other):
        return 0
    return sum(
        all(_is_looked_at(name, keys[name], question, other, catalogue) for name in question.by)
        for keys in cells
    )


def _is_looked_at(
    name: str, category: str, question: Question, other: Question, catalogue: Catalogue
) -> bool:
    calendar = catalogue.dimensions[name].levels[question.by[name]].calendar
    if calendar is not None:
        return bool(_quarters_of(category) & _quarters(other))
    return name != "agency" or category in _agencies(other, catalogue)


def _agencies(question: Question, catalogue: Catalogue) -> frozenset[str]:
    return frozenset(question.where.get("agency", catalogue.agencies))


def _quarters(question: Question) -> frozenset[int]:
    """Quarter numbers of the period; a question without one looks at every quarter there can be."""
    period = question.quarters
    return frozenset(range(period.first, period.last + 1) if period else range(1900 * 4, 2100 * 4))


def _quarters_of(label: str) -> frozenset[int]:
    """Quarter numbers of "2024-Q2" or of the financial year "2024/25"."""
    year = int(label[:4])
    if "-Q" in label:
        return frozenset({year * 4 + int(label[-1]) - 1})
    return frozenset(range(year * 4 + 1, year * 4 + 5))
