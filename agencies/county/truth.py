"""What is true of the county, as tables that never travel with an extract.

In: the scene and what was recorded. Out: rows (who each data row is about), families, people, and the area index.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from agencies.county.chance import Bools
from agencies.county.districts import DISTRICTS
from agencies.county.extracts import Extract
from agencies.county.issues import ISSUES
from agencies.county.population import ROLES
from agencies.county.scene import Scene


def rows(scene: Scene, recorded: Sequence[Extract]) -> pl.DataFrame:
    """agency, dataset, row (1-based), person, family, fault; one row for each data row of each extract."""
    family = pl.Series("family", scene.family)
    return pl.concat(
        pl.DataFrame(
            {
                "agency": pl.Series([e.dataset.agency] * e.cells.height, dtype=pl.String),
                "dataset": pl.Series([e.dataset.name] * e.cells.height, dtype=pl.String),
                "row": pl.Series(np.arange(1, e.cells.height + 1), dtype=pl.UInt32),
                "person": e.service["person"],
                "family": family.gather(e.service["person"]),
                "fault": e.fault,
            }
        )
        for e in recorded
    )


def families(scene: Scene) -> pl.DataFrame:
    """family, group, district, mapped, lone, children, type, traits, arm, programme_start, recorded and latent issues."""
    needs = scene.needs
    first = pl.lit(scene.config.first_day)
    return (
        needs.families.drop("heritage")
        .with_columns(
            programme_start=pl.when(pl.col("arm") != "none").then(
                first + pl.duration(days="start")
            ),
            effect=pl.when(pl.col("arm") == "accepted").then(pl.lit(scene.config.programme.effect)),
            long_term_care=pl.col("family").is_in(needs.long_term_care.tolist()),
            issues_recorded=_named(needs.seen),
            issues_latent=_named(needs.latent),
            issue_count=pl.Series(needs.seen.sum(axis=1)),
        )
        .drop("start")
    )


def _named(table: Bools) -> pl.Series:
    """Issue ids of each family, joined by spaces."""
    names = np.array(ISSUES)
    return pl.Series([" ".join(names[row]) for row in table], dtype=pl.String)


def people(scene: Scene) -> pl.DataFrame:
    """person, family, role, sex, date of birth, names, numbers, first and next home with its day."""
    first = pl.lit(scene.config.first_day)
    stays = scene.homes.stays.with_columns(
        next_home=pl.when(pl.col("next_home") >= 0).then("next_home"),
        moved_on=pl.when(pl.col("next_home") >= 0).then(first + pl.duration(days="moved")),
    ).drop("moved")
    roles = pl.col("role").replace_strict(dict(enumerate(ROLES)), return_dtype=pl.String)
    kept = scene.population.people.with_columns(role=roles).drop("female", "age", "born")
    return kept.join(stays, on="person", maintain_order="left")


def area_index() -> pl.DataFrame:
    """district, title, its share of the county's families, and the deprivation indices of the extrapolation."""
    return pl.DataFrame(
        [
            {
                "district": d.name,
                "title": d.title,
                "family_share": d.share,
                "index_low": d.index_low,
                "index_median": d.index_median,
                "index_high": d.index_high,
                "index_at_risk_low": d.index_at_risk_low,
            }
            for d in DISTRICTS
        ]
    )
