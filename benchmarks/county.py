"""The synthetic county beside the published figures: calibration, size, time, and the issue thresholds of cohorts.

Run: python -m benchmarks.county [--families N] [--seed S]. Prints a table; exits with 1 when a figure is off.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from agencies.county import CountyConfig, make_county
from agencies.county.calibration import Comparison, calibrate, issue_thresholds


def measure(
    families: int = CountyConfig().families, seed: int = CountyConfig().seed
) -> dict[str, Any]:
    """Seconds to make and to write a county, its size, and how many published figures it meets."""
    begin = time.perf_counter()
    county = make_county(CountyConfig(seed=seed, families=families))
    made = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        county.write(Path(folder))
    written = time.perf_counter()
    comparisons = calibrate(county)
    return {
        "families": families,
        "people": county.people.height,
        "rows": county.truth_rows.height,
        "made_s": made - begin,
        "written_s": written - made,
        "figures_compared": len(comparisons),
        "figures_met": sum(line.holds for line in comparisons),
    }


def main() -> int:
    """Make and write a county, then compare."""
    arguments = _arguments()
    begin = time.perf_counter()
    county = make_county(CountyConfig(seed=arguments.seed, families=arguments.families))
    made = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        county.write(Path(folder))
    written = time.perf_counter()
    comparisons = calibrate(county)
    for line in comparisons:
        print(_line(line))
    print("\nfamilies with at least so many recorded issues, and shown by two agencies or more")
    for row in issue_thresholds(county).iter_rows():
        print("{:>9} {:>9,} {:>9,}".format(*row))
    print(f"\n{'rows':24}{county.truth_rows.height:>10,}")
    for extract in county.recorded:
        print(f"  {extract.filename:30}{extract.cells.height:>10,}")
    print(f"{'people':24}{county.people.height:>10,}")
    print(f"{'made in seconds':24}{made - begin:>10.2f}")
    print(f"{'written in seconds':24}{written - made:>10.2f}")
    return 0 if all(line.holds for line in comparisons) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", type=int, default=CountyConfig().families)
    parser.add_argument("--seed", type=int, default=CountyConfig().seed)
    return parser.parse_args()


def _line(line: Comparison) -> str:
    published, true = _value(line.published, line.unit), _value(line.true, line.unit)
    recorded = "-" if line.recorded is None else _value(line.recorded, line.unit)
    sign = "ok " if line.holds else "OFF"
    over = ">" if line.at_least else " "
    return f"{sign} {line.figure:55}{over}{published:>11} {true:>11} {recorded:>11}  {line.note}"


def _value(value: float, unit: str) -> str:
    return f"{100 * value:.1f} %" if unit == "share" else f"{value:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
