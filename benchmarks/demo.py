"""Seconds of the demo, from nothing to a verified log, and how well it linked the county that it made.

In: families. Out: figures as a dict. Runs the command that `make demo SERVE=0` runs, in a process and a folder of its
own, with packages installed and compiled; the county's truth is known. Run: python -m benchmarks.demo [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FAMILIES = 6000
PATIENCE_SECONDS = 900


def measure(families: int = FAMILIES) -> dict[str, Any]:
    """Wall-clock seconds, rows, and quality of persons and families against the truth."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["demo", "--families", str(families), "--no-serve", "--json"]
        clean = {n: v for n, v in os.environ.items() if not n.startswith("GATEWAY_")}
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *words, "--home", str(Path(folder) / "home")],
            capture_output=True,
            check=True,
            env=clean,
            timeout=PATIENCE_SECONDS,
        )
        seconds = time.perf_counter() - began
    told = json.loads(done.stdout)
    persons, found = told["linkage"]["persons"], told["linkage"]["families"]
    return {
        "families": families,
        "seconds": seconds,
        "rows_sent": sum(each["rows_sent"] for each in told["agencies"]),
        "rows_refused": sum(each["rows_refused"] for each in told["agencies"]),
        "person_pair_f1": persons["f1"],
        "person_pair_precision": persons["precision"],
        "person_pair_recall": persons["recall"],
        "family_pair_f1": found["f1"],
        "family_exact_match": found["exact_match"],
        "tables": len(told["tables"]),
        "log_verified": told["log"]["verified"],
    }


def main() -> None:
    """Print the figures; --json for machines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--families", type=int, default=FAMILIES)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.families)
    if given.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:22} {figure}")


if __name__ == "__main__":
    main()
