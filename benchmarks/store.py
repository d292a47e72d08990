"""What encryption at rest costs: a million rows sealed and opened, beside plain Parquet in one run.

In: rows. Out: figures as a dict (seconds, ratios, bytes). Both write the same row groups with the
same compression and an fsync; the sealed one is encrypted and digested besides, and its digest is
checked before it is read. Best of several turns, taken alternately. Nothing is kept.

Run as `python -m benchmarks.store`.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from gateway.store.seal import COMPRESSION, COMPRESSION_LEVEL, ROW_GROUP, SealedFile, seal, unseal

ROWS = 1_000_000
TURNS = 5
SEED = 20261122


def records(rows: int) -> pl.DataFrame:
    """15 columns as a submission has them: tokens that repeat as names do, codes, dates, money."""
    random = np.random.default_rng(SEED)
    tokens = {
        f"token_{each}": random.integers(0, 2**64, distinct, dtype=np.uint64)[
            random.zipf(1.3, rows) % distinct
        ]
        for each, distinct in enumerate((500, 5_000, 20_000, 80_000, 200_000, rows, rows, rows))
    }
    return pl.DataFrame(
        {
            "row": np.arange(1, rows + 1, dtype=np.uint32),
            **tokens,
            "near": random.integers(0, 2**63, (rows, 3), dtype=np.uint64),
            "kind": np.array(["offence", "victim_report", "missing_child"])[
                random.integers(0, 3, rows)
            ],
            "district": np.array(["blaby", "charnwood", "melton", "north_west"])[
                random.integers(0, 4, rows)
            ],
            "on": np.datetime64("2021-01-01") + random.integers(0, 2_000, rows),
            "weeks": random.normal(20, 5, rows),
            "cost_pence": random.integers(0, 500_000, rows),
        }
    ).with_columns(pl.col("near").cast(pl.List(pl.UInt64)))


def _write_plain(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        pq.write_table(
            table,
            file,
            row_group_size=ROW_GROUP,
            compression=COMPRESSION,
            compression_level=COMPRESSION_LEVEL,
            use_dictionary=["kind", "district"],
        )
        file.flush()
        os.fsync(file.fileno())


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _turn(table: pa.Table, folder: Path) -> dict[str, float]:
    plain, sealed, key = folder / "plain", folder / "sealed", os.urandom(32)
    kept: list[SealedFile] = []
    seconds = {
        "plain_write_s": _seconds(lambda: _write_plain(table, plain)),
        "sealed_write_s": _seconds(lambda: kept.append(seal(table, sealed, key, "name"))),
        "plain_read_s": _seconds(lambda: pq.ParquetFile(str(plain)).read()),
        "sealed_read_s": _seconds(lambda: unseal(sealed, key, "name", kept[0])),
    }
    return {**seconds, "plain_bytes": plain.stat().st_size, "sealed_bytes": kept[0].size_bytes}


def measure(rows: int = ROWS, turns: int = TURNS) -> dict[str, float]:
    """Seconds to write and to read `rows` x 15, sealed and plain, and their ratios."""
    table = records(rows).to_arrow(compat_level=pl.CompatLevel.oldest())
    best: dict[str, float] = {}
    for _ in range(turns):
        with tempfile.TemporaryDirectory() as folder:
            turn = _turn(table, Path(folder))
        best = {name: min(best.get(name, value), value) for name, value in turn.items()}
    return {
        "rows": rows,
        "columns": len(table.schema),
        **best,
        "write_ratio": best["sealed_write_s"] / best["plain_write_s"],
        "read_ratio": best["sealed_read_s"] / best["plain_read_s"],
    }


def main() -> None:
    """Measure and print: as lines, or as one JSON document with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--turns", type=int, default=TURNS)
    options = parser.parse_args()
    figures = measure(options.rows, options.turns)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:16} {value:,.3f}")


if __name__ == "__main__":
    main()
