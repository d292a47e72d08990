"""How good a guess is, and how good chance would have been with the same names.

In: guesses and the truth, row by row. Out: a `Score`. Chance is what anybody has without looking: to call everybody by the
commonest name, or to deal the same guesses out anew among the values that they were made for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

DEALS = 50
SEED = 20261122
# Three rows in a thousand.
SLACK = 0.003


@dataclass(frozen=True)
class Score:
    """Shares of rows whose name was guessed: by the attack, by dealing anew (mean, deviation), by the commonest name."""

    attack: str
    rows: int
    hits: float
    chance: float
    deviation: float
    commonest: float

    @property
    def is_chance(self) -> bool:
        """No better than the commonest name, or within six deviations of names dealt anew."""
        return self.hits <= max(self.commonest, self.chance + 6 * self.deviation) + SLACK


def score(attack: str, values: pl.Series, guesses: dict[object, str], truth: pl.Series) -> Score:
    """`values` are what guesses were made for, `truth` the names of the same rows, null where there is none."""
    known = pl.DataFrame({"value": values, "truth": truth}).drop_nulls()
    keys = list(guesses)
    numbers = pl.Series(range(len(keys)), dtype=pl.Int64)
    of_value = known["value"].replace_strict(
        pl.Series(keys, dtype=values.dtype), numbers, default=None
    )
    kept = of_value.is_not_null()
    asked, names = of_value.filter(kept).to_numpy(), known["truth"].filter(kept).to_numpy()
    dealt = np.array([guesses[key] for key in keys], dtype=object)
    rng = np.random.default_rng(SEED)
    total = max(len(known), 1)
    by_chance = [(rng.permutation(dealt)[asked] == names).sum() / total for _ in range(DEALS)]
    hits = (dealt[asked] == names).sum() / total if len(asked) else 0.0
    commonest = known["truth"].value_counts()["count"].to_list()
    return Score(
        *(attack, len(known), float(hits), float(np.mean(by_chance)), float(np.std(by_chance))),
        commonest=max(commonest, default=0) / total,
    )
