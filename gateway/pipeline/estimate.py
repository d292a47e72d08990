"""About how many cells a question will lose, told before it is asked. In: a question; out: cells and a band a measure.

Worked out from protected tables of coarser questions that the asker may put as well: the whole, and each dimension by
itself. So an estimate says no more than those answers would, and less: one of five bands. Releases nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from gateway.disclosure import Dimension, ProtectedTable, Rules
from gateway.disclosure.expected import BANDS, Losses, Margin, band_of, expected_losses
from gateway.pipeline.coarser import Tries
from gateway.questions import Question, QuestionRefused

UNKNOWN: Final = "not known"
BASIS: Final = (
    "A guess from the figures of each dimension by itself, protected under the same rules. It does not know the "
    "question's own cells, nor all that earlier questions make the gateway withhold."
)
# Families carry these; of any other, a family can be in several categories at once.
ONE_PLACE: Final = "family"


@dataclass(frozen=True)
class Estimate:
    """Cells of one measure's table, and the band of each measure's loss."""

    question: Question
    cells: int
    withheld: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with what each band means."""
        lows = (0.0, *(most for _, most in BANDS))
        bands = {
            name: f"{low:.0%} to {most:.0%} of the cells"
            for low, (name, most) in zip(lows, BANDS, strict=False)
        }
        return {
            "question": self.question.canonical(),
            "cells": self.cells,
            "withheld": dict(self.withheld),
            "bands": bands,
            "basis": BASIS,
        }


def estimated(question: Question, rules: object, tries: Tries) -> Estimate:
    """The estimate. Measures of another method than keyed noise, or with a margin that may not be asked, are not known."""
    cells = question.cell_count(tries.catalogue)
    losses = _losses(question, rules, tries) if isinstance(rules, Rules) else None
    withheld = {name: _band(name, losses, tries) for name in question.measures}
    return Estimate(question, cells, withheld)


def _losses(question: Question, rules: Rules, tries: Tries) -> Losses | None:
    whole = _counted(question, {}, tries)
    if whole is None:
        return None
    # Without a figure there are too few to count, and nothing will be shown of them.
    total = next(cell.value for cell in whole.cells if cell.measure == "families") or 0.0
    margins = [_margin(name, total, question, tries) for name in sorted(question.by)]
    known = [margin for margin in margins if margin is not None]
    if len(known) < len(margins):
        return None
    return expected_losses(total, known, rules, seed=question.digest)


def _band(name: str, losses: Losses | None, tries: Tries) -> str:
    if losses is None:
        return UNKNOWN
    measure = tries.catalogue.measures[name]
    parts = [name, *(part for part in (measure.numerator, measure.denominator) if part)]
    if any(
        tries.catalogue.measures[part].type == "magnitude"
        for part in parts
        if part in tries.catalogue.measures
    ):
        return band_of(max(losses.counts, losses.costs) if len(parts) > 1 else losses.costs)
    return band_of(losses.counts)


def _margin(name: str, total: float, question: Question, tries: Tries) -> Margin | None:
    """The families by one dimension alone."""
    table = _counted(question, {name: question.by[name]}, tries)
    if table is None:
        return None
    entry = tries.catalogue.dimensions[name]
    families = [cell for cell in table.cells if cell.measure == "families"]
    # A count is withheld where few are in the cell, and where few are outside it; a cost only where few are in it.
    paid = {
        cell.keys[name] for cell in table.cells if cell.measure == "cost" and not cell.is_withheld
    }
    dimension = Dimension(
        name,
        question.by[name],
        tuple(cell.keys[name] for cell in families),
        entry.sensitive,
        overlapping=not _has_one_place(name, question, tries),
    )
    return Margin(
        dimension,
        tuple(total if c.is_withheld and c.keys[name] in paid else c.value for c in families),
    )


def _has_one_place(name: str, question: Question, tries: Tries) -> bool:
    carried = tries.catalogue.dimensions[name].carried_by
    return carried == ONE_PLACE or (carried == "unit" and question.unit == ONE_PLACE)


def _counted(question: Question, by: dict[str, str], tries: Tries) -> ProtectedTable | None:
    """The protected families, and costs if they may be asked, by some of the dimensions; None where not even families may."""
    for measures in (["families", "cost"], ["families"]):
        body = question.canonical() | {"unit": ONE_PLACE, "measures": measures, "by": by}
        try:
            asked = Question.from_mapping(body, tries.catalogue)
        except QuestionRefused:
            continue
        if tries.is_permitted(asked):
            return tries.protect(asked)
    return None
