"""Whose row is whose, for those who keep the score and not for thieves: names beside every row of an opened table.

In: the home with all its keys, what was opened, and a table. Out: its rows with `forename` and `surname`, null where a row is of
nobody in particular; or None for a table without people.
"""

from __future__ import annotations

import hmac

import polars as pl

from linkage import told_again
from tests.redteam.at_rest import Loot

NAMES = ("forename", "surname")


class WhoIsWho:
    """The truth of one home. `records`: record, forename, surname; `order`: key by which a vintage numbers its ids."""

    def __init__(self, loot: Loot, records: pl.DataFrame, order: bytes) -> None:
        links = next(table for place, table in loot.tables.items() if place.endswith("/links"))
        self._records = records
        self._links = links.join(records, on="record", how="left")
        self._order = order

    def of(self, place: str, table: pl.DataFrame) -> pl.DataFrame | None:
        """The table with the names of its rows; tokens told once are told again, row by row."""
        submission = place.split("/")[2] if place.startswith("lake/submissions/") else None
        if place.endswith("/tokens"):
            table = told_again(table.explode("row", "seen_on").sort("row"))
        if submission is not None:
            record = pl.format("{}:{}", pl.lit(submission), "row")
            named = table.with_columns(record=record).join(
                self._records, on="record", how="left", maintain_order="left"
            )
            return named.drop("record")
        if place.endswith("/links"):
            return self._links
        if place.startswith("lake/vintages/"):
            unit = "person" if "person" in table.columns else "family"
            return table.join(self._numbered(unit), on=unit, how="left", maintain_order="left")
        return None

    def _numbered(self, unit: str) -> pl.DataFrame:
        """The number that the vintage gave each id, with the names it stands for most often."""
        named = self._links.group_by(unit).agg(pl.col(name).mode().sort().first() for name in NAMES)
        order = pl.Series(
            [hmac.digest(self._order, each.encode(), "sha256") for each in named[unit]]
        )
        ranked = named.with_columns(order=order).sort("order").with_row_index("number")
        return ranked.select(pl.col("number").cast(pl.Int64).alias(unit), *NAMES)
