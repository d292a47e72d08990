"""Likely pairs: the few scored pairs that a run looks at again once its persons are known.

Goes in: scored profile pairs in the engine. Come out: entry pairs with the level each field reached,
and a histogram of all pairs. Both live as long as the run; no token is among them.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

# A pair less probable than this is hardly ever a match; what such pairs add up to is in the
# histogram, but nobody looks at them again.
LIKELY_FROM = 0.01
BINS_PER_BIT = 2
LEVEL = "level_"
_SIDED = re.compile(r"\b(\w+)_[lr]\b")
_ENDS: dict[str, pl.DataType] = {"entry_l": pl.UInt32(), "entry_r": pl.UInt32()}
_SCORES: dict[str, pl.DataType] = {
    "match_weight": pl.Float64(),
    "match_probability": pl.Float64(),
}


def likely_query(predictions: str, profiles: str, comparisons: Iterable[Mapping[str, Any]]) -> str:
    """The likely profile pairs: ends, scores, and for each comparison `level_<field>`.

    Levels are numbered from 0 for the best; a field that is silent has -1. Splink keeps them only
    together with the tokens compared, so they are worked out again for the few likely pairs.
    """
    given = list(comparisons)
    levels = "".join(f", {_level(each)} AS {LEVEL}{each['output_column_name']}" for each in given)
    return f"""SELECT least(entry_l, entry_r) AS entry_l, greatest(entry_l, entry_r) AS entry_r,
               match_weight, match_probability{levels}
        FROM (SELECT {_sides(given)}, p.match_weight, p.match_probability
              FROM {predictions} AS p
              JOIN {profiles} AS l ON l.unique_id = p.unique_id_l
              JOIN {profiles} AS r ON r.unique_id = p.unique_id_r
              WHERE p.match_probability >= {LIKELY_FROM}) AS likely"""


def _sides(comparisons: Iterable[Mapping[str, Any]]) -> str:
    """The columns that conditions speak of, from both profiles."""
    said = " ".join(
        level["sql_condition"] for each in comparisons for level in each["comparison_levels"]
    )
    columns = sorted({"entry", *_SIDED.findall(said)})
    return ", ".join(f"{side}.{name} AS {name}_{side}" for name in columns for side in "lr")


def _level(comparison: Mapping[str, Any]) -> str:
    """Which level a pair reaches: the first whose condition holds."""
    silent, *graded, _ = comparison["comparison_levels"]
    told = [(silent, -1), *((level, place) for place, level in enumerate(graded))]
    cases = " ".join(f"WHEN {level['sql_condition']} THEN {place}" for level, place in told)
    return f"CASE {cases} ELSE {len(graded)} END"


def histogram_query(pairs: str) -> str:
    """Pairs and expected matches in each half bit of match weight."""
    return f"""SELECT CAST(floor(match_weight * {BINS_PER_BIT}) AS INTEGER) AS bin,
               count(*) AS pairs, sum(match_probability) AS expected
        FROM {pairs} GROUP BY 1 ORDER BY 1"""


def best_profiles(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for an entry pair, that of its best profiles, in an order that repeats itself."""
    levels = sorted(column for column in rows.columns if column.startswith(LEVEL))
    typed = rows.with_columns(
        *(pl.col(name).cast(kind) for name, kind in {**_ENDS, **_SCORES}.items()),
        *(pl.col(name).cast(pl.Int8) for name in levels),
    )
    best = typed.sort(
        ["match_weight", *levels], descending=[True, *(False for _ in levels)]
    ).unique([*_ENDS], keep="first", maintain_order=True)
    return best.sort([*_ENDS])


def no_likely_pairs() -> pl.DataFrame:
    """For a run in which nothing is compared."""
    return pl.DataFrame(schema={**_ENDS, **_SCORES})


def no_histogram() -> pl.DataFrame:
    """For a run in which nothing is compared."""
    return pl.DataFrame(schema={"bin": pl.Int32, "pairs": pl.Int64, "expected": pl.Float64})
