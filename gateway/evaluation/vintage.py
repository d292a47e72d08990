"""The vintage: the linked tables figures are made from, checked and completed. In: Arrow tables. Out: the same, ready to ask.

Columns the link step may store, and that are made here otherwise: `families.known_to`, `events.quarter`, `issues.quarter`.
Never a message with a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from gateway.disclosure import Unprotectable

if TYPE_CHECKING:
    import ibis

# The columns questions read, with their Ibis types; what else a vintage holds stays untouched.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "families": {
        "family": "int64",
        "district": "string",
        "issue_count": "int32",
        "children": "int32",
        "known_to": "string",
        "key_lo": "uint64",
        "key_hi": "uint64",
    },
    "people": {
        "person": "int64",
        "family": "int64",
        "known_to": "string",
        "key_lo": "uint64",
        "key_hi": "uint64",
    },
    "events": {
        "family": "int64",
        "person": "int64",
        "agency": "string",
        "quarter": "int32",
        "perturbed_pence": "int64",
    },
    "issues": {"family": "int64", "issue": "string", "quarter": "int32"},
}
# A record without a district is counted as unknown; every other gap is an error.
MAY_BE_NULL = {("families", "district")}
UNIQUE = {"families": "family", "people": "person"}


class VintageFaulty(Unprotectable):
    """A vintage table lacks a column, has a gap, a negative cost or an unregistered category: no figure is made."""


def unbound(name: str) -> ibis.Table:
    """The vintage table as an Ibis expression without data."""
    import ibis

    return ibis.table(dict(COLUMNS[name]), name=name)


def complete(vintage: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The four tables with exactly the columns of `COLUMNS`. Raises `VintageFaulty`."""
    tables = {name: _table(vintage, name) for name in COLUMNS}
    for name in ("events", "issues"):
        if "quarter" not in tables[name].column_names:
            tables[name] = _with_quarter(tables[name], name)
    if "known_to" not in tables["families"].column_names:
        tables["families"] = _with_known_to(tables["families"], tables["people"])
    return {name: _checked(table, name) for name, table in tables.items()}


def has_unknown(families: pa.Table, column: str, unknown: str) -> bool:
    """Whether some family has no value there, or one that says so."""
    values = families[column]
    return bool(values.null_count) or bool(pc.any(pc.equal(values, unknown)).as_py())


def quarter_numbers(days: pa.ChunkedArray) -> pa.ChunkedArray:
    """Quarter numbers (4 * calendar year + 0..3, int32) of dates: what `quarter` holds."""
    count = pc.add(pc.multiply(pc.year(days), 4), pc.subtract(pc.quarter(days), 1))
    return pc.cast(count, pa.int32())


def _table(vintage: Mapping[str, pa.Table], name: str) -> pa.Table:
    if name not in vintage:
        raise VintageFaulty(name, "missing_table", "the table is missing")
    return vintage[name]


def _with_quarter(table: pa.Table, name: str) -> pa.Table:
    if "on" not in table.column_names:
        raise VintageFaulty(f"{name}.on", "missing_column", "the column is missing")
    return table.append_column("quarter", quarter_numbers(table["on"]))


def _with_known_to(families: pa.Table, people: pa.Table) -> pa.Table:
    """A family is known to whoever knows one of its people."""
    import polars as pl

    each = pl.DataFrame(pl.from_arrow(people.select(["family", "known_to"])))
    joined = (
        each.with_columns(pl.col("known_to").cast(pl.String).str.split("+"))
        .explode("known_to")
        .unique()
        .sort("known_to")
        .group_by("family")
        .agg(pl.col("known_to").str.join("+"))
    )
    ids = pl.DataFrame(pl.from_arrow(families.select(["family"])))
    known = ids.join(joined, on="family", how="left", maintain_order="left")["known_to"]
    return families.append_column("known_to", known.fill_null("").to_arrow().cast(pa.string()))


def _checked(table: pa.Table, name: str) -> pa.Table:
    for column in COLUMNS[name]:
        if column not in table.column_names:
            raise VintageFaulty(f"{name}.{column}", "missing_column", "the column is missing")
        if table[column].null_count and (name, column) not in MAY_BE_NULL:
            raise VintageFaulty(f"{name}.{column}", "missing_value", "a row has no value")
    if name in UNIQUE and not _is_unique(table[UNIQUE[name]]):
        raise VintageFaulty(f"{name}.{UNIQUE[name]}", "not_unique", "an id stands twice")
    if name == "events" and len(table) and pc.min(table["perturbed_pence"]).as_py() < 0:
        raise VintageFaulty("events.perturbed_pence", "negative", "a negative cost")
    return table.select(list(COLUMNS[name]))


def _is_unique(ids: pa.ChunkedArray) -> bool:
    """Whether no id stands twice; seen at once where they rise, as they do in a frozen vintage."""
    rise = pc.less(ids.slice(0, max(len(ids) - 1, 0)), ids.slice(1))
    return bool(pc.all(rise).as_py()) or pc.count_distinct(ids).as_py() == len(ids)
