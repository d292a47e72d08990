"""Police contacts: offences, victims, domestic abuse, missing children, grievances, and much that shows no issue.

In: a `Scene`. Out: canonical rows of police.contacts. Never: a name in the notes; those are put in as faults later.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from agencies.county.chance import Ints, pick
from agencies.county.scene import Scene

_OFFENCES = ("burglary", "theft_vehicle", "robbery", "other")
_NOTES = (
    "No further action taken.",
    "Advice given at the scene.",
    "Referred to the neighbourhood team.",
    "Attended with a second unit, all calm on arrival.",
    "Call back arranged for the following week.",
)


def contacts(scene: Scene) -> pl.DataFrame:
    """One row per person per contact."""
    rng = scene.config.rng("police")
    rows = pl.concat(
        [
            *_offending(scene, rng),
            *_suffering(scene, rng),
            *_ordinary(scene, rng),
        ],
        how="diagonal",
    )
    noted = rng.random(rows.height) < 0.2
    notes = np.array(_NOTES, dtype=object)[rng.integers(0, len(_NOTES), rows.height)]
    notes[~noted] = None
    return rows.with_columns(
        notes=pl.Series(notes.tolist(), dtype=pl.String),
        offence_group=pl.col("offence_group").fill_null("none"),
        substance_flag=pl.col("substance_flag").fill_null("no"),
    )


def _offending(scene: Scene, rng: np.random.Generator) -> list[pl.DataFrame]:
    offending = scene.shows("police.offence")
    families, days = scene.occurrences(rng, offending, scene.rate(1.3, 0.3, 0.0))
    offender = _one_each(scene, rng, 0.35, 0.4, 0.25)[families]
    groups = pl.Series(np.array(_OFFENCES)[pick(rng, len(families), (3, 2, 1, 5))])
    found = scene.rows(offender, days, kind="offence", role="suspect", offence_group=groups)
    families, days = scene.occurrences(
        rng, scene.shows("police.substance"), scene.rate(0.7, 0.3, 0.0)
    )
    adult = _one_each(scene, rng, 0.5, 0.5, 1e-9)[families]
    drugs = scene.rows(
        adult, days, kind="antisocial_behaviour", role="suspect", substance_flag="yes"
    )
    families, days = scene.occurrences(rng, scene.shows("police.damage"), scene.rate(0.7, 0.3, 0.0))
    angry = _one_each(scene, rng, 0.2, 0.4, 0.8)[families]
    damage = scene.rows(
        angry, days, kind="antisocial_behaviour", role="suspect", offence_group="damage"
    )
    return [found, drugs, damage]


def _suffering(scene: Scene, rng: np.random.Generator) -> list[pl.DataFrame]:
    families, days = scene.occurrences(rng, scene.shows("police.victim"), scene.rate(0.5, 0.2, 0.1))
    victim = scene.either(rng, families, 0.6, 0.25, 0.15)
    groups = pl.Series(
        np.array(("violence", "burglary", "other"))[pick(rng, len(families), (2, 3, 4))]
    )
    found = [scene.rows(victim, days, kind="victim_report", role="victim", offence_group=groups)]
    families, days = scene.occurrences(
        rng, scene.shows("police.domestic"), scene.rate(1.1, 0.4, 0.2)
    )
    found.append(scene.rows(scene.lead[families], days, kind="domestic_abuse", role="victim"))
    found.append(scene.rows(scene.partner[families], days, kind="domestic_abuse", role="suspect"))
    families, days = scene.occurrences(
        rng, scene.shows("police.child_witness"), scene.rate(0.4, 0.1, 0.1)
    )
    found.append(scene.rows(scene.child[families], days, kind="domestic_abuse", role="witness"))
    families, days = scene.occurrences(
        rng, scene.shows("police.missing_child"), scene.rate(1.0, 0.3, 0.0)
    )
    found.append(scene.rows(scene.child[families], days, kind="missing_child", role="reporter"))
    return found


def _ordinary(scene: Scene, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Grievances, and contacts as a witness or reporter: no issue follows from them."""
    trait = np.flatnonzero(scene.trait("grievance_to_police"))
    families, days = scene.occurrences(rng, trait, scene.rate(0.6, 0.2, 0.1))
    who = scene.either(rng, families, 0.7, 0.28, 0.02)
    found = [scene.rows(who, days, kind="grievance", role="reporter")]
    everyone = np.arange(len(scene.lead))
    families, days = scene.repeats(rng, everyone, scene.rate(0.35, 0.10, 0.06))
    who = scene.either(rng, families, 0.5, 0.35, 0.15)
    kinds = np.array(("antisocial_behaviour", "offence"))[pick(rng, len(families), (2, 1))]
    roles = np.array(("reporter", "witness"))[pick(rng, len(families), (2, 1))]
    found.append(scene.rows(who, days, kind=pl.Series(kinds), role=pl.Series(roles)))
    return found


def _one_each(
    scene: Scene, rng: np.random.Generator, lead: float, partner: float, teen: float
) -> Ints:
    """One person for every family of the county, so that a family's offender is the same each time."""
    return scene.either(rng, np.arange(len(scene.lead)), lead, partner, teen)
