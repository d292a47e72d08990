"""What the catalogue makes of the county's error-free rows: each family's recorded issues and true costs.

In: extracts and the register. Out: issues (family, agency, issue) and costs (family, agency, event, year, cost_pence),
by the same declared rules as in service, but over rows that nobody mistyped and of families that nobody had to link.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from agencies.county.extracts import Extract
from agencies.county.scene import Scene
from agencies.declaration import Dataset
from agencies.facts import Facts, derive_facts
from agencies.register import Register


def records(extract: Extract) -> pl.DataFrame:
    """row and every service column, typed as intake types them (yes/no as Boolean, money in pence)."""
    dataset = extract.dataset
    rows = extract.service.with_row_index("row", offset=1)
    return rows.select("row", *(_typed(rows, dataset, name) for name in dataset.service_columns))


def _typed(rows: pl.DataFrame, dataset: Dataset, name: str) -> pl.Expr:
    value = pl.col(name) if name in rows.columns else pl.lit(None, pl.String)
    match dataset.columns[name].kind:
        case "yes_no":
            value = value == "yes"
        case "money_gbp":
            value = (value * 100).round().cast(pl.Int64)
    return value.alias(dataset.record_column(name))


def derive_all(
    scene: Scene, register: Register, recorded: Sequence[Extract]
) -> list[tuple[Extract, Facts]]:
    """The facts of every extract; a spell without an end counts to the period's last day."""
    return [
        (
            extract,
            derive_facts(
                records(extract),
                _plain(extract.dataset),
                register.unit_costs,
                as_of=scene.config.last_day,
            ),
        )
        for extract in recorded
    ]


def _plain(dataset: Dataset) -> Dataset:
    """The dataset without attributes: sex and age band come from identifiers, which are not here."""
    return dataset.model_copy(update={"attributes": {}})


def recorded_issues(scene: Scene, facts: Sequence[tuple[Extract, Facts]]) -> pl.DataFrame:
    """family, agency, issue; each combination once."""
    keys = ["family", "agency", "issue"]
    parts = [_of_families(scene, extract, each.issues).select(keys) for extract, each in facts]
    return pl.concat(parts).unique().sort(keys)


def true_costs(scene: Scene, facts: Sequence[tuple[Extract, Facts]]) -> pl.DataFrame:
    """family, agency, event, year (in which the period's year begins), cost_pence.

    An event counts in the year of its first day.
    """
    keys = ["family", "agency", "event", "year"]
    begins = scene.config.first_day.month
    year = pl.col("on").dt.year() - (pl.col("on").dt.month() < begins).cast(pl.Int32)
    parts = [
        _of_families(scene, extract, each.events)
        .with_columns(year=year)
        .select(*keys, "cost_pence")
        for extract, each in facts
    ]
    return pl.concat(parts).group_by(keys).agg(pl.col("cost_pence").sum()).sort(keys)


def _of_families(scene: Scene, extract: Extract, facts: pl.DataFrame) -> pl.DataFrame:
    person = extract.service["person"].gather(facts["row"] - 1)
    return facts.with_columns(
        family=pl.Series(scene.family).gather(person), agency=pl.lit(extract.dataset.agency)
    )
