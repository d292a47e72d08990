"""What protection takes from a table of 4 family types by 7 districts: errors of what is shown, and how much is withheld.

In: families and seeds. Out: means over the seeds. Costs and counts of one county, and the same costs before and after, asked of one
ledger one after the other. True figures are compared with released ones, cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from benchmarks.disclosure_families import (
    KEY,
    LARGE_CHANGE,
    SMALL_CHANGE,
    dimension,
    make_costs,
    make_families,
)
from gateway.disclosure import ExactTable, Ledger, ProtectedTable, Rules, protect_table, tabulate
from gateway.disclosure.ledger import served_cells

BY, WITH_PERIOD = ("type", "district"), ("type", "district", "period")
SEEDS = 20
DISTRICT = ("district",)


def measure_utilities(families: int = 1_000, seeds: int = SEEDS) -> dict[str, Any]:
    """Three times: signs balanced within the table's own cells; costs that change less; signs balanced by district alone."""
    return {
        "balanced": measure_utility(families, seeds),
        "small_change": measure_utility(families, seeds, change=SMALL_CHANGE),
        "by_district": measure_utility(families, seeds, DISTRICT),
    }


def measure_utility(
    families: int = 1_000,
    seeds: int = SEEDS,
    design: Sequence[str] = BY,
    change: float = LARGE_CHANGE,
) -> dict[str, float]:
    """Means over the seeds of each figure of one county; costs as shares of the true ones, change in percentage points."""
    found = [_of_one(families, seed, design, change) for seed in range(seeds)]
    means = {name: float(np.mean([each[name] for each in found])) for name in found[0]}
    return means | {"families": families, "seeds": seeds, "change": change}


def _of_one(families: int, seed: int, design: Sequence[str], change: float) -> dict[str, float]:
    listed = make_families(families, seed)
    costs = make_costs(listed, seed, design, change)
    ledger = Ledger()
    # A family that cost nothing is counted as well.
    counted = _asked(listed, ("families",), BY, ledger)
    of_costs = _asked(costs, ("cost",), BY, ledger)
    in_time = _asked(costs, ("cost",), WITH_PERIOD, ledger)
    true_count = _true(listed, pl.len(), BY)
    true_cost, true_in_time = (
        _true(costs, pl.col("cost_pence").sum() / 100, by) for by in (BY, WITH_PERIOD)
    )
    shown = _shown(of_costs)
    errors = [abs(value - true_cost[at]) / true_cost[at] for at, value in shown.items()]
    miss = [abs(value - true_count.get(at, 0.0)) for at, value in _shown(counted).items()]
    return {
        "cost_error_median": float(np.median(errors)),
        "cost_error_p95": float(np.quantile(errors, 0.95)),
        "change_error_points_median": float(np.median(_changes(_shown(in_time), true_in_time))),
        "count_error_mean": float(np.mean(miss)),
        "count_cells_withheld": counted.withheld["families"] / len(counted.cells),
        "cost_cells_withheld": of_costs.withheld["cost"] / len(of_costs.cells),
        "cost_cells_in_time_withheld": in_time.withheld["cost"] / len(in_time.cells),
    }


def _asked(
    frame: pl.DataFrame, measures: Sequence[str], by: Sequence[str], ledger: Ledger
) -> ProtectedTable:
    exact: ExactTable = tabulate(
        frame,
        [dimension(name) for name in by],
        measures,  # type: ignore[arg-type]
        key=KEY,
        cost_pence="perturbed_pence",
    )
    protected = protect_table(exact, Rules(), KEY, ledger)
    ledger.enter(exact, served_cells(exact, protected))
    return protected


def _true(frame: pl.DataFrame, figure: pl.Expr, by: Sequence[str]) -> dict[tuple[str, ...], float]:
    found = frame.group_by(by).agg(figure=figure.cast(pl.Float64))
    return {tuple(row[:-1]): row[-1] for row in found.select(*by, "figure").iter_rows()}


def _shown(table: ProtectedTable) -> dict[tuple[str, ...], float]:
    """Released figures by place; a cost that rounds to nothing is shown as 0."""
    return {
        tuple(cell.keys.values()): float(cell.value or 0)
        for cell in table.cells
        if not cell.is_withheld
    }


def _changes(
    shown: dict[tuple[str, ...], float], true: dict[tuple[str, ...], float]
) -> list[float]:
    """For each cell that is shown before and after: by how many points the released change misses the true one."""
    missed = []
    for place, before in shown.items():
        later = (*place[:-1], "after")
        if place[-1] == "before" and later in shown and before:
            released = shown[later] / before
            missed.append(100 * abs(released - true[later] / true[place]))
    return missed
