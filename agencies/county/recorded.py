"""What the catalogue's rules make of the county's error-free rows: each family's recorded issues and true costs.

In: extracts and the register. Out: issues (family, agency, issue) and costs (family, agency, year, cost_pence).
It reads the rules apart from the production code on purpose: the two can be tested against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from agencies.county.extracts import Extract
from agencies.county.scene import Scene
from agencies.declaration import AtLeast, Dataset, EventRule, When
from agencies.register import Register

_DAYS = {"day": 1.0, "week": 7.0}


def recorded_issues(scene: Scene, recorded: Sequence[Extract]) -> pl.DataFrame:
    """family, agency, issue; each combination once."""
    parts = []
    for extract in recorded:
        agency = pl.lit(extract.dataset.agency)
        for rule in extract.dataset.issues:
            name = pl.lit(rule.issue) if rule.issue else pl.col(str(rule.issues_in))
            rows = extract.service.filter(_holds(rule.when) & name.is_not_null())
            parts.append(rows.select(_family(scene), agency=agency, issue=name))
    return pl.concat(parts).unique(maintain_order=True).sort("family", "agency", "issue")


def true_costs(scene: Scene, register: Register, recorded: Sequence[Extract]) -> pl.DataFrame:
    """family, agency, event, year (the one in which the period's year begins), cost_pence.

    An open spell counts to the last day of the period; an event counts in the year of its first day.
    """
    parts = []
    for extract in recorded:
        for rule in extract.dataset.events:
            rows = extract.service.filter(_holds(rule.when) & pl.col(rule.on).is_not_null())
            parts.append(
                rows.select(
                    _family(scene),
                    agency=pl.lit(extract.dataset.agency),
                    event=pl.lit(rule.event),
                    on=pl.col(rule.on),
                    cost_pence=_pence(scene, register, extract.dataset, rule),
                )
            )
    start = scene.config.first_day
    before = (pl.col("on").dt.month() < start.month).cast(pl.Int32)
    keys = ("family", "agency", "event", "year")
    costs = pl.concat(parts).with_columns(year=pl.col("on").dt.year() - before)
    return costs.group_by(keys).agg(pl.col("cost_pence").sum()).sort(keys)


def _family(scene: Scene) -> pl.Expr:
    return (
        pl.col("person")
        .replace_strict(
            list(range(len(scene.family))), scene.family.tolist(), return_dtype=pl.Int64
        )
        .alias("family")
    )


def _holds(when: When) -> pl.Expr:
    holds = pl.lit(True)
    for column, condition in when.items():
        if isinstance(condition, AtLeast):
            number = pl.col(column) / pl.col(condition.of) if condition.of else pl.col(column)
            holds &= number >= condition.at_least
        else:
            holds &= pl.col(column).is_in(condition)
    return holds.fill_null(False)


def _pence(scene: Scene, register: Register, dataset: Dataset, rule: EventRule) -> pl.Expr:
    unit = register.unit_costs[rule.activity]
    quantity = pl.lit(1.0)
    if rule.quantity:
        quantity = pl.col(rule.quantity).cast(pl.Float64)
    elif unit.per in _DAYS and rule.until:
        quantity = _length(rule, scene.config.last_day) / _DAYS[unit.per]
    estimated = (quantity.fill_null(0.0) * unit.gbp * 100).round().cast(pl.Int64)
    if rule.cost is None:
        return estimated
    actual = (pl.col(rule.cost) * 100).round().cast(pl.Int64)
    return pl.coalesce(actual, estimated)


def _length(rule: EventRule, last_day: date) -> pl.Expr:
    """Days of a spell, both ends included."""
    end = pl.col(str(rule.until)).fill_null(last_day)
    return (end - pl.col(rule.on)).dt.total_days() + 1
