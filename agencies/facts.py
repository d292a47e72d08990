"""What the accepted records say: events with their cost, issues, attributes, each by the dataset's declaration.

In: a records frame of intake (row and service columns). Out: Facts, three frames keyed by row. It sees no identifier,
and works on whole columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from agencies.conditions import holds
from agencies.costs import cost_pence, quantity
from agencies.declaration import Dataset, EventRule, IssueRule, UnitCost

EVENTS: Final = pl.Schema(
    {
        "row": pl.UInt32,
        "event": pl.String,
        "activity": pl.String,
        "on": pl.Date,
        "until": pl.Date,
        "quantity": pl.Float64,
        "cost_pence": pl.Int64,
    }
)
ISSUES: Final = pl.Schema({"row": pl.UInt32, "issue": pl.String, "on": pl.Date})
ATTRIBUTES: Final = pl.Schema(
    {"row": pl.UInt32, "on": pl.Date, "attribute": pl.String, "value": pl.String}
)


@dataclass(frozen=True)
class Facts:
    """Events, issues and attributes of one extract; the schemas are EVENTS, ISSUES and ATTRIBUTES."""

    events: pl.DataFrame
    issues: pl.DataFrame
    attributes: pl.DataFrame


def derive_facts(
    records: pl.DataFrame,
    dataset: Dataset,
    unit_costs: Mapping[str, UnitCost],
    *,
    as_of: date | None = None,
) -> Facts:
    """The facts that the declaration gives for each record, sorted by row.

    `as_of` is the day up to which a spell without an end is counted; without it, the latest day that the records name.
    """
    until = as_of or _latest_day(records)
    seen = pl.col(dataset.date)
    events = [_events(records, dataset, rule, unit_costs, until) for rule in dataset.events]
    issues = [_issues(records, dataset, rule, seen) for rule in dataset.issues]
    attributes = [
        _attribute(records, dataset, name, column, seen)
        for name, column in dataset.attributes.items()
    ]
    return Facts(
        events=_joined(events, EVENTS).sort("row", "event"),
        issues=_joined(issues, ISSUES).unique().sort("row", "issue"),
        attributes=_joined(attributes, ATTRIBUTES).sort("row", "attribute"),
    )


def _events(
    records: pl.DataFrame,
    dataset: Dataset,
    rule: EventRule,
    unit_costs: Mapping[str, UnitCost],
    as_of: date,
) -> pl.DataFrame:
    unit = unit_costs[rule.activity]
    until = pl.lit(None, pl.Date) if rule.until is None else pl.col(rule.until)
    amount = quantity(rule, unit, as_of)
    return records.filter(holds(rule.when, dataset) & pl.col(rule.on).is_not_null()).select(
        "row",
        pl.lit(rule.event).alias("event"),
        pl.lit(rule.activity).alias("activity"),
        pl.col(rule.on).alias("on"),
        until.alias("until"),
        amount.alias("quantity"),
        cost_pence(rule, unit, amount, dataset).alias("cost_pence"),
    )


def _issues(
    records: pl.DataFrame, dataset: Dataset, rule: IssueRule, seen: pl.Expr
) -> pl.DataFrame:
    issue = pl.lit(rule.issue) if rule.issues_in is None else pl.col(rule.issues_in)
    return (
        records.filter(holds(rule.when, dataset))
        .select("row", issue.alias("issue"), seen.alias("on"))
        .filter(pl.col("issue").is_not_null())
    )


def _attribute(
    records: pl.DataFrame, dataset: Dataset, attribute: str, column: str, seen: pl.Expr
) -> pl.DataFrame:
    # Age band and sex stand under their own names: the columns they come from stay with the identifiers.
    name = column if dataset.columns[column].identifies is None else attribute
    value = pl.col(name)
    if records.schema[name] == pl.Date:
        value = value.dt.strftime("%Y-%m-%d")
    return records.select(
        "row", seen.alias("on"), pl.lit(attribute).alias("attribute"), value.alias("value")
    ).filter(pl.col("value").is_not_null())


def _latest_day(records: pl.DataFrame) -> date:
    days = records.select(pl.max_horizontal(pl.col(pl.Date).max())).to_series()
    latest = days.item() if len(days) else None
    return latest if isinstance(latest, date) else date.min


def _joined(frames: list[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    if not frames:
        return schema.to_frame()
    return pl.concat(frames).cast(schema)
