"""One frame for each kind of output, and how it is asked: every category has families enough, so that all of it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from gateway.disclosure import Dimension, Rules, Unprotectable
from gateway.disclosure import outputs as guard
from gateway.disclosure.outputs import Design, Guarded, Hierarchy

KEY = b"a key that is at least 32 bytes ."
RULES = Rules()
MANY = 200
DISTRICT = Dimension("district", "district", ("north", "south"))
AGENCY = Dimension("agency", "agency", ("health", "housing", "police"), overlapping=True)
PERIOD = Dimension("period", "period", ("before", "after"))
STATE = Dimension("state", "state", ("stuck", "moving", "independent"))
TYPE = Dimension("type", "type", ("young", "isolated", "early"))
ARM = Dimension("arm", "arm", ("comparison", "accepted"))
AREAS = Hierarchy({"north": ("n1", "n2", "n3"), "south": ("s1", "s2")})
BANDED = Design("cost@1", "perturbed_pence", (DISTRICT, ARM), ("issues",))
DUMMY = Design("one@1", "perturbed_pence", (DISTRICT,), ("issues", "is_that_family"))
TWICE = Design("twice@1", "perturbed_pence", (DISTRICT,), ("issues", "twice_issues"))
CELLS = Design("cells@1", "perturbed_pence", (DISTRICT, ARM), (), (("district", "arm"),))
REGISTER = {each.name: each for each in (BANDED, DUMMY, TWICE, CELLS)}


def families(many: int = MANY) -> pl.DataFrame:
    """One row a family, evenly over every category."""
    rng = np.random.default_rng(7)
    place = np.arange(many)
    return pl.DataFrame(
        {
            "family": place,
            "person": place * 10,
            "district": np.where(place % 2, "north", "south"),
            "arm": np.where(place // 2 % 2, "accepted", "comparison"),
            "type": np.array(TYPE.categories)[place % 3],
            "area": np.array(AREAS.listed)[place % 5],
            "has_debt": place % 4 == 0,
            "perturbed_pence": rng.lognormal(12, 0.8, many).astype(np.int64),
            "issues": rng.integers(1, 9, many),
            "is_that_family": (place == 0).astype(np.int64),
            "time": rng.exponential(6, many),
            "event": rng.random(many) < 0.7,
        }
    ).with_columns(twice_issues=pl.col("issues") * 2)


def both_periods(frame: pl.DataFrame) -> pl.DataFrame:
    after = frame.with_columns(
        period=pl.lit("after"), perturbed_pence=pl.col("perturbed_pence") // 2
    )
    return pl.concat([frame.with_columns(period=pl.lit("before")), after])


def known(frame: pl.DataFrame) -> pl.DataFrame:
    """Every combination of agencies for as many families each."""
    rows = [
        frame.filter(pl.col("family") // 8 % 8 // bit % 2 == 1).with_columns(agency=pl.lit(name))
        for bit, name in zip((1, 2, 4), AGENCY.categories, strict=True)
    ]
    return pl.concat(rows)


def journeys(frame: pl.DataFrame) -> pl.DataFrame:
    """stuck for all; half go on to moving, half of those to independent."""
    steps = [
        frame.filter(pl.col("family") % size == 0).with_columns(state=pl.lit(state), on=pl.lit(i))
        for i, (size, state) in enumerate(zip((1, 2, 4), STATE.categories, strict=True))
    ]
    return pl.concat(steps)


GUARDS: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], Callable[[Any], Guarded]]] = {
    "means": (lambda f: f, lambda f: guard.means(f, [DISTRICT], RULES, KEY, totals=True)),
    "rates": (lambda f: f, lambda f: guard.rates(f, [DISTRICT], ["has_debt"], RULES, KEY)),
    "change": (both_periods, lambda f: guard.change(f, [DISTRICT], PERIOD, RULES, KEY)),
    "difference in differences": (
        both_periods,
        lambda f: guard.difference_in_differences_of_means(f, ARM, PERIOD, RULES, KEY),
    ),
    "percentiles": (lambda f: f, lambda f: guard.percentiles(f, [DISTRICT], RULES, KEY)),
    "overlap": (known, lambda f: guard.overlap(f, AGENCY, RULES, KEY)),
    "overlap of people": (
        known,
        lambda f: guard.overlap(f, AGENCY, RULES, KEY, counted="people"),
    ),
    "sequences": (journeys, lambda f: guard.sequences(f, STATE, RULES, KEY, depth=3)),
    "profiles": (
        lambda f: f,
        lambda f: guard.profiles(f, TYPE, RULES, KEY, has=["has_debt"], costs=["perturbed_pence"]),
    ),
    "regression": (lambda f: f, lambda f: guard.regress(f, "cost@1", REGISTER, RULES, KEY)),
    "survival": (lambda f: f, lambda f: guard.survival(f, [DISTRICT], (3, 6, 12), RULES, KEY)),
    "map": (lambda f: f, lambda f: guard.area_map(f, AREAS, RULES, KEY)),
}


def outcome(kind: str, change: Callable[[pl.DataFrame], Any], many: int = MANY) -> str:
    """refused, withheld (all of it), or shown (something of it)."""
    prepare, ask = GUARDS[kind]
    try:
        released = ask(change(prepare(families(many))))
    except Unprotectable:
        return "refused"
    return "withheld" if all(c.is_withheld for c in released.cells) else "shown"
