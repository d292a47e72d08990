"""School records: attendance by term, suspensions and permanent exclusions.

In: a `Scene`. Out: canonical rows of schools.attendance and schools.exclusions. A pupil of a family that does not show
low education stays under a tenth of sessions missed, so that no issue arises by chance.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from agencies.county.chance import Bools, Floats, Ints, pick
from agencies.county.issues import INDEX
from agencies.county.numbers import Strings
from agencies.county.scene import Scene

# first day of a term -> sessions (half days) in it
TERMS: dict[date, int] = {
    date(2023, 4, 17): 122,
    date(2023, 9, 4): 142,
    date(2024, 1, 8): 116,
    date(2024, 4, 15): 124,
    date(2024, 9, 2): 144,
    date(2025, 1, 6): 118,
    date(2025, 4, 22): 118,
    date(2025, 9, 2): 144,
    date(2026, 1, 6): 112,
}
_STARTS_SCHOOL, _LEAVES_SCHOOL = 4.4, 16.4
_YEAR = 365.25
_PERSISTENT = 0.1


def attendance(scene: Scene) -> pl.DataFrame:
    """One row per pupil per term."""
    rng = scene.config.rng("attendance")
    person, term = _pupils_and_terms(scene)
    family = scene.family[person]
    starts = np.array([(d - scene.config.first_day).days for d in TERMS])
    possible = np.array(list(TERMS.values()))[term]
    missed = _missed(scene, rng, person, starts[term], possible)
    focus = person == scene.pupil[family]
    return scene.rows(
        person,
        starts[term],
        sessions_possible=pl.Series(possible),
        sessions_missed=pl.Series(missed),
        sen_support=pl.Series(_provision(scene, family, focus, term).tolist(), dtype=pl.String),
        free_school_meals=pl.Series(
            np.where(_shown(scene, "schools.free_meals")[family], "yes", "no")
        ),
    )


def _pupils_and_terms(scene: Scene) -> tuple[Ints, Ints]:
    people = scene.population.people
    pupil = np.flatnonzero(people["upn"].is_not_null().to_numpy())
    starts = np.array([(d - scene.config.first_day).days for d in TERMS])
    age = (starts[None, :] - scene.born[pupil][:, None]) / _YEAR
    which, term = np.nonzero((age >= _STARTS_SCHOOL) & (age < _LEAVES_SCHOOL))
    return pupil[which], term


def _shown(scene: Scene, carrier: str) -> Bools:
    return scene.needs.shown[carrier]


def _missed(
    scene: Scene, rng: np.random.Generator, person: Ints, day: Ints, possible: Ints
) -> Ints:
    """Sessions missed: a pupil's own usual share, higher where absence is the issue, less after help."""
    family = scene.family[person]
    size = len(scene.family)
    usual: Floats = rng.beta(2.0, 2.0 / scene.rate(0.055, 0.045, 0.035)[scene.family])
    showing = _shown(scene, "schools.absence")[scene.family]
    focus = np.arange(size) == scene.pupil[scene.family]
    absent = showing & (focus | (rng.random(size) < 0.4))
    usual = np.where(absent, rng.uniform(0.19, 0.45, size), usual)
    helped = scene.accepted[family] & (day >= scene.start[family])
    share = usual[person] * np.where(helped, scene.config.programme.effect, 1.0)
    missed = rng.binomial(possible, np.minimum(share * rng.uniform(0.8, 1.2, len(person)), 0.95))
    ceiling = np.ceil(_PERSISTENT * possible).astype(np.int64) - 1
    return np.where(absent[person], missed, np.minimum(missed, ceiling))


def _provision(scene: Scene, family: Ints, focus: Bools, term: Ints) -> Strings:
    """Support first, a plan later, where a pupil needs both."""
    support = _shown(scene, "schools.sen")[family] & focus
    plan = _shown(scene, "schools.ehcp")[family] & focus
    early = term < 3
    words = np.where(plan & ~(support & early), "ehcp", np.where(support, "support", "none"))
    return words.astype(object)


def exclusions(scene: Scene) -> pl.DataFrame:
    """One row per suspension or permanent exclusion."""
    rng = scene.config.rng("exclusions")
    parts = []
    for carrier, reasons in (
        ("schools.assault", ("physical_assault", "verbal_abuse")),
        ("schools.bullying", ("bullying",)),
    ):
        families, days = scene.occurrences(rng, scene.shows(carrier), scene.rate(0.6, 0.25, 0.1))
        parts.append(_suspended(scene, rng, families, days, reasons))
    misuse = np.flatnonzero(scene.needs.seen[:, INDEX["substance_misuse"]])
    families, days = scene.repeats(rng, misuse, scene.rate(0.08, 0.04, 0.0))
    parts.append(_suspended(scene, rng, families, days, ("drugs_alcohol",)))
    families, days = scene.repeats(rng, np.arange(len(scene.lead)), scene.rate(0.25, 0.05, 0.01))
    parts.append(_suspended(scene, rng, families, days, ("disruption", "other")))
    parts.append(_permanent(scene, rng))
    return pl.concat(parts, how="diagonal")


def _of_school_age(scene: Scene, families: Ints, days: Ints) -> tuple[Ints, Ints]:
    """The pupil who was at school that day (the teenager, else the focus pupil), or nobody."""
    who = scene.pupil[families]
    earliest = scene.born[who] + round(4.7 * _YEAR)
    latest = scene.born[who] + round(_LEAVES_SCHOOL * _YEAR)
    return who, np.minimum(np.maximum(days, earliest), np.maximum(latest, 1))


def _suspended(
    scene: Scene, rng: np.random.Generator, families: Ints, days: Ints, reasons: tuple[str, ...]
) -> pl.DataFrame:
    who, when = _of_school_age(scene, families, days)
    return scene.rows(
        who,
        when,
        kind="suspension",
        days=pl.Series(
            np.clip(rng.poisson(2.0, len(who)), 0, 15) + 0.5 * rng.integers(1, 3, len(who))
        ),
        reason=pl.Series(np.array(reasons)[pick(rng, len(who), np.ones(len(reasons)))]),
    )


def _permanent(scene: Scene, rng: np.random.Generator) -> pl.DataFrame:
    """Rare, and only where low education is already among the family's issues."""
    shown = np.flatnonzero(scene.needs.seen[:, INDEX["low_education"]] & (scene.teen >= 0))
    families, days = scene.repeats(rng, shown, scene.rate(0.03, 0.004, 0.0))
    who, when = _of_school_age(scene, families, days)
    return scene.rows(who, when, kind="permanent", reason="disruption")
