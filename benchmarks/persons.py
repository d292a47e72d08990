"""Synthetic persons on two agencies' lists, in memory, at any size: who they are, and how they are written down.

In: how many records, and a seed. Out: two frames of identifiers with the true person of each row. Households share an
address and mostly a surname; names are as unequal as real ones are; the second list misspells, swaps, omits and lags.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.spells import _homes, _names

SEED = 20261122
SURNAMES, FORENAMES = 40_000, 8_000
PEOPLE_PER_HOME = 2.4
# Shares of the second list: of its persons, those on the first as well; of its cells, those that differ.
KNOWN_TO_BOTH = 0.8
OTHER_SURNAME_AT_HOME, RENAMED, MOVED = 0.25, 0.02, 0.08
MISTYPED_NAME, MISTYPED_POSTCODE, WRONG_DAY, DAY_AND_MONTH_SWAPPED = 0.03, 0.02, 0.01, 0.01
OMITTED = 0.02
# Zipf and Mandelbrot: the first of 40,000 surnames has about 1 % of the people, the first of 8,000 forenames 3 %.
_FLATTENED = {SURNAMES: 10, FORENAMES: 3}
Numbers = NDArray[np.int64]


def two_lists(records: int, seed: int = SEED) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two lists of half the records each: `row`, `seen_on`, `person` and identifiers.

    Each list has an id of its own for each person and nobody twice.
    """
    rng = np.random.default_rng(seed)
    each = records // 2
    both = int(each * KNOWN_TO_BOTH)
    people = _people(rng, 2 * each - both)
    one = people.head(each).sample(fraction=1.0, shuffle=True, seed=seed)
    other = pl.concat([people.head(both), people.tail(each - both)])
    other = _written_anew(other.sample(fraction=1.0, shuffle=True, seed=seed + 1), rng)
    return _listed(one, "2024-03-01"), _listed(other, "2025-01-15")


def _listed(people: pl.DataFrame, day: str) -> pl.DataFrame:
    return people.with_row_index("row", 1).with_columns(
        agency_id=pl.col("row").cast(pl.String), seen_on=pl.lit(day).str.to_date()
    )


def _people(rng: np.random.Generator, count: int) -> pl.DataFrame:
    homes = _homes(rng, max(1, int(count / PEOPLE_PER_HOME)))
    surnames = pl.Series(_names(rng, SURNAMES, 3))
    home = rng.integers(0, len(homes), count)
    of_home = _unequal(rng, SURNAMES, len(homes))[home]
    own = np.where(
        rng.random(count) < OTHER_SURNAME_AT_HOME, _unequal(rng, SURNAMES, count), of_home
    )
    born = np.datetime64("1940-01-01") + rng.integers(0, 80 * 365, count)
    return pl.DataFrame(
        {
            "person": np.arange(count),
            "forename": pl.Series(_names(rng, FORENAMES, 2)).gather(
                _unequal(rng, FORENAMES, count)
            ),
            "surname": surnames.gather(own),
            "date_of_birth": born,
            "sex": pl.Series(["F", "M"]).gather(rng.integers(0, 2, count)),
            "address": homes["address"].gather(home),
            "postcode": homes["postcode"].gather(home),
        }
    ).with_columns(pl.col("date_of_birth").cast(pl.Date))


def _unequal(rng: np.random.Generator, pool: int, count: int) -> Numbers:
    share = 1 / (np.arange(pool) + 1 + _FLATTENED[pool])
    return np.searchsorted(np.cumsum(share / share.sum()), rng.random(count))


def _written_anew(people: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The same people as a second agency writes them."""
    count = people.height

    def some(share: float) -> pl.Series:
        return pl.Series(rng.random(count) < share)

    elsewhere = pl.Series(
        np.where(rng.random(count) < MOVED, rng.permutation(count), np.arange(count))
    )
    renamed = pl.Series(
        np.where(rng.random(count) < RENAMED, rng.permutation(count), np.arange(count))
    )
    changed = people.with_columns(
        pl.col("address", "postcode").gather(elsewhere), pl.col("surname").gather(renamed)
    )
    place = pl.Series(rng.integers(0, 2**31, count))
    return changed.with_columns(
        *(_without_a_letter(name, place, some(MISTYPED_NAME)) for name in ("forename", "surname")),
        _transposed("postcode", place, some(MISTYPED_POSTCODE)),
        _birth_date(rng, count, some),
    ).with_columns(
        pl.when(~some(OMITTED)).then(pl.col(name)).alias(name)
        for name in ("forename", "date_of_birth", "postcode", "address", "sex")
    )


def _without_a_letter(name: str, place: pl.Series, where: pl.Series) -> pl.Expr:
    value, at = pl.col(name), pl.lit(place) % pl.col(name).str.len_chars()
    shorter = value.str.slice(0, at) + value.str.slice(at + 1)
    return pl.when(where & (value.str.len_chars() > 2)).then(shorter).otherwise(value).alias(name)


def _transposed(name: str, place: pl.Series, where: pl.Series) -> pl.Expr:
    value, at = pl.col(name), pl.lit(place) % (pl.col(name).str.len_chars() - 1)
    swapped = (
        value.str.slice(0, at)
        + value.str.slice(at + 1, 1)
        + value.str.slice(at, 1)
        + value.str.slice(at + 2)
    )
    return pl.when(where).then(swapped).otherwise(value).alias(name)


def _birth_date(rng: np.random.Generator, count: int, some) -> pl.Expr:  # type: ignore[no-untyped-def]
    born = pl.col("date_of_birth")
    another = pl.date(born.dt.year(), born.dt.month(), pl.Series(rng.integers(1, 29, count)))
    swapped = pl.date(born.dt.year(), born.dt.day(), born.dt.month())
    return (
        pl.when(some(WRONG_DAY))
        .then(another)
        .when(some(DAY_AND_MONTH_SWAPPED) & (born.dt.day() <= 12))
        .then(swapped)
        .otherwise(born)
        .alias("date_of_birth")
    )
