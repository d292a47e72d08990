"""Benefit spells of parents without work, of carers, and of some grown children at home.

In: a `Scene`. Out: canonical rows of dwp.spells (partner as a person number). Amounts are scaled so that the mapped
families with complex needs receive the published sum of a year.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from agencies.county.chance import Ints, pick
from agencies.county.numbers import Strings
from agencies.county.population import ADULT_CHILD
from agencies.county.scene import NOBODY, Scene

PUBLISHED_GBP_A_YEAR = 1_380_000.0
MAPPED_COMPLEX_FAMILIES = 241  # among 6,000 families
_SPELL_DAYS, _SPELLS = 182, 6
_STILL_CLAIMING = 0.85
_BENEFITS = ("uc_no_work", "jsa", "income_support")


def spells(scene: Scene) -> pl.DataFrame:
    """One row per claimant per spell of half a year."""
    rng = scene.config.rng("dwp")
    workless = np.flatnonzero(scene.trait("no_parent_working"))
    caring = np.flatnonzero(scene.trait("on_benefits") & ~scene.trait("no_parent_working"))
    main = np.array(_BENEFITS, dtype=object)[pick(rng, len(scene.lead), (80, 10, 10))]
    second = np.where(scene.needs.shown["dwp.esa"], "esa", main)
    families, days = _claims(scene, rng, workless)
    cared, care_days = _claims(scene, rng, caring)
    grown = _grown_children(scene, rng)
    parts = [
        _rows(scene, scene.lead, families, days, main, scene.partner),
        _rows(scene, scene.partner, families, days, second, scene.lead),
        _rows(scene, scene.lead, cared, care_days, np.full(len(main), "carers_allowance"), None),
        _rows(scene, grown, families, days, main, None).with_columns(
            dependants=pl.lit(0, dtype=pl.Int64), lone_parent=pl.lit("no")
        ),
    ]
    return _paid(scene, rng, pl.concat(parts))


def _claims(scene: Scene, rng: np.random.Generator, families: Ints) -> tuple[Ints, Ints]:
    """Spell starts: the first half-year always, later ones mostly, fewer with the programme's help."""
    of = np.repeat(families, _SPELLS)
    number = np.tile(np.arange(_SPELLS), len(families))
    days = number * _SPELL_DAYS + np.repeat(rng.integers(0, 28, len(families)), _SPELLS)
    stays = (number == 0) | (rng.random(len(of)) < _STILL_CLAIMING)
    kept = stays & scene.kept(rng, of, days)
    return of[kept], days[kept]


def _grown_children(scene: Scene, rng: np.random.Generator) -> Ints:
    """Per family, a grown child at home who claims too, or nobody."""
    roles = scene.population.people["role"].to_numpy()
    numbers = np.flatnonzero(roles == ADULT_CHILD)
    numbers = numbers[rng.random(len(numbers)) < 0.5]
    grown = np.full(len(scene.lead), NOBODY)
    grown[scene.family[numbers]] = numbers
    return grown


def _rows(
    scene: Scene,
    claimant: Ints,
    families: Ints,
    days: Ints,
    benefit: Strings,
    partner: Ints | None,
) -> pl.DataFrame:
    other = np.full(len(families), NOBODY) if partner is None else partner[families]
    alone = scene.needs.families["lone"].to_numpy()[families]
    frame = scene.rows(
        claimant[families],
        days,
        family=pl.Series(families),
        benefit=pl.Series(benefit[families].tolist(), dtype=pl.String),
        partner_id=pl.Series(other),
        lone_parent=pl.Series(np.where(alone, "yes", "no")),
        dependants=pl.Series(_dependants(scene, families, days)),
    )
    return frame.with_columns(
        partner_id=pl.when(pl.col("partner_id") >= 0).then(pl.col("partner_id"))
    )


def _dependants(scene: Scene, families: Ints, days: Ints) -> Ints:
    """Children of the family born by that day; at least one, for a family that expects its first is not in here."""
    people = scene.population.people
    children = np.flatnonzero((people["role"] == 2).to_numpy())
    births = np.full((len(scene.lead), 6), 10**6)
    slot = np.arange(len(children)) - np.searchsorted(
        scene.family[children], scene.family[children]
    )
    births[scene.family[children], slot] = scene.born[children]
    born: Ints = (births[families] <= days[:, None]).sum(axis=1)
    return np.maximum(1, born)


def _paid(scene: Scene, rng: np.random.Generator, rows: pl.DataFrame) -> pl.DataFrame:
    last = scene.config.days - 1
    end = np.minimum(rows["day"].to_numpy() + _SPELL_DAYS - 1, last)
    weeks = np.round((end - rows["day"].to_numpy() + 1) / 7, 1)
    relative = weeks * np.where(rows["benefit"] == "carers_allowance", 0.5, 0.7)
    relative = (
        relative * (1 + 0.2 * rows["dependants"].to_numpy()) * rng.uniform(0.9, 1.1, len(weeks))
    )
    mapped = scene.population.families["mapped"].to_numpy() & (scene.group == 0)
    counted = mapped[rows["family"].to_numpy()]
    target = PUBLISHED_GBP_A_YEAR * scene.config.years * mapped.sum() / MAPPED_COMPLEX_FAMILIES
    amount = relative * target / max(relative[counted].sum(), 1.0)
    return rows.with_columns(
        claim_to=pl.when(pl.Series(end < last)).then(pl.Series(end)),
        weeks=pl.Series(weeks),
        amount_paid=pl.Series(np.round(amount, 2)),
    ).drop("family")
