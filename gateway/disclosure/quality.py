"""How good a released figure is: its expected relative error in three bands, as census bureaus print it.

In: released figures, the rules, and the families behind a cost. Out: "high", "medium" or "low" for each cell. Worked out
from the rules and released figures alone; of a cost's true make-up it knows only a count of families with noise of its
own, so that no band tells who pays how much (bands: US Census Bureau, County Business Patterns, noise flags G, H, S).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from .ezs import LEAST, MOST
from .noise import uniform
from .rounding import round_to
from .rules import Rules
from .tables import Count, ExactTable, Magnitude, Quotient
from .threshold import inner

Quality = Literal["high", "medium", "low"]
Floats = NDArray[np.float64]
Figures = Mapping[str, NDArray[np.int64] | NDArray[np.float64]]

# Expected relative error below which a figure is of that quality; any other is low.
HIGH, MEDIUM = 0.02, 0.05
QUALITIES: Final[Mapping[Quality, str]] = {
    "high": "Expected error under 2 %.",
    "medium": "Expected error 2 to 5 %.",
    "low": "Expected error 5 % or more: a rough figure.",
}
# Families' costs are taken to differ as much as this; the true spread would tell of the largest family.
ASSUMED_SPREAD: Final = 1.5
# The families behind a cost are told to nobody, so the band sees them through more noise than any count has.
COARSER: Final = 2
PENCE: Final = 100
_NORMAL: Final = NormalDist()


def quality_of(relative_error: float) -> Quality:
    """The band of an expected relative error (a share of the figure)."""
    if relative_error < HIGH:
        return "high"
    return "medium" if relative_error < MEDIUM else "low"


def count_error(rules: Rules) -> float:
    """Root of the mean squared error of a released count, in families or people: clipped noise and rounding."""
    limit = rules.noise_limit / rules.noise_sd
    within = 2 * _NORMAL.cdf(limit) - 1 - 2 * limit * _NORMAL.pdf(limit)
    clipped = rules.noise_sd**2 * within + 2 * rules.noise_limit**2 * (1 - _NORMAL.cdf(limit))
    return sqrt(clipped + rules.rounding**2 / 12)


def multiplier_error() -> float:
    """Root mean square of t, by which a multiplier 1 +- t misses 1; t is triangular on [LEAST, MOST], peak at LEAST."""
    width = MOST - LEAST
    return sqrt((LEAST + width / 3) ** 2 + width**2 / 18)


def grade_cells(
    exact: ExactTable, figures: Figures, rules: Rules, key: bytes
) -> dict[str, list[Quality]]:
    """Quality of every inner cell of the measures asked, in C order; `figures`: what is released of each measure.

    A cell that is withheld gets a band too, which the caller leaves out.
    """
    return {
        name: [quality_of(error) for error in _errors(name, exact, figures, rules, key).flat]
        for name in exact.asked
    }


def _errors(name: str, exact: ExactTable, figures: Figures, rules: Rules, key: bytes) -> Floats:
    """Expected relative error of each inner cell."""
    measure = exact.measures[name]
    match measure:
        case Count():
            return _relative(np.full(exact.shape, count_error(rules)), figures[name])
        case Magnitude():
            return _cost_errors(measure, figures[name], rules, key)
        case Quotient():
            parts = (measure.numerator, measure.denominator)
            top, bottom = (_errors(part, exact, figures, rules, key) for part in parts)
            return np.hypot(top, bottom)


def _cost_errors(
    cost: Magnitude, pounds: NDArray[np.int64] | NDArray[np.float64], rules: Rules, key: bytes
) -> Floats:
    """Multipliers of independent sign and rounding; balanced signs make the true error smaller."""
    families = _blurred(cost, rules, key)
    spread = multiplier_error() * np.sqrt((1 + ASSUMED_SPREAD**2) / families)
    rounding = np.full(pounds.shape, rules.cost_rounding_gbp / sqrt(12))
    return np.hypot(spread, _relative(rounding, pounds))


def _blurred(cost: Magnitude, rules: Rules, key: bytes) -> NDArray[np.int64]:
    """The families behind each cost, with noise keyed by the cost itself: the same set, asked in any way, draws the same."""
    counts = cost.families[inner(cost.families.ndim)]
    pairs = zip(cost.pence.ravel().tolist(), counts.ravel().tolist(), strict=True)
    draws = [_NORMAL.inv_cdf(uniform(key, b"quality:%d:%d" % pair)) for pair in pairs]
    noise = np.array(draws, dtype=np.float64).reshape(counts.shape) * COARSER * rules.noise_sd
    limit = COARSER * rules.noise_limit
    blurred = round_to(counts + noise.clip(-limit, limit), COARSER * rules.rounding)
    return np.maximum(blurred, rules.min_cell)


def _relative(error: Floats, figures: NDArray[np.int64] | NDArray[np.float64]) -> Floats:
    result = np.full(error.shape, np.inf)
    np.divide(error, np.abs(figures), out=result, where=figures != 0)
    return result
