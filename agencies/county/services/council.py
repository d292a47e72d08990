"""Council records: children's social care involvements and early help cases, with the needs that they found.

In: a `Scene`. Out: canonical rows of council.social_care and council.early_help (guardian as a person number).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from agencies.county.chance import Ints
from agencies.county.issues import ISSUES, NEED
from agencies.county.scene import Scene

# carrier -> primary need that shows it
_PRIMARY = {
    "council.low_income": "low_income",
    "council.parental_illness": "parental_illness",
    "council.child_disability": "child_disability",
    "council.absent_parenting": "absent_parenting",
    "council.family_distress": "family_distress",
    "council.family_dysfunction": "family_dysfunction",
    "council.behaviour": "behaviour",
}
_FLAGS = {
    "council.substance_flag": "parent_substance_misuse",
    "council.mental_health_flag": "parent_mental_health",
    "council.young_carer_flag": "young_carer",
}
_KINDS = ("referral", "child_in_need", "child_protection_plan")
_NEEDS_PER_ROW = 3


def social_care(scene: Scene) -> pl.DataFrame:
    """One row per person per involvement; the lead parent stands beside the child as a party to the case."""
    rng = scene.config.rng("social care")
    cases = pl.concat(
        [
            *(_primary(scene, rng, carrier, need) for carrier, need in _PRIMARY.items()),
            _flagged(scene, rng),
            _looked_after(scene, rng),
            _unfounded(scene, rng),
        ],
        how="diagonal",
    )
    return _with_parents(scene, rng, cases)


def _involvements(
    scene: Scene, rng: np.random.Generator, families: Ints, days: Ints, **columns: object
) -> pl.DataFrame:
    """Rows of the focus child: mostly referrals; plans where the needs are complex. Lengths by kind, in weeks."""
    chances = np.array([(0.45, 0.35, 0.20), (0.72, 0.25, 0.03), (0.95, 0.05, 0.0)])[
        scene.group[families]
    ]
    number = (rng.random((len(families), 1)) > np.cumsum(chances, axis=1)).sum(axis=1)
    number = np.minimum(number, len(_KINDS) - 1)
    weeks = np.array([6, 26, 36])[number] * rng.gamma(4.0, 0.25, len(families))
    return scene.rows(
        scene.child[families],
        days,
        involvement=pl.Series(np.array(_KINDS)[number]),
        days_open=pl.Series(np.round(weeks * 7).astype(np.int64)),
        **columns,
    )


def _primary(scene: Scene, rng: np.random.Generator, carrier: str, need: str) -> pl.DataFrame:
    shown = scene.shows(carrier)
    families, days = scene.occurrences(rng, shown, scene.rate(0.35, 0.06, 0.0))
    return _involvements(scene, rng, families, days, primary_need=need)


def _flagged(scene: Scene, rng: np.random.Generator) -> pl.DataFrame:
    """One assessment each for families with a factor of the parents or the young carer."""
    flags = {name: scene.needs.shown[carrier] for carrier, name in _FLAGS.items()}
    families = np.flatnonzero(np.any(list(flags.values()), axis=0))
    values = {
        name: pl.Series(np.where(shown[families], "yes", "no")) for name, shown in flags.items()
    }
    days = scene.anchors(rng, families)
    return _involvements(scene, rng, families, days, primary_need="none", **values)


def _looked_after(scene: Scene, rng: np.random.Generator) -> pl.DataFrame:
    families = scene.shows("council.looked_after")
    days = scene.anchors(rng, families)
    weeks = np.clip(rng.gamma(2.0, 9.0, len(families)), 3, 60)
    return scene.rows(
        scene.child[families],
        days,
        involvement="looked_after",
        days_open=pl.Series(np.round(weeks * 7).astype(np.int64)),
        primary_need="none",
    )


def _unfounded(scene: Scene, rng: np.random.Generator) -> pl.DataFrame:
    """Referrals that found no need."""
    families, days = scene.repeats(rng, np.arange(len(scene.lead)), scene.rate(0.08, 0.03, 0.01))
    return scene.rows(
        scene.child[families],
        days,
        involvement="referral",
        days_open=pl.Series(rng.integers(7, 45, len(days))),
        primary_need="none",
    )


def _with_parents(scene: Scene, rng: np.random.Generator, cases: pl.DataFrame) -> pl.DataFrame:
    closed = pl.col("day") + pl.col("days_open")
    cases = cases.with_columns(closed_on=pl.when(closed < scene.config.days).then(closed))
    lead = scene.lead[scene.family[cases["person"].to_numpy()]]
    children = cases.drop("days_open").with_columns(guardian_id=pl.Series(lead))
    parents = (
        cases.select("day", "closed_on")
        .with_columns(person=pl.Series(lead), involvement=pl.lit("parent_carer"))
        .filter(pl.Series(rng.random(len(lead)) < 0.8))
        .unique(["person", "day"], maintain_order=True)
    )
    return pl.concat([children, parents], how="diagonal").with_columns(
        primary_need=pl.col("primary_need").fill_null("none"),
        **{name: pl.col(name).fill_null("no") for name in _FLAGS.values()},
    )


def early_help(scene: Scene) -> pl.DataFrame:
    """Rows for the lead parent (arm, dates, most pressing needs) and for up to two more people with further needs."""
    rng = scene.config.rng("early help")
    families = np.flatnonzero(scene.start < scene.config.days)
    needs = _needs(scene, families)
    referred = scene.start[families] - rng.integers(45, 110, len(families))
    assessed = referred + rng.integers(7, 42, len(families))
    has_assessment = rng.random(len(families)) < 0.9
    arms = scene.needs.families["arm"].gather(families)
    workless = np.where(scene.trait("no_parent_working")[families], "yes", "no")
    lead = scene.rows(
        scene.lead[families],
        referred,
        arm=arms,
        start_on=pl.Series(scene.start[families]),
        assessed_on=pl.Series(np.where(has_assessment, assessed, -1)),
        no_adult_working=pl.Series(workless),
        **_columns(needs, 0),
    ).with_columns(assessed_on=pl.when(pl.col("assessed_on") >= 0).then(pl.col("assessed_on")))
    more = [_further(scene, families, referred, needs, part) for part in (1, 2)]
    return pl.concat([lead, *more], how="diagonal")


def _needs(scene: Scene, families: Ints) -> list[list[str]]:
    """For each family, the needs that its assessment shows."""
    table = np.stack(
        [scene.needs.shown.get(f"{NEED}:{i}", np.zeros(len(scene.lead), bool)) for i in ISSUES],
        axis=1,
    )
    return [[ISSUES[i] for i in np.flatnonzero(row)] for row in table[families]]


def _columns(needs: list[list[str]], part: int) -> dict[str, pl.Series]:
    begin = part * _NEEDS_PER_ROW
    return {
        f"need_{place + 1}": pl.Series(
            [n[begin + place] if len(n) > begin + place else None for n in needs], dtype=pl.String
        )
        for place in range(_NEEDS_PER_ROW)
    }


def _further(
    scene: Scene, families: Ints, referred: Ints, needs: list[list[str]], part: int
) -> pl.DataFrame:
    """The focus child stands in every case; a third row only when three more needs did not fit."""
    second = scene.partner if part == 2 else scene.child
    wanted = np.array([part == 1 or len(n) > part * _NEEDS_PER_ROW for n in needs])
    who = np.where(second[families] >= 0, second[families], scene.child[families])
    guardian = np.where(who == scene.child[families], scene.lead[families], -1)
    rows = scene.rows(
        who,
        referred,
        guardian_id=pl.Series(guardian),
        keep=pl.Series(wanted),
        **_columns(needs, part),
    )
    return (
        rows.filter("keep")
        .drop("keep")
        .with_columns(guardian_id=pl.when(pl.col("guardian_id") >= 0).then(pl.col("guardian_id")))
    )
