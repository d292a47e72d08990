"""The early help programme: who accepted, declined or stands for comparison, and from which day.

In: a `CountyConfig` and the families. Out: one row per family (arm, start day). The effect itself is in the config:
of an accepted family's later service events each one stays with probability `effect`, so that it is known exactly.
Tenancies and the programme's own cost are not touched by it. Events before a start lie denser in every arm (what led to
the referral), so a fall after it is real only against the comparison arm.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from agencies.county.chance import deal
from agencies.county.config import CountyConfig
from agencies.county.homes import NEVER
from agencies.county.population import strata

ARMS: tuple[str, ...] = ("accepted", "declined", "comparison", "none")


def make_programme(config: CountyConfig, families: pl.DataFrame) -> pl.DataFrame:
    """family, arm, start (day of the period; NEVER without an arm). Starts are staggered by quarter."""
    rng = config.rng("programme")
    arm = np.full(families.height, len(ARMS) - 1)
    plan = config.programme
    for group, where in strata(families):
        if group != "low":
            level = 0 if group == "complex" else 1
            shares = [plan.accepted[level], plan.declined[level], plan.comparison[level]]
            arm[where] = deal(rng, len(where), [*shares, 1 - sum(shares)])
    first = (plan.first_start - config.first_day).days
    quarter = rng.integers(0, plan.quarters, families.height)
    start = first + np.round(quarter * 365.25 / 4).astype(np.int64) + rng.integers(0, 14, len(arm))
    start = np.where(arm < len(ARMS) - 1, start, NEVER)
    return pl.DataFrame(
        {
            "family": np.arange(families.height),
            "arm": np.array(ARMS, dtype=object)[arm].tolist(),
            "start": start,
        }
    )
