"""Regression and difference-in-differences of a registered design: a few coefficients that no single family decides.

In: rows of families, a registered design. Out: coefficients and standard errors (clustered by family), rounded, with keyed noise of a
fifth of the largest influence of one family; families rounded; R2 to two places. Never residuals, fitted values or a covariance.
Whatever of the data forbids it, all figures are withheld alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key, uniform
from gateway.disclosure.protected import WITHHELD, Cell
from gateway.disclosure.rules import Rules
from gateway.disclosure.threshold import Flags

from .contributions import Codes, Contributions, read
from .design import Design, Matrix, model_matrix, registered
from .figures import place_of, significant, to_place
from .guarded import Behind, Guarded, assemble
from .influence import Influence, has_full_rank, influence
from .sets import incidence, released_counts, set_keys

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

MOST_LEVERAGE = 0.1
LEAST_FREEDOM = 10
NOISE = 0.2
NOISE_LIMIT = 2.5
DIGITS, DIGITS_OF_ERROR = 3, 2
# A fit as good as this is an equation, and the residuals, all but nothing, are known too.
MOST_EXPLAINED = 0.99
PENCE = 100
Values = NDArray[np.float64]


def regress(
    frame: pl.DataFrame | pd.DataFrame,
    design: str,
    register: Mapping[str, Design],
    rules: Rules,
    key: bytes,
    *,
    family: str = "family",
) -> Guarded:
    """Least squares of the design's outcome, keys `term`, measures coefficient and standard_error (pounds where costs).

    `frame`: one row a family and whatever the design tells apart (before and after). Raises `Unprotectable` for a design that is not
    registered or is saturated (ask for a table of means), and for values that are none.
    """
    require_key(key)
    chosen = registered(design, register)
    if chosen.is_saturated:
        raise Unprotectable("design", "saturated", "its answer is a table of means: ask for that")
    rows = read(frame, family)
    y = rows.pence(chosen.outcome) / PENCE if chosen.unit == "gbp" else rows.numbers(chosen.outcome)
    matrix = model_matrix(chosen, rows)
    fitted = _fit(matrix, y, rows, rules)
    return _released(chosen, matrix, fitted, rows, rules, key)


class _Fit:
    """What leaves after rounding, and what the noise is made of."""

    def __init__(self, x: Values, y: Values, family: Codes, effect: Influence) -> None:
        import statsmodels.api as sm

        result = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": family})
        self.coefficients: Values = np.asarray(result.params, dtype=np.float64)
        self.errors: Values = np.asarray(result.bse, dtype=np.float64)
        self.explained = float(result.rsquared)
        self.largest: Values = np.abs(effect.dfbeta).max(axis=0)

    @property
    def is_sound(self) -> bool:
        """Finite, no equation in disguise, and with an influence from which the noise can be drawn."""
        figures = np.concatenate([self.coefficients, self.errors, self.largest])
        # Written so that a NaN is not sound.
        sound = bool(np.isfinite(figures).all()) and self.explained <= MOST_EXPLAINED
        return sound and bool((self.largest > 0).all()) and bool((self.errors > 0).all())


def _fit(matrix: Matrix, y: Values, rows: Contributions, rules: Rules) -> _Fit | None:
    """The fit, or None where a rule forbids it."""
    x = matrix.values
    least = max(rules.min_cell, LEAST_FREEDOM)
    if rows.families - x.shape[1] < least or not _levels_hold(matrix, y, rows, rules.min_cell):
        return None
    # As many different rows as coefficients: whatever the design says, the fit is a table of means.
    if not has_full_rank(x) or len(np.unique(x, axis=0)) <= x.shape[1]:
        return None
    effect = influence(x, y, rows.family, rows.families)
    if not effect.leverage.max() <= min(MOST_LEVERAGE, 1 / rules.min_cell) + 1e-9:
        return None
    fit = _Fit(x, y, rows.family, effect)
    return fit if fit.is_sound else None


def _levels_hold(matrix: Matrix, y: Values, rows: Contributions, min_cell: int) -> bool:
    """At least `min_cell` families in every level and interaction cell, and off the commonest value of every number."""
    for within in matrix.levels:
        if _families(rows, within) < min_cell or not _varies(y, within, rows, min_cell):
            return False
    everyone = np.ones(len(y), dtype=np.bool_)
    for term in matrix.terms[1:]:
        if term.stands_for.all() and not _varies(term.values, everyone, rows, min_cell):
            return False
    return _varies(y, everyone, rows, min_cell)


def _varies(values: Values, within: Flags, rows: Contributions, min_cell: int) -> bool:
    """Whether at least `min_cell` families have another value than the commonest; of a yes or no, as many on either side."""
    distinct, place = np.unique(values[within], return_inverse=True)
    commonest = int(np.bincount(place).argmax())
    off = within.copy()
    off[within] = place != commonest
    enough = _families(rows, off) >= min_cell
    return enough and (len(distinct) > 2 or _families(rows, within & ~off) >= min_cell)


def _families(rows: Contributions, within: Flags) -> int:
    return len(np.unique(rows.family[within]))


def _released(
    design: Design,
    matrix: Matrix,
    fit: _Fit | None,
    rows: Contributions,
    rules: Rules,
    key: bytes,
) -> Guarded:
    behind = _behind(matrix, rows)
    cells = []
    noise = _noise(design, matrix, behind, key) if fit else None
    for i, term in enumerate(matrix.terms):
        keys = {"term": term.name}
        if fit is None or noise is None:
            cells += [Cell(keys, m, None, WITHHELD) for m in ("coefficient", "standard_error")]
            continue
        # The error says how far the shown figure may be off, the noise on it included.
        error = float(np.hypot(fit.errors[i], NOISE * fit.largest[i]))
        figure = float(fit.coefficients[i] + NOISE * fit.largest[i] * noise[i])
        cells.append(Cell(keys, "coefficient", _rounded(figure, error), None))
        cells.append(Cell(keys, "standard_error", significant(error, DIGITS_OF_ERROR), None))
    about: dict[str, str | int | float | None] = {"design": design.name, "digest": design.digest}
    about |= {"families": None, "r_squared": None}
    if fit is not None:
        whole = behind.members[[0], :]
        about["families"] = int(released_counts(whole, rows.ids, rules, key)[0])
        about["r_squared"] = round(fit.explained, 2)
    return assemble(
        "regression", ("term",), cells, behind, rules, tied=[0] * len(cells), about=about
    )


def _rounded(figure: float, error: float) -> float:
    """To three significant figures, and no finer than the error is given."""
    if figure == 0:
        return 0.0
    return to_place(figure, max(place_of(figure, DIGITS), place_of(error, DIGITS_OF_ERROR)))


def _behind(matrix: Matrix, rows: Contributions) -> Behind:
    """For both figures of each term: everybody in the model, and those in the level or cell it stands for."""
    place: list[Codes] = []
    family: list[Codes] = []
    cell: list[int] = []
    for i, term in enumerate(matrix.terms):
        for figure in (2 * i, 2 * i + 1):
            for within in (np.ones(len(rows.family), dtype=np.bool_), term.stands_for):
                place.append(np.full(int(within.sum()), len(cell), dtype=np.int64))
                family.append(rows.family[within])
                cell.append(figure)
    shape = (len(cell), rows.families)
    members = incidence(np.concatenate(place), np.concatenate(family), shape)
    return Behind(rows.ids, members, np.array(cell, dtype=np.int64))


def _noise(design: Design, matrix: Matrix, behind: Behind, key: bytes) -> Values:
    """A draw from N(0, 1), clipped, for each coefficient, keyed by the set of families and the design."""
    lo, hi = set_keys(behind.members[[0], :], behind.families, key)
    head = f"regression:{design.digest}:{int(hi[0]):016x}{int(lo[0]):016x}:"
    draws = [
        NormalDist().inv_cdf(uniform(key, (head + term.name).encode())) for term in matrix.terms
    ]
    return np.array(draws, dtype=np.float64).clip(-NOISE_LIMIT, NOISE_LIMIT)
