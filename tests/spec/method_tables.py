"""Tables as text, made into records, and what a method shows of them."""

from __future__ import annotations

import polars as pl

from gateway.disclosure import Dimension, ExactTable, ProtectedTable, tabulate
from gateway.disclosure.methods import Cost, PrivacyRules

KEY = b"a key that is at least 32 bytes ."
COST_PENCE = 250_000
TABLE = """
district |  a  |  b  |  c
north    |   3 |  47 |  61
east     |  38 |  52 |  26
south    |  44 |  33 |  58
"""


def exact(table: str, *measures: str, overlapping: bool = False) -> ExactTable:
    """The table as records: as many families, each with one cost, as the figure in each cell says."""
    head, *lines = [
        [word.strip() for word in line.split("|")] for line in table.strip().split("\n")
    ]
    rows = [
        (first, second)
        for first, *figures in lines
        for second, figure in zip(head[1:], figures, strict=True)
        for _ in range(int(figure.rstrip("*")))
    ]
    frame = pl.DataFrame(
        {
            "row": pl.Series([r[0] for r in rows], dtype=pl.String),
            "column": pl.Series([r[1] for r in rows], dtype=pl.String),
            "family": range(len(rows)),
            "person": range(len(rows)),
            "cost_pence": [COST_PENCE] * len(rows),
        }
    )
    axes = [
        Dimension("row", "row", tuple(line[0] for line in lines)),
        Dimension("column", "column", tuple(head[1:]), overlapping=overlapping),
    ]
    return tabulate(frame, axes, measures or ("families",), key=KEY)  # type: ignore[arg-type]


def cells(table: ProtectedTable, measure: str = "families") -> dict[tuple[str, str], object]:
    return {
        (c.keys["row"], c.keys["column"]): c.mark or c.value
        for c in table.cells
        if c.measure == measure
    }


class Purse:
    """Keeps an account as the gateway's store does."""

    def __init__(self, rules: PrivacyRules) -> None:
        self.account = rules.account()

    def __call__(self, cost: Cost) -> None:
        self.account = self.account.spend(cost)
