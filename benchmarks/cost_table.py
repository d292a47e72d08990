"""The protected cost table over a million linked events, the whole way an evaluator's question goes, beside plain SQL.

Ours: decide, write the intent to the log, and where the question is new open the vintage (decrypted before), count, protect,
hold it against all that was served; where it was asked before, look the table up; then log and store the release.
Peer: DuckDB's group-by of the same events in the clear. By turns, warm.
Run: python -m benchmarks.cost_table [--events N] [--families N] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Mapping

import duckdb
import polars as pl
import pyarrow as pa

from benchmarks.apart import peak_gb, run_apart
from benchmarks.home import EVALUATOR, LINKER, fresh_gateway
from benchmarks.questions import PLAIN, build_vintage, cost_question
from gateway.pipeline.answer import answer
from gateway.pipeline.wiring import Wiring
from gateway.questions import Question

EVENTS, FAMILIES, TURNS = 1_000_000, 40_000, 9
# Last months of the new questions: each is about other sets of costs than all before it.
ENDS = ("2025-12", "2025-09", "2025-06")
TARGET_SECONDS, TARGET_RATIO = 1.0, 3.0


def measure(families: int = FAMILIES, events: int = EVENTS) -> dict[str, float]:
    """Median seconds of both, of new questions and of the first one after a start, and the ratio."""
    return run_apart(measure_here, families, events)


def measure_here(families: int, events: int) -> dict[str, float]:
    """The same, in this process."""
    tables = build_vintage(families, events)
    question = cost_question("cost")
    with fresh_gateway() as wiring, duckdb.connect(config={"threads": 2}) as clear:
        for name in ("families", "events"):
            clear.register(name, tables[name])
        _freeze(wiring, tables)
        began = time.perf_counter()
        first = answer(question, EVALUATOR, wiring)
        cold = time.perf_counter() - began
        ours, plain = [], []
        for _ in range(TURNS):
            ours.append(_timed(question, wiring))
            began = time.perf_counter()
            clear.sql(PLAIN).to_arrow_table()
            plain.append(time.perf_counter() - began)
        new = [_timed(_until(end), wiring) for end in ENDS]
        seconds, peer = statistics.median(ours), statistics.median(plain)
        return {
            "events": events,
            "families": families,
            "cells": len(first.table["cells"]),
            "seconds": seconds,
            "duckdb_s": peer,
            "ratio": seconds / peer,
            "new_s": statistics.median(new),
            "cold_s": cold,
            "peak_gb": peak_gb(),
        }


def _until(last_month: str) -> Question:
    """The same question of a shorter period."""
    body = cost_question("cost").canonical()
    return Question.from_mapping(body | {"period": body["period"] | {"to": last_month}})


def _timed(question: Question, wiring: Wiring) -> float:
    began = time.perf_counter()
    answer(question, EVALUATOR, wiring)
    return time.perf_counter() - began


def _freeze(wiring: Wiring, tables: Mapping[str, pa.Table]) -> None:
    """The tables as an encrypted vintage of a finished run."""
    nobody = pl.DataFrame(schema=dict.fromkeys(("record", "person", "family"), pl.String))
    store = wiring.store
    with wiring.door.open(wiring.operation(LINKER, "link")) as access:
        run = store.runs.begin(access, [], {})
        store.runs.finish(access, run.number, nobody, quality={})
        store.vintages.write(access, store.vintages.new_id(), run.number, tables)


def main() -> None:
    """Print the figures; --json for machines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--families", type=int, default=FAMILIES)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.families, given.events)
    if given.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:12} {figure:14,.3f}")


if __name__ == "__main__":
    main()
