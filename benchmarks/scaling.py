"""How linkage grows: two lists of together ten thousand to five million records, tokenised and linked on one machine.

In: nothing. Out: for each size the seconds of each step, the peak memory of its process, pairs compared, and F1 against
the truth. Each size has a process of its own and goes through the public `tokenise` and `link_records`.
"""

from __future__ import annotations

import os
import time
from typing import Any

import polars as pl

from benchmarks.apart import peak_gb, run_apart
from benchmarks.persons import SEED, two_lists

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
MEMORY_MB = 12_288
AGENCIES = ("one", "other")


def measure(sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """Figures of each size, smallest first."""
    return {"seed": SEED, "sizes": [run_apart(linked, size) for size in sizes]}


def linked(records: int) -> dict[str, Any]:
    """Tokenise and link that many records; to be called in a process of its own."""
    from linkage import LinkageSettings, link_records

    made, truth = _tokens(records)
    tokenised = time.perf_counter()
    steps: list[tuple[str, float]] = []
    result = link_records(
        made.pop(),
        LinkageSettings(memory_mb=MEMORY_MB, threads=len(os.sched_getaffinity(0))),
        progress=lambda step, share: steps.append((step, time.perf_counter())),
    )
    ended, peak = time.perf_counter(), peak_gb()
    return {
        "records": records,
        "tokenise_s": tokenised - truth.began,
        "link_s": ended - tokenised,
        "steps_s": _lasting(steps, ended),
        "peak_gb": peak,
        "pairs": result.counts["entry_pairs_compared"],
        "f1": _f1(result.persons, truth.frame),
        "blocking_left_out": len(result.parameters["blocking_left_out"]),
    }


class _Truth:
    """The true person of each record, and when the work on the records began."""

    def __init__(self, frame: pl.DataFrame, began: float) -> None:
        self.frame, self.began = frame, began


def _tokens(records: int) -> tuple[list[pl.DataFrame], _Truth]:
    """The token records, in a list so that the caller can let go of them."""
    from linkage.tokens import LinkageKey, tokenise

    lists = two_lists(records)
    named = zip(AGENCIES, lists, strict=True)
    truth = pl.concat(
        [_named(people, agency).select("record", "person") for agency, people in named]
    )
    key, began = LinkageKey(os.urandom(32)), time.perf_counter()
    made = [
        _named(tokenise(people.drop("person"), key, namespace=agency), agency).drop("row")
        for agency, people in zip(AGENCIES, lists, strict=True)
    ]
    return [pl.concat(made)], _Truth(truth, began)


def _named(rows: pl.DataFrame, agency: str) -> pl.DataFrame:
    return rows.with_columns(
        record=pl.format("{}:{}", pl.lit(agency), "row"),
        agency=pl.lit(agency),
        dataset=pl.lit("people"),
        clean_list=pl.lit(value=True),
    )


def _lasting(steps: list[tuple[str, float]], ended: float) -> dict[str, float]:
    ends = [began for _, began in steps[1:]] + [ended]
    return {step: end - began for (step, began), end in zip(steps, ends, strict=True)}


def _f1(persons: pl.DataFrame, truth: pl.DataFrame) -> float:
    """Pair F1 in whole numbers; `linkage.evaluate` gives intervals as well, which costs time at this size."""
    found = persons.join(truth.rename({"person": "true"}), on="record")

    def pairs(*groups: str) -> int:
        sizes = found.group_by(groups).len()["len"].cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())

    return 2 * pairs("person", "true") / (pairs("person") + pairs("true"))


if __name__ == "__main__":
    import json
    import sys

    print(json.dumps(measure(tuple(map(int, sys.argv[1:])) or SIZES), indent=2))
