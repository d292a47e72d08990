"""How good a guess is, and how good chance would have been with the same names.

In: guesses and the truth, row by row. Out: a `Score`. Chance is the same guesses dealt out anew among the values that
they were made for, so that what is frequent stays frequent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

DEALS = 50
SEED = 20261122


@dataclass(frozen=True)
class Score:
    """Shares of rows whose name was guessed, and what dealing the names anew gives: mean and standard deviation."""

    attack: str
    rows: int
    hits: float
    chance: float
    deviation: float

    @property
    def is_chance(self) -> bool:
        """Within six deviations of chance and three rows in a thousand."""
        return self.hits <= self.chance + 6 * self.deviation + 0.003


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
    return Score(
        attack, len(known), float(hits), float(np.mean(by_chance)), float(np.std(by_chance))
    )
