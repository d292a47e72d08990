"""Emergency care attendances, with what each one cost; among them a few very costly long-term placements.

In: a `Scene`. Out: canonical rows of health.ecds. Complaints that show no issue are injuries and others.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from agencies.county.chance import Ints, pick
from agencies.county.issues import INDEX
from agencies.county.scene import Scene

PLACEMENT_GBP = (51_000, 55_000)  # a quarter; three families cost over GBP 600,000 a year
_QUARTERS = 12


def ecds(scene: Scene) -> pl.DataFrame:
    """One row per attendance."""
    rng = scene.config.rng("ecds")
    return pl.concat(
        [
            _attended(scene, rng, *_ill(scene, rng)),
            _attended(scene, rng, *_mentally_ill(scene, rng)),
            _attended(scene, rng, *_drunk(scene, rng)),
            _attended(scene, rng, *_everyday(scene, rng)),
            _placements(scene, rng),
        ],
        how="diagonal",
    )


def one_visit(scene: Scene, families: Ints) -> pl.DataFrame:
    """One everyday visit of the lead parent of each family: for those that no agency would know otherwise."""
    rng = scene.config.rng("one visit")
    days = scene.anchors(rng, families)
    return _attended(
        scene, rng, scene.lead[families], days, pl.Series(["other"] * len(days), dtype=pl.String)
    )


def _attended(
    scene: Scene, rng: np.random.Generator, people: Ints, days: Ints, complaint: pl.Series
) -> pl.DataFrame:
    size = len(people)
    admitted = rng.random(size) < 0.13
    outcome = np.where(
        admitted, "admitted", np.where(rng.random(size) < 0.05, "left", "discharged")
    )
    tariff = np.round(rng.gamma(5.0, 42.0, size) + 60.0 + admitted * 110.0, 2)
    priced = rng.random(size) >= 0.03
    return scene.rows(
        people,
        days,
        arrival=pl.Series(
            np.array(("walk_in", "ambulance", "referred"))[pick(rng, size, (66, 22, 12))]
        ),
        complaint=complaint,
        outcome=pl.Series(outcome),
        tariff=pl.Series(np.where(priced, tariff, np.nan)).fill_nan(None),
    )


def _ill(scene: Scene, rng: np.random.Generator) -> tuple[Ints, Ints, pl.Series]:
    families, days = scene.occurrences(
        rng, scene.shows("health.long_term"), scene.rate(0.9, 0.4, 0.2)
    )
    kinds = np.array(("respiratory", "long_term_condition"))[pick(rng, len(days), (3, 2))]
    child = scene.child[families]
    who = np.where(rng.random(len(days)) < 0.4, child, scene.lead[families])
    return who, days, pl.Series(kinds)


def _mentally_ill(scene: Scene, rng: np.random.Generator) -> tuple[Ints, Ints, pl.Series]:
    families, days = scene.occurrences(rng, scene.shows("health.mental"), scene.rate(1.0, 0.4, 0.2))
    harming = scene.needs.seen[families, INDEX["low_self_esteem"]] & (rng.random(len(days)) < 0.3)
    kinds = pl.Series(np.where(harming, "self_harm", "mental_health"))
    return scene.either(rng, families, 0.55, 0.25, 0.2), days, kinds


def _drunk(scene: Scene, rng: np.random.Generator) -> tuple[Ints, Ints, pl.Series]:
    families, days = scene.occurrences(
        rng, scene.shows("health.alcohol_drugs"), scene.rate(0.7, 0.3, 0.1)
    )
    kinds = pl.Series(["alcohol_drugs"] * len(days), dtype=pl.String)
    return scene.either(rng, families, 0.55, 0.45, 1e-9), days, kinds


def _everyday(scene: Scene, rng: np.random.Generator) -> tuple[Ints, Ints, pl.Series]:
    """Anyone may break an arm: by person, more often where needs are complex."""
    rates = scene.rate(0.36, 0.27, 0.22)[scene.family]
    counts = rng.poisson(rates * scene.config.years)
    people = np.repeat(np.arange(len(scene.family)), counts)
    days = rng.integers(0, scene.config.days, len(people))
    fit = scene.kept(rng, scene.family[people], days) & (days > scene.born[people])
    people, days = people[fit], days[fit]
    return people, days, pl.Series(np.array(("injury", "other"))[pick(rng, len(people), (3, 2))])


def _placements(scene: Scene, rng: np.random.Generator) -> pl.DataFrame:
    families = np.repeat(scene.needs.long_term_care, _QUARTERS)
    quarter = np.tile(np.arange(_QUARTERS), len(scene.needs.long_term_care))
    return scene.rows(
        scene.lead[families],
        np.round(10 + quarter * 365.25 / 4).astype(np.int64),
        arrival="referred",
        complaint="long_term_condition",
        outcome="admitted",
        tariff=pl.Series(np.round(rng.uniform(*PLACEMENT_GBP, len(families)), 2)),
    )
