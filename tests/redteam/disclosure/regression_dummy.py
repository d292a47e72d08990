"""The regression dummy: a regression with a variable that one family alone has gives that family's residual, hence its cost.

Source: Reznek and Riggs, "Disclosure risks in releasing output based on regression residuals" (ASA 2005); Ritchie, "Output-based
disclosure control for regressions" (UWE 2012). A leverage of 1 means that the fit goes through the point. Three ways to have such a
variable: a dummy, a rare level, a level of an interaction (a saturated corner). Background knowledge: the family's values of
everything but the cost. Ours: the guard for regressions, with the attacker's designs registered, which is more than anybody
gets. Baseline: ordinary least squares as any statistics package prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from gateway.disclosure import Dimension, Rules, Unprotectable
from gateway.disclosure.outputs.design import Design
from gateway.disclosure.outputs.regression import regress
from tests.redteam.disclosure.frames import dimension
from tests.redteam.disclosure.judge import WITHIN, Score, compare
from tests.redteam.disclosure.population import NOISE
from tests.redteam.disclosure.sums import USUAL_FACTOR

Fit = Callable[[pl.DataFrame, Design], dict[str, float]]
TARGET = "is_target"
FACTORS = ("area", "type")
PENCE = 100


def with_costs(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The frame with a cost in pence, and as it is after the families' multipliers."""
    rng = np.random.default_rng(seed)
    pence = (rng.lognormal(8.0, 1.0, frame.height) * PENCE).astype(np.int64)
    off = rng.triangular(0.10, 0.10, 0.20, frame.height) * rng.choice([-1, 1], frame.height)
    return frame.with_columns(
        cost_pence=pl.Series(pence),
        perturbed_pence=pl.Series((pence * (1 + off)).astype(np.int64)),
        weight=pl.Series(rng.normal(0, 1, frame.height)),
    )


def attack(
    fit: Fit, frame: pl.DataFrame, targets: Sequence[int], *, multiplies: bool
) -> list[float]:
    """A guess of each target's cost in pounds: the constant and its levels' coefficients with the dummy's."""
    guesses = []
    for family in targets:
        marked = frame.with_columns(
            pl.when(pl.col("family") == family)
            .then(pl.lit("1"))
            .otherwise(pl.lit("0"))
            .alias(TARGET)
        )
        told = fit(marked, design_of(multiplies))
        row = frame.row(by_predicate=pl.col("family") == family, named=True)
        terms = ["(constant)", f"{TARGET}=1", *(f"{name}={row[name]}" for name in FACTORS)]
        known = {key.replace("[", "=").rstrip("]"): value for key, value in told.items()}
        if f"{TARGET}=1" not in known:
            guesses.append(0.0)
            continue
        fitted = (
            sum(known.get(term, 0.0) for term in terms) + known.get("weight", 0.0) * row["weight"]
        )
        guesses.append(fitted / (USUAL_FACTOR if multiplies else 1.0))
    return guesses


def design_of(multiplies: bool) -> Design:
    """Cost by area, type and the dummy."""
    outcome = "perturbed_pence" if multiplies else "cost_pence"
    dummy = Dimension(TARGET, TARGET, ("0", "1"))
    return Design("dummy@1", outcome, (*(dimension(n) for n in FACTORS), dummy), ("weight",))


def ordinary(frame: pl.DataFrame, design: Design) -> dict[str, float]:
    """Ordinary least squares, every coefficient as it is."""
    names, columns = ["(constant)"], [np.ones(frame.height)]
    for factor in design.factors:
        for category in factor.categories[1:]:
            names.append(f"{factor.name}={category}")
            columns.append((frame[factor.name] == category).to_numpy().astype(float))
    for number in design.numbers:
        names.append(number)
        columns.append(frame[number].to_numpy())
    y = frame[design.outcome].to_numpy() / PENCE
    found, *_ = np.linalg.lstsq(np.column_stack(columns), y, rcond=None)
    return dict(zip(names, found.tolist(), strict=True))


def guarded(frame: pl.DataFrame, design: Design) -> dict[str, float]:
    """What our guard lets out of the same regression."""
    try:
        found = regress(frame, design.name, {design.name: design}, Rules(), NOISE)
    except Unprotectable:
        return {}
    return {
        str(c.keys["term"]): float(c.value)
        for c in found.cells
        if c.measure == "coefficient" and c.value is not None
    }


def judged(frame: pl.DataFrame, targets: Sequence[int], guesses: Sequence[float]) -> Score:
    """Costs within 10 %, beside the mean of the family's area and type."""
    hits, honest = [], []
    means = frame.group_by(FACTORS).agg(pl.col("cost_pence").mean().alias("mean"))
    joined = frame.join(means, on=FACTORS)
    for family, guess in zip(targets, guesses, strict=True):
        row = joined.row(by_predicate=pl.col("family") == family, named=True)
        true = row["cost_pence"] / PENCE
        hits.append(abs(guess - true) <= WITHIN * true)
        honest.append(abs(row["mean"] / PENCE - true) <= WITHIN * true)
    return compare("cost", hits, honest)


METHODS: dict[str, tuple[Fit, bool]] = {
    "ours": (guarded, True),
    "threshold only": (ordinary, False),
}
