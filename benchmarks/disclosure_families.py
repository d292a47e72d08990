"""Synthetic families for the benchmarks of disclosure control: what they are, what they cost before and after, all by a seed.

In: how many and a seed. Out: a frame with a row for each family and agency, before and after, costs perturbed. Not a county: the
columns are drawn independently of one another, so that no cell is empty by construction.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from gateway.disclosure import Dimension, draw_multipliers, perturb

KEY = b"a key for benchmarks and tests .."
# Family types as the evaluation of Leicestershire's programme published them (they sum to 101), districts by population.
TYPES = {"young": 0.18, "disengaged": 0.09, "typical": 0.41, "isolated": 0.33}
DISTRICTS = {
    **{"blaby": 0.145, "charnwood": 0.255, "harborough": 0.13, "hinckley_bosworth": 0.16},
    **{"melton": 0.08, "north_west": 0.14, "oadby_wigston": 0.09},
}
CHILDREN = {"none": 0.30, "one or two": 0.43, "more": 0.27}
LONE_PARENT = {"yes": 0.59, "no": 0.41}
WORKING = {"yes": 0.30, "no": 0.70}
ISSUES = {"2-4": 0.40, "5-6": 0.30, "7-9": 0.20, "10+": 0.10}
SUBSTANCES = {"yes": 0.39, "no": 0.61}
ARM = {"programme": 0.30, "comparison": 0.30, "neither": 0.40}
COLUMNS = {
    **{"type": TYPES, "district": DISTRICTS, "children": CHILDREN, "lone_parent": LONE_PARENT},
    **{"working": WORKING, "issues": ISSUES, "substances": SUBSTANCES, "arm": ARM},
}
# What tells something of each family of a cell that all are in.
SENSITIVE = ("lone_parent", "working", "issues", "substances")
AGENCIES = {"council": (0.45, 900), "dwp": (0.5, 1500), "health": (0.6, 250), "police": (0.35, 400)}
PERIODS = ("before", "after")
# Costs of one family at one agency differ by this lognormal spread; from before to after they change by another.
SPREAD = 0.9
LARGE_CHANGE, SMALL_CHANGE = 0.5, 0.25


def make_families(families: int, seed: int) -> pl.DataFrame:
    """`family` and the columns of `COLUMNS`: a row for each family."""
    rng = np.random.default_rng(seed)
    drawn = {name: _drawn(rng, shares, families) for name, shares in COLUMNS.items()}
    return pl.DataFrame({"family": np.arange(families), **drawn})


def make_costs(
    listed: pl.DataFrame,
    seed: int,
    design: Sequence[str] = ("type", "district"),
    change: float = LARGE_CHANGE,
) -> pl.DataFrame:
    """The families' costs: a row for each family, agency and period that has one, with `cost_pence` and `perturbed_pence`.

    `design`: columns within which the signs of the perturbation are balanced. `change`: lognormal spread of a family's
    costs at an agency from before to after.
    """
    rng = np.random.default_rng((seed, 1))
    need = rng.gamma(4.0, 0.25, listed.height)
    met = rng.random((listed.height, len(AGENCIES))) < [share for share, _ in AGENCIES.values()]
    # Nobody is in the data whom no agency knows.
    met[~met.any(axis=1), rng.integers(len(AGENCIES))] = True
    parts = []
    for column, (agency, (_, pounds)) in enumerate(AGENCIES.items()):
        level = pounds * 10 * need * rng.lognormal(0, SPREAD, listed.height)
        for period, factor in zip(PERIODS, (1.0, 0.85), strict=True):
            pence = 100 * factor * level * rng.lognormal(0, change, listed.height)
            parts.append(
                listed.with_columns(
                    agency=pl.lit(agency),
                    period=pl.lit(period),
                    cost_pence=pl.Series(pence.astype(np.int64) + 1),
                ).filter(pl.Series(met[:, column]))
            )
    costs = pl.concat(parts)
    sums = {name: pl.col("cost_pence").filter(pl.col("period") == name).sum() for name in PERIODS}
    sizes = costs.group_by("family").agg(size=pl.col("cost_pence").sum(), **sums)
    sized = listed.join(sizes, on="family", how="left").fill_null(0)
    drawn = draw_multipliers(
        sized, list(AGENCIES), KEY, design=list(design), size="size", parts=PERIODS
    )
    return perturb(costs, drawn)


def dimension(name: str) -> Dimension:
    """A column as a dimension with every category that there is."""
    if name == "period":
        return Dimension(name, name, PERIODS, overlapping=True)
    return Dimension(name, name, tuple(COLUMNS[name]), sensitive=name in SENSITIVE)


def _drawn(rng: np.random.Generator, shares: dict[str, float], size: int) -> np.ndarray:
    weights = np.array(list(shares.values()))
    return rng.choice(list(shares), size, p=weights / weights.sum())
