"""Secondary suppression on hier13x7x7d, a table of 637 cells and 525 relations with 50 unsafe cells (JJ format).

Measured: cells hidden besides the unsafe ones, their weight, seconds, and the unsafe cells that an attacker with other code
(SciPy, interior points) still narrows too far. Run: python -m benchmarks.suppression [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np

from gateway.disclosure.suppression.jj import read_jj
from gateway.disclosure.suppression.linear import LinearTable
from gateway.disclosure.suppression.suppress import suppress
from gateway.disclosure.threshold import Flags

DATA = Path(os.environ.get("GATEWAY_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
INSTANCE = DATA / "hier13x7x7d.csp"
MOST_CELLS, MOST_WEIGHT, MOST_SECONDS = 113, 12_210.0, 20.0


def measure(instance: Path = INSTANCE) -> dict[str, float]:
    """Further cells, weight, under-protected cells and seconds; for the first choice alone as well."""
    table = read_jj(instance.read_text(encoding="ascii"))
    began = time.perf_counter()
    first = suppress(table, rounds=0)
    between = time.perf_counter()
    found = suppress(table)
    ended = time.perf_counter()
    return {
        "cells": float(table.values.size),
        "relations": float(table.row_least.size),
        "unsafe": float(table.unsafe.sum()),
        "secondary": float(found.secondary),
        "weight": found.weight,
        "seconds": ended - between,
        "under_protected": float(count_under_protected(table, found.hidden)),
        "first_secondary": float(first.secondary),
        "first_weight": first.weight,
        "first_seconds": between - began,
    }


def count_under_protected(table: LinearTable, hidden: Flags) -> int:
    """Unsafe cells without their protection, by code that shares nothing with ours but the table."""
    from scipy.optimize import linprog

    columns = np.flatnonzero(hidden)
    relations = table.relations.tocsc()[:, columns]
    totals = relations @ table.values[columns]
    bounds = np.column_stack([table.least[columns], table.most[columns]])
    short = 0
    for place, cell in enumerate(columns.tolist()):
        if not table.unsafe[cell]:
            continue
        aim = np.zeros(columns.size)
        aim[place] = 1.0
        low, high = (
            sign
            * linprog(
                sign * aim, A_eq=relations, b_eq=totals, bounds=bounds, method="highs-ipm"
            ).fun
            for sign in (1, -1)
        )
        down, up = table.values[cell] - low, high - table.values[cell]
        nearly = 1.0 - 1e-4
        enough = down >= table.lower[cell] * nearly and up >= table.upper[cell] * nearly
        short += not (enough and down + up >= table.sliding[cell] * nearly)
    return short


def main() -> None:
    """Prints the measurement as a table or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    result = measure()
    if asked.json:
        print(json.dumps(result))
        return
    targets = {
        "secondary": MOST_CELLS,
        "weight": MOST_WEIGHT,
        "under_protected": 0.0,
        "seconds": MOST_SECONDS,
    }
    for name, figure in result.items():
        told = f"   at most {targets[name]:,.0f}" if name in targets else ""
        print(f"{name:20} {figure:12,.2f}{told}")


if __name__ == "__main__":
    main()
