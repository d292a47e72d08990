"""One ledger and many tables: how much of what is asked is served, and how long a table takes beside a hundred others.

In: how many families, tables, seeds. Out: shares of cells and seconds. Tables are of one to three columns drawn at random, counts
and costs, most of them by three and overlapping one another: nobody asks so, which makes it a hard day for a ledger.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from benchmarks.apart import peak_gb
from benchmarks.disclosure_families import COLUMNS, KEY, dimension, make_costs, make_families
from gateway.disclosure import Ledger, Rules, protect_table, tabulate
from gateway.disclosure.attack import Effort, Notebook, attack
from gateway.disclosure.ledger import served_cells

MEASURES = ("families", "cost")
MOST_COLUMNS = 3
TABLES, FURTHER, SEEDS = 100, 30, 4


@dataclass
class Asked:
    """Cells of one measure: all, those a table by itself would show, those that were served."""

    cells: int = 0
    alone: int = 0
    served: int = 0

    def shares(self, name: str) -> dict[str, float]:
        """Served cells, of those that the rules for one table would show and of all."""
        of_alone = self.served / self.alone
        return {f"{name}_served": of_alone, f"{name}_served_of_all": self.served / self.cells}


@dataclass
class Sitting:
    """Tables asked one after the other of one ledger."""

    frame: pl.DataFrame
    ledger: Ledger = field(default_factory=Ledger)
    asked: dict[str, Asked] = field(default_factory=lambda: {name: Asked() for name in MEASURES})
    seconds: list[float] = field(default_factory=list)
    # What left, as an attacker has it; and the same tables each protected by itself.
    left: Notebook = field(default_factory=Notebook)
    left_alone: Notebook = field(default_factory=Notebook)

    def ask(self, columns: list[str]) -> None:
        """A table protected, entered and counted. What is timed starts at the exact table, as in the gateway."""
        exact = tabulate(
            self.frame,
            [dimension(name) for name in columns],
            ("families", "cost"),
            key=KEY,
            cost_pence="perturbed_pence",
        )
        alone = protect_table(exact, Rules(), KEY)
        began = time.perf_counter()
        protected = protect_table(exact, Rules(), KEY, self.ledger)
        self.ledger.enter(exact, served_cells(exact, protected))
        self.seconds.append(time.perf_counter() - began)
        self.left.write(len(self.seconds), exact, protected)
        self.left_alone.write(len(self.seconds), exact, alone)
        for name, counted in self.asked.items():
            cells = len(protected.cells) // len(MEASURES)
            counted.cells += cells
            counted.alone += cells - alone.withheld[name]
            counted.served += cells - protected.withheld[name]


def measure_ledger(
    families: int = 1_000, seeds: int = SEEDS, tables: int = TABLES, further: int = FURTHER
) -> dict[str, float]:
    """Shares served of `tables` tables, mean over the seeds; seconds of each of `further` more, over all seeds; peak memory in GB."""
    shares, last, cells = [], [], 0
    for seed in range(seeds):
        sitting, drawn = Sitting(one_row_each(families, seed)), random_columns(seed)
        for _ in range(tables):
            sitting.ask(next(drawn))
        shares.append(_served(sitting.asked))
        cells += sum(asked.cells for asked in sitting.asked.values())
        for _ in range(further):
            sitting.ask(next(drawn))
        last += sitting.seconds[tables:]
    means = {name: float(np.mean([each[name] for each in shares])) for name in shares[0]}
    return means | {
        "families": families,
        "seeds": seeds,
        "tables": tables,
        "further": further,
        "cells": cells,
        "p50_s": float(np.quantile(last, 0.5)),
        "p95_s": float(np.quantile(last, 0.95)),
        "peak_gb": peak_gb(),
    }


def measure_night(families: int = 1_000, tables: int = TABLES, seed: int = 0) -> dict[str, float]:
    """The nightly attack on a ledger of so many tables: groups drawn, how many pass a limit, the nearest's share of it, seconds.

    `alone_passed`: of the groups drawn from the same tables without a ledger.
    """
    sitting, drawn = Sitting(one_row_each(families, seed)), random_columns(seed)
    for _ in range(tables):
        sitting.ask(next(drawn))
    began = time.perf_counter()
    found = attack(sitting.left, seed)
    seconds = time.perf_counter() - began
    # Bounds are left out there: they are tried where shares hold.
    alone = attack(sitting.left_alone, seed, Effort(programmes=0))
    return {
        "families": families,
        "tables": tables,
        "groups": sum(each.drawn for each in found),
        "passed": sum(each.passed for each in found),
        "nearest": max(each.most for each in found),
        "undecided": sum(each.undecided for each in found),
        "seconds": seconds,
        "alone_groups": sum(each.drawn for each in alone),
        "alone_passed": sum(each.passed for each in alone),
    }


def _served(asked: Mapping[str, Asked]) -> dict[str, float]:
    """Of counts, of costs, of both together."""
    counts, costs = (asked[name] for name in MEASURES)
    both = Asked(*(getattr(counts, n) + getattr(costs, n) for n in ("cells", "alone", "served")))
    return counts.shares("counts") | costs.shares("costs") | both.shares("cells")


def one_row_each(families: int, seed: int) -> pl.DataFrame:
    """The families with all their costs in one."""
    listed = make_families(families, seed)
    costs = make_costs(listed, seed).group_by("family").agg(pl.col("perturbed_pence").sum())
    return listed.join(costs, on="family", how="left", maintain_order="left")


def random_columns(seed: int) -> Iterator[list[str]]:
    """One to three columns at a time, without end."""
    rng = np.random.default_rng((seed, 2))
    while True:
        number = int(rng.integers(1, MOST_COLUMNS + 1))
        yield rng.choice(list(COLUMNS), number, replace=False).tolist()
