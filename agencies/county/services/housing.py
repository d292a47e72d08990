"""Tenancies: a row for each person of a tenant household, a new tenancy after a move or at renewal.

In: a `Scene`. Out: canonical rows of housing.tenancies (guardian and partner as person numbers). Notices and arrears
stand on the main tenant's row only, so that one notice counts once.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from agencies.county.chance import Ints
from agencies.county.homes import NEVER
from agencies.county.population import CHILD, LEAD, PARTNER
from agencies.county.scene import Scene

_AGAIN = 0.25
_FLAGS = {"housing.eviction": "eviction_notice", "housing.homeless": "homeless_application"}


def tenancies(scene: Scene) -> pl.DataFrame:
    """One row per person per tenancy."""
    rng = scene.config.rng("housing")
    spells = _with_notices(scene, rng, _spells(scene, rng))
    people = scene.population.people.select("person", "family", "role", "born")
    stays = scene.homes.stays.select("person", "moved")
    rows = spells.join(people.join(stays, on="person"), on="family", maintain_order="left")
    moved_family = pl.Series(_family_moved(scene)).gather(rows["family"])
    left = (
        (rows["role"] == PARTNER) & (rows["moved"] != moved_family) & (rows["moved"] <= rows["day"])
    )
    rows = rows.filter(~left & (rows["born"] < rows["day"]))
    return _with_relatives(scene, rows)


def _family_moved(scene: Scene) -> Ints:
    """Day on which the whole family moved: the lead parent's move."""
    return scene.homes.stays["moved"].to_numpy()[scene.lead]


def _spells(scene: Scene, rng: np.random.Generator) -> pl.DataFrame:
    """family, number (0, 1), day, tenancy_to: all first tenancies begin within the first year of the period."""
    families = np.flatnonzero(scene.trait("known_to_housing"))
    moved = _family_moved(scene)[families]
    day = rng.integers(0, 365, len(families))
    day = np.where(moved < day + 30, np.minimum(day, np.maximum(moved - 30, 0)), day)
    renewed = day + rng.integers(365, 1000, len(families))
    second = np.where(moved < NEVER, moved, renewed)
    days = scene.config.days
    first = pl.DataFrame({"family": families, "number": 0, "day": day, "tenancy_to": second - 1})
    later = pl.DataFrame(
        {"family": families, "number": 1, "day": second, "tenancy_to": np.full(len(second), days)}
    )
    spells = pl.concat([first, later.filter(pl.col("day") < days)])
    return spells.with_columns(
        tenancy_to=pl.when(pl.col("tenancy_to") < days).then(pl.col("tenancy_to"))
    )


def _with_notices(scene: Scene, rng: np.random.Generator, spells: pl.DataFrame) -> pl.DataFrame:
    family, day = spells["family"].to_numpy(), spells["day"].to_numpy()
    first = spells["number"].to_numpy() == 0
    size = len(family)
    happens = scene.kept(rng, family, day)
    marks = {
        name: scene.needs.shown[carrier][family] & (first | (happens & (rng.random(size) < _AGAIN)))
        for carrier, name in _FLAGS.items()
    }
    nuisance = rng.random(size) < scene.rate(0.08, 0.015, 0.005)[family]
    marks["antisocial_notice"] = nuisance & happens
    owing = scene.needs.shown["housing.arrears"][family]
    some = rng.random(size) < 0.3
    arrears = np.where(
        owing, rng.uniform(520, 2800, size), np.where(some, rng.uniform(10, 430, size), 0)
    )
    return spells.with_columns(
        rent_arrears=pl.Series(np.round(arrears, 2)),
        **{name: pl.Series(np.where(mark, "yes", "no")) for name, mark in marks.items()},
    )


def _with_relatives(scene: Scene, rows: pl.DataFrame) -> pl.DataFrame:
    family, role = rows["family"].to_numpy(), rows["role"].to_numpy()
    lead, partner = scene.lead[family], scene.partner[family]
    other = np.where(role == LEAD, partner, np.where(role == PARTNER, lead, -1))
    here = rows.select("person", "day")
    partner_here = pl.DataFrame({"person": other, "day": rows["day"]}).join(
        here.with_columns(found=True), on=["person", "day"], how="left", maintain_order="left"
    )["found"]
    main = pl.col("role") == LEAD
    return rows.with_columns(
        guardian_id=pl.when(pl.col("role") == CHILD).then(pl.Series(lead)),
        partner_id=pl.when(partner_here.fill_null(False)).then(pl.Series(other)),
        rent_arrears=pl.when(main).then("rent_arrears").otherwise(0.0),
        **{
            name: pl.when(main).then(name).otherwise(pl.lit("no"))
            for name in ("eviction_notice", "homeless_application", "antisocial_notice")
        },
    ).drop("family", "role", "born", "moved", "number")
