"""What others do, on the same vintage and the same questions: an attack that works against none of them is a bad test.

Threshold only (under ten families withheld, else exact); rounding to 5 (£500) only; cell keys as in the census of 2021; noise
drawn anew for each answer. In: a question. Out: cells. Costs are the true ones: none of these methods multiplies them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import numpy as np
import polars as pl
import pyarrow as pa

from gateway.disclosure import Count, ExactTable, Magnitude, Quotient
from gateway.disclosure.threshold import inner
from gateway.evaluation import exact_table
from gateway.questions import Question
from tests.redteam.disclosure.asker import Body, Cell, Method
from tests.redteam.disclosure.cell_key import LARGEST, perturb_counts
from tests.redteam.disclosure.population import as_arrow

THRESHOLD, BASE, POUNDS = 10, 5, 500
PENCE = 100
Grid = np.ndarray
# Figures and which of them are shown.
Shown = tuple[Grid, Grid]
Protect = Callable[[Count | Magnitude], Shown]


def threshold_only(measure: Count | Magnitude) -> Shown:
    """Exact where ten families or more are behind it."""
    return figure_of(measure), behind(measure) >= THRESHOLD


def rounding_only(measure: Count | Magnitude) -> Shown:
    """Every figure, to the nearest 5 or £500."""
    base = BASE if isinstance(measure, Count) else POUNDS
    return np.floor(figure_of(measure) / base + 0.5) * base, behind(measure) >= 0


def cell_key(measure: Count | Magnitude) -> Shown:
    """Counts with small noise by the key of the cell; a magnitude has no such method and is not answered."""
    if isinstance(measure, Magnitude):
        return figure_of(measure), behind(measure) < 0
    return perturb_counts(measure.figure, measure.key_lo).astype(float), behind(measure) >= 0


def drawn_anew(rng: np.random.Generator) -> Protect:
    """Ours without a key: threshold, noise N(0, 2) (costs: 10 %) for each answer, rounding."""

    def protect(measure: Count | Magnitude) -> Shown:
        figures = figure_of(measure)
        if isinstance(measure, Count):
            noisy, base = figures + rng.normal(0, 2, figures.shape).clip(-5, 5), BASE
        else:
            noisy, base = figures * (1 + rng.normal(0, 0.1, figures.shape)), POUNDS
        return np.floor(noisy / base + 0.5) * base, behind(measure) >= THRESHOLD

    return protect


METHODS: Mapping[str, Method] = {
    "threshold only": Method(
        "threshold only", 0.0, 0.0, 0.005, multiplies=False, least=10, withheld_below=10
    ),
    "rounding to 5": Method("rounding to 5", 2.5, 1.44, 250.0, multiplies=False, least=0),
    "cell key": Method("cell key", LARGEST, 1.0, 0.0, multiplies=False, least=0, has_costs=False),
    "drawn anew": Method(
        "drawn anew", 7.5, 2.47, 250.0, multiplies=False, least=10, withheld_below=10
    ),
}


def baseline(name: str, vintage: Mapping[str, pl.DataFrame], seed: int = 0) -> Baseline:
    """An asker by that method over the tables of a vintage."""
    protect = {
        "threshold only": threshold_only,
        "rounding to 5": rounding_only,
        "cell key": cell_key,
        "drawn anew": drawn_anew(np.random.default_rng(seed)),
    }[name]
    return Baseline(with_true_costs(vintage), METHODS[name], protect)


class Baseline:
    """Answers by exact tables and one function that protects a measure."""

    def __init__(self, vintage: Mapping[str, pa.Table], method: Method, protect: Protect) -> None:
        self.method = method
        self._vintage, self._protect = vintage, protect

    def ask(self, question: Body, who: int = 0) -> list[Cell]:
        """The cells; the purpose makes no difference to any of these methods."""
        asked = Question.from_mapping(question)
        return release(exact_table(self._vintage, asked), self._protect)


def release(exact: ExactTable, protect: Protect) -> list[Cell]:
    """The cells of an exact table, measure by measure."""
    parts = {
        name: protect(each)
        for name, each in exact.measures.items()
        if not isinstance(each, Quotient)
    }
    places = [
        dict(zip((d.name for d in exact.dimensions), chosen, strict=True))
        for chosen in product(*(d.categories for d in exact.dimensions))
    ]
    cells = []
    for name in exact.asked:
        figures, shown = _of(exact, parts, name)
        for place, figure, is_shown in zip(places, figures.ravel(), shown.ravel(), strict=True):
            value = float(figure) if is_shown else None
            cells.append(Cell(place, name, value, None if is_shown else "[c]"))
    return cells


def _of(exact: ExactTable, parts: Mapping[str, Shown], name: str) -> Shown:
    measure = exact.measures[name]
    if not isinstance(measure, Quotient):
        return parts[name]
    # The usual mistake: a rate of exact figures, shown wherever there is something to divide by.
    top, bottom = exact.measures[measure.numerator], exact.measures[measure.denominator]
    figures, (_, shown) = figure_of(bottom), parts[measure.denominator]
    share = np.divide(figure_of(top), figures, out=np.zeros(figures.shape), where=figures > 0)
    shown_too = parts[measure.numerator][1] | (measure.unit == "share")
    return np.round(share, 3 if measure.unit == "share" else 0), shown & shown_too & (figures > 0)


def figure_of(measure: object) -> Grid:
    """Families, people, or pounds."""
    if isinstance(measure, Count):
        return measure.figure.astype(float)
    if isinstance(measure, Magnitude):
        return measure.pence / PENCE
    raise TypeError("a count or a magnitude")


def behind(measure: Count | Magnitude) -> Grid:
    """Families behind each inner cell."""
    return measure.families[inner(measure.families.ndim)]


def with_true_costs(vintage: Mapping[str, pl.DataFrame]) -> dict[str, pa.Table]:
    """The tables with every cost as it was: for methods that leave it so, and for the judge."""
    events = vintage["events"].with_columns(perturbed_pence=pl.col("cost_pence"))
    return as_arrow({**vintage, "events": events})
