"""Linked records, frozen: the four tables that questions are asked of.

In: facts of every submission, joined to persons and families, and the multipliers of the vintage before; out: families,
people, events and issues under numbers made for this vintage alone, and the multipliers that were used, which are no part
of it. Never sees a token or an identifier; afterwards the tables hold no id of the linkage run.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from gateway.disclosure import draw_multipliers, draw_set_keys, perturb

CHILD_BANDS: Final = ("0-4", "5-10", "11-15", "16-17")
# Signs of the noise are balanced within bands of the number of issues, which begin at these.
ISSUE_BANDS: Final = (2, 5, 7, 10)
UNKNOWN: Final = "unknown"
SET_KEYS: Final = ("key_lo", "key_hi")
COLUMNS: Final = {
    "families": (
        *("family", "district", "issue_count", "agency_count", "known_to", "people", "children"),
        *SET_KEYS,
    ),
    "people": ("person", "family", "known_to", "sex", "age_band", *SET_KEYS),
    "events": (
        *("family", "person", "agency", "dataset", "event", "on", "quarter"),
        *("cost_pence", "perturbed_pence"),
    ),
    "issues": ("family", "person", "issue", "on", "quarter"),
}
SORTED: Final = {
    "families": "family",
    "people": "person",
    "events": ("family", "on"),
    "issues": "family",
}


@dataclass(frozen=True)
class Facts:
    """What one submission says: each frame carries `person` and `family` in place of its row."""

    agency: str
    dataset: str
    known: pl.DataFrame
    events: pl.DataFrame
    issues: pl.DataFrame
    attributes: pl.DataFrame


@dataclass(frozen=True)
class VintageKeys:
    """Keys, 32 bytes each: `order` numbers the ids anew for one vintage, `noise` stays the same for all."""

    order: bytes = field(repr=False)
    noise: bytes = field(repr=False)


@dataclass(frozen=True)
class Frozen:
    """The four tables, and `multipliers`: family (an id of the linkage run), agency, multiplier."""

    tables: Mapping[str, pl.DataFrame]
    multipliers: pl.DataFrame = field(repr=False)


def freeze(facts: list[Facts], keys: VintageKeys, kept: pl.DataFrame | None = None) -> Frozen:
    """The four tables of a vintage, and the multipliers its costs were perturbed with: those `kept`, and new ones.

    families: family, district, issue_count, agency_count, known_to, people, children, key_lo, key_hi
    people: person, family, known_to, sex, age_band, key_lo, key_hi
    events: family, person, agency, dataset, event, on, quarter, cost_pence, perturbed_pence
    issues: family, person, issue, on, quarter
    """
    known = _stacked(facts, "known")
    events, issues, attributes = (
        _stacked(facts, kind) for kind in ("events", "issues", "attributes")
    )
    people = _people(known, attributes)
    families = _families(people, known, issues, attributes)
    # Drawn by the ids that stay from run to run, so that a later vintage draws the same noise again.
    multipliers = _multipliers(families, events, keys.noise, kept)
    events = perturb(events, multipliers)
    person = _numbers(people["person"], keys, "people")
    family = _numbers(families["family"], keys, "families")
    numbered = {
        "families": _keyed(_renumbered(families, family=family), "family", family),
        "people": _keyed(_renumbered(people, person=person, family=family), "person", person),
        "events": _dated(_renumbered(events, person=person, family=family)),
        "issues": _dated(_renumbered(issues, person=person, family=family)),
    }
    tables = {
        name: frame.select(COLUMNS[name]).sort(SORTED[name]) for name, frame in numbered.items()
    }
    return Frozen(tables, multipliers)


def _stacked(facts: list[Facts], kind: str) -> pl.DataFrame:
    """One kind of fact of all submissions, told where it comes from."""
    frames: list[pl.DataFrame] = [
        getattr(fact, kind).with_columns(agency=pl.lit(fact.agency), dataset=pl.lit(fact.dataset))
        for fact in facts
    ]
    return pl.concat(frames, how="vertical_relaxed")


def _people(known: pl.DataFrame, attributes: pl.DataFrame) -> pl.DataFrame:
    people = known.group_by("person").agg(
        pl.col("family").first(), known_to=pl.col("agency").unique().sort().str.join("+")
    )
    for attribute in ("sex", "age_band"):
        people = people.join(latest_value(attributes, "person", attribute), on="person", how="left")
    return people


def _families(
    people: pl.DataFrame, known: pl.DataFrame, issues: pl.DataFrame, attributes: pl.DataFrame
) -> pl.DataFrame:
    is_child = pl.col("age_band").is_in(CHILD_BANDS).fill_null(value=False)
    families = people.group_by("family").agg(
        people=pl.len().cast(pl.Int32), children=is_child.sum().cast(pl.Int32)
    )
    families = families.join(
        issues.group_by("family").agg(issue_count=pl.col("issue").n_unique().cast(pl.Int32)),
        on="family",
        how="left",
    )
    agencies = known.group_by("family").agg(
        agency_count=pl.col("agency").n_unique().cast(pl.Int32),
        known_to=pl.col("agency").unique().sort().str.join("+"),
    )
    return (
        families.join(agencies, on="family", how="left")
        .join(latest_value(attributes, "family", "district"), on="family", how="left")
        .with_columns(pl.col("issue_count").fill_null(0), pl.col("district").fill_null(UNKNOWN))
    )


def latest_value(attributes: pl.DataFrame, unit: str, attribute: str) -> pl.DataFrame:
    """The last value that any agency gave; of several on one day the first in the alphabet, so that runs agree."""
    return (
        attributes.filter(pl.col("attribute") == attribute)
        .sort("on", "value", descending=[True, False])
        .group_by(unit, maintain_order=True)
        .agg(pl.col("value").first().alias(attribute))
    )


def _multipliers(
    families: pl.DataFrame, events: pl.DataFrame, key: bytes, kept: pl.DataFrame | None
) -> pl.DataFrame:
    """Signs are balanced in each district and band of issues, by what the families cost in all and in each year."""
    steps = [(pl.col("issue_count") >= step).cast(pl.Int8) for step in ISSUE_BANDS]
    whole = events.group_by("family").agg(pl.col("cost_pence").sum().abs())
    years = costs_by_year(events)
    banded = (
        families.with_columns(issue_band=pl.sum_horizontal(steps))
        .join(whole, on="family", how="left")
        .join(years, on="family", how="left")
    )
    parts = [name for name in years.columns if name != "family"]
    return draw_multipliers(
        banded.with_columns(pl.col("cost_pence", *parts).fill_null(0)),
        events.select("family", "agency").unique(),
        key,
        size="cost_pence",
        parts=parts,
        kept=kept,
    )


def costs_by_year(events: pl.DataFrame) -> pl.DataFrame:
    """`family`, and a column for what it cost in each year from April to March."""
    # The place of a quarter in such a year is that of the quarter before in a calendar year.
    year = (_quarter(pl.col("on")) - 1) // 4
    dated = events.select("family", "cost_pence", year=pl.format("year {}", year))
    return dated.pivot(
        on="year", index="family", values="cost_pence", aggregate_function="sum", sort_columns=True
    )


def _numbers(ids: pl.Series, keys: VintageKeys, counted: str) -> pl.DataFrame:
    """`id`, `number` (0 to n-1, in an order that only the vintage's key knows), `key_lo`, `key_hi`."""
    distinct = ids.unique().to_list()
    order = [hmac.digest(keys.order, each.encode(), "sha256") for each in distinct]
    frame = pl.DataFrame(
        {"id": distinct, "order": order}, schema={"id": pl.String, "order": pl.Binary}
    )
    numbered = frame.sort("order").with_row_index("number").drop("order")
    low, high = draw_set_keys(numbered["id"], keys.noise, counted=counted)
    return numbered.with_columns(
        pl.col("number").cast(pl.Int64), key_lo=pl.Series(low), key_hi=pl.Series(high)
    )


def _dated(facts: pl.DataFrame) -> pl.DataFrame:
    """`quarter` (4 x calendar year + 0 to 3), made once here and not at every question."""
    return facts.with_columns(quarter=_quarter(pl.col("on")))


def _quarter(day: pl.Expr) -> pl.Expr:
    return 4 * day.dt.year() + day.dt.quarter() - 1


def _keyed(frame: pl.DataFrame, unit: str, numbers: pl.DataFrame) -> pl.DataFrame:
    set_keys = numbers.select(pl.col("number").alias(unit), "key_lo", "key_hi")
    return frame.join(set_keys, on=unit, how="left")


def _renumbered(frame: pl.DataFrame, **units: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the ids of the linkage run replaced by the numbers of this vintage."""
    for unit, numbers in units.items():
        to_number = numbers.select(pl.col("id").alias(unit), "number")
        frame = frame.join(to_number, on=unit, how="left").drop(unit).rename({"number": unit})
    return frame
