"""A small county, and questions about it put to the library with one ledger for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from gateway.disclosure import (
    Dimension,
    ExactTable,
    ProtectedTable,
    Rules,
    protect_table,
    tabulate,
)
from gateway.disclosure.ledger import Ledger, served_cells

KEY = b"a key that is at least 32 bytes ."
SIZE = 120
AGENCIES = ("health", "police", "schools")
DISTRICT = Dimension("district", "district", ("north", "south"))
AGENCY = Dimension("agency", "agency", AGENCIES, overlapping=True)
KIDS = Dimension("kids", "kids", ("one", "more"))
DRINKS = Dimension("drinks", "drinks", ("yes", "no"), sensitive=True)


def county() -> pl.DataFrame:
    """A row for each of 120 families at each of three agencies, all with a cost; `group` numbers groups of twelve."""
    number = np.repeat(np.arange(SIZE), len(AGENCIES))
    rng = np.random.default_rng(5)
    return pl.DataFrame(
        {
            "family": number,
            "agency": np.tile(AGENCIES, SIZE),
            "district": np.where(number % 2, "north", "south"),
            "kids": np.where(number // 2 % 2, "one", "more"),
            "drinks": np.where(number // 4 % 2, "yes", "no"),
            "group": number % 10,
            "cost_pence": rng.integers(400_000, 600_000, len(number)),
        }
    )


def one_costly(cost: int) -> pl.DataFrame:
    """The county, in which one family costs health so many pence."""
    hers = (pl.col("family") == 0) & (pl.col("agency") == "health")
    kept = pl.col("cost_pence")
    return county().with_columns(cost_pence=pl.when(hers).then(cost).otherwise(kept))


@dataclass(frozen=True)
class Ask:
    """A table by `by` about the families from `first` up to `last`, at some of the agencies only."""

    first: int = 0
    last: int = SIZE
    by: tuple[Dimension, ...] = ()
    agencies: tuple[str, ...] = AGENCIES
    measures: tuple[str, ...] = ("families",)
    restricted: tuple[str, ...] = ()

    def exact(self) -> ExactTable:
        rows = county().filter(
            pl.col("family").is_between(self.first, self.last - 1)
            & pl.col("agency").is_in(self.agencies)
        )
        measures: Sequence[Any] = self.measures
        return tabulate(rows, self.by, measures, key=KEY, restricted=self.restricted)


def answer(ledger: Ledger, asked: Ask) -> ProtectedTable:
    """The table, and it has left."""
    exact = asked.exact()
    protected = protect_table(exact, Rules(), KEY, ledger)
    ledger.enter(exact, served_cells(exact, protected))
    return protected


def answers(*asked: Ask) -> list[ProtectedTable]:
    ledger = Ledger()
    return [answer(ledger, each) for each in asked]


def value(table: ProtectedTable, measure: str | None = None, **keys: str) -> float | None:
    wanted = measure or table.measures[0]
    return next(c.value for c in table.cells if c.measure == wanted and dict(c.keys) == keys)
