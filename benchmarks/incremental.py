"""Incremental linking beside a full run: seconds, pairs compared, and how far the persons are the same.

Synthetic persons on two agencies' lists (see `persons`), of which a share of the second arrives late. `measure()` links
without it, and then with it three times: trained anew, in full by the first run's model, and incrementally.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl

from linkage import LinkageResult, LinkageSettings, link_records
from linkage.evaluate import pair_quality
from linkage.history import count_changes
from linkage.incremental import link_new_records

RECORDS = 200_000
LATE = 0.01
SEED = 20261122


def measure(records: int = RECORDS, late: float = LATE, seed: int = SEED) -> dict[str, Any]:
    """Seconds (and of the processor), pairs and agreement, for one share of late records."""
    tokens = _tokens(records, seed)
    rows = pl.int_range(pl.len()).shuffle(seed=seed)
    is_late = (pl.col("agency") == "two") & (rows < late * records / 2)
    early = tokens.filter(~is_late.over("agency"))
    settings = LinkageSettings()
    first, _ = _timed(lambda: link_records(early, settings))
    last = first.parameters
    by_its_model = replace(settings, model=last["model"], link_at=last["link_at"])
    runs = {
        "trained_anew": lambda: link_records(tokens, settings, previous=first.links()),
        "in_full": lambda: link_records(tokens, by_its_model, previous=first.links()),
        "incremental": lambda: link_new_records(
            tokens, settings, previous=first.links(), last=last
        ),
    }
    results = {name: _timed(run) for name, run in runs.items()}
    part, whole = results["incremental"][0], results["in_full"][0]
    took = {name: figures for name, (_, figures) in results.items()}
    ratio = took["incremental"]["seconds"] / took["trained_anew"]["seconds"]
    return {
        "records": tokens.height,
        "late": tokens.height - early.height,
        **{name: figures | _pairs(results[name][0]) for name, figures in took.items()},
        "time_ratio": ratio,
        "pair_f1_to_full": pair_quality(part.persons, whole.persons).f1,
        "changes": count_changes(part.changes),
        "rounds": part.parameters["rounds"],
        "looked_at_again": part.parameters["entries_looked_at_again"],
    }


def _pairs(result: LinkageResult) -> dict[str, int]:
    return {"pairs": result.counts["entry_pairs_compared"]}


def _timed(run: Callable[[], LinkageResult]) -> tuple[LinkageResult, dict[str, float]]:
    began, worked = time.perf_counter(), time.process_time()
    result = run()
    return result, {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - worked,
    }


def _tokens(records: int, seed: int) -> pl.DataFrame:
    from benchmarks.persons import two_lists
    from linkage.tokens import LinkageKey, tokenise

    key, frames = LinkageKey(os.urandom(32)), []
    for agency, listed in zip(("one", "two"), two_lists(records, seed), strict=True):
        frames.append(
            tokenise(listed.drop("person"), key, namespace=agency)
            .with_columns(
                record=pl.format(f"{agency}:{{}}", "row"),
                agency=pl.lit(agency),
                dataset=pl.lit("people"),
                clean_list=pl.lit(value=True),
            )
            .drop("row")
        )
    return pl.concat(frames, how="diagonal")


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--late", type=float, default=LATE)
    asked = parser.parse_args()
    print(json.dumps(measure(asked.records, asked.late), indent=2))


if __name__ == "__main__":
    main()
