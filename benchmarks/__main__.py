"""Run the benchmarks: all of them, which writes RESULTS.md, or those that are named, which prints them.

Usage: python -m benchmarks [names] [--group NAME] [--json]. A group (linkage, growth) is written to a file of its name. A missed target is told, and is no failure; a benchmark that cannot be
measured is one.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.results import Section, markdown, this_machine
from benchmarks.sections import SECTIONS
from benchmarks.sections_disclosure import DISCLOSURE
from benchmarks.sections_linkage import LINKAGE

HERE = Path(__file__).parent
EVERY = SECTIONS | DISCLOSURE | LINKAGE
# What takes long has a file of its own: record linkage beside its peers, and how it grows.
GROWTH = ("incremental", "scaling")
GROUPS = {
    "results": (*SECTIONS, *DISCLOSURE),
    "linkage": ("historical", "county_linkage", *(name for name in LINKAGE if name not in GROWTH)),
    "growth": GROWTH,
}


def main() -> int:
    """0, or 1 when something could not be measured."""
    asked = _arguments()
    machine, began = this_machine(), time.monotonic()
    wanted = asked.names or GROUPS[asked.group]
    measured: dict[str, dict[str, Any]] = {}
    told: dict[str, Section] = {}
    for name in wanted:
        try:
            measured[name] = _measure(name)
            told[name] = EVERY[name](measured[name])
        except Exception as error:  # noqa: BLE001  # the others are worth measuring all the same
            print(f"{name} could not be measured: {type(error).__name__}: {error}", file=sys.stderr)
    unmeasured = [name for name in wanted if name not in told]
    document = markdown(list(told.values()), machine, time.monotonic() - began, unmeasured)
    if not asked.names:
        (HERE / f"{asked.group.upper()}.md").write_text(document, encoding="utf-8")
    print(json.dumps(measured, indent=2) if asked.json else document)
    return 1 if unmeasured else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *EVERY], help="all when none is named")
    parser.add_argument(
        "--group", choices=list(GROUPS), default="results", help="written to its file"
    )
    parser.add_argument("--json", action="store_true", help="print the raw figures")
    return parser.parse_args()


def _measure(name: str) -> dict[str, Any]:
    """What the benchmark's module measures."""
    print(f"measuring {name} ...", file=sys.stderr, flush=True)
    module = importlib.import_module(f"benchmarks.{name}")
    figures: dict[str, Any] = module.measure()
    if hasattr(module, "measure_utility"):
        figures |= module.measure_utility()
    return figures


if __name__ == "__main__":
    sys.exit(main())
