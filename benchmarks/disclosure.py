"""Disclosure control in figures: what attackers attain, what protection takes, how much is served, and how long it takes.

In: sizes and seeds. Out: figures for the rows of RESULTS.md. About ten minutes on two idle cores; the attacks are the quick form
of `make redteam`, whose full form takes longer than all else here. Run: python -m benchmarks.disclosure [--quick] [--json] [--without-attacks]
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from benchmarks.apart import run_apart
from benchmarks.disclosure_attacks import measure_attacks
from benchmarks.disclosure_ledger import measure_ledger, measure_night
from benchmarks.disclosure_million import FAMILIES, measure_million
from benchmarks.disclosure_utility import measure_utilities

SMALL, LARGE = 1_000, 5_000
# A tenth of the size, to see that all can be measured.
QUICK_FAMILIES, QUICK_TABLES = 100_000, 10


def measure(*, quick: bool = False, attacks: bool = True) -> dict[str, Any]:
    """Figures by part: utility, ledger (two sizes), night, million, attacks. `quick`: a few tables, a tenth of the families."""
    tables = (1, QUICK_TABLES, QUICK_TABLES // 2) if quick else ()
    figures: dict[str, Any] = {
        "quick": quick,
        "utility": measure_utilities(SMALL, *((2,) if quick else ())),
        # Each in a process of its own, whose peak memory is nobody else's.
        "ledger": run_apart(measure_ledger, SMALL, *tables),
        "ledger_large": run_apart(measure_ledger, LARGE, *tables),
        "night": run_apart(measure_night, SMALL, *tables[1:2]),
        "million": measure_million(QUICK_FAMILIES if quick else FAMILIES),
    }
    if attacks:
        figures["attacks"] = measure_attacks(quick=True)
    return figures


def main() -> None:
    """Print the figures; --json for machines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="small sizes, the quick red team")
    parser.add_argument("--without-attacks", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(quick=given.quick, attacks=not given.without_attacks)
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    for name, figure in _flat(figures, ""):
        print(f"{name:64} {figure}")


def _flat(figures: dict[str, Any], before: str) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    for name, figure in figures.items():
        path = f"{before}{name}"
        if isinstance(figure, dict):
            told += _flat(figure, f"{path} / ")
        else:
            told.append((path, f"{figure:,.4f}" if isinstance(figure, float) else str(figure)))
    return told


if __name__ == "__main__":
    main()
