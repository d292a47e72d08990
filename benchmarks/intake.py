"""A million rows through the door, beside Polars reading the same file as text.

In: rows. Out: figures as a dict. Ours is the gateway's own step, with a real log and a real store: read, check every
cell, tokenise, seal, fsync. Each side runs in a process of its own, so that peak memory is its own; the file is in
memory before the clock starts, as an upload is. Run: python -m benchmarks.intake [--rows N] [--json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.apart import peak_gb, run_apart
from benchmarks.spells import COLUMNS, SEED, spells

ROWS = 1_000_000
TURNS = 3


def measure(rows: int = ROWS) -> dict[str, float]:
    """Seconds (best of the turns) and peak memory of both, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "spells.csv"
        run_apart(write_file, file, rows)
        plain = [run_apart(read_as_text, file) for _ in range(TURNS)]
        ours = [run_apart(take_through_the_door, file) for _ in range(TURNS)]
        size = file.stat().st_size
    best, floor = (min(turns, key=lambda turn: turn["seconds"]) for turns in (ours, plain))
    return {
        "rows": rows,
        "columns": COLUMNS,
        "seed": SEED,
        "file_mb": size / 1e6,
        "rows_accepted": best["rows_accepted"],
        "seconds": best["seconds"],
        "polars_read_s": floor["seconds"],
        "ratio": best["seconds"] / floor["seconds"],
        "check_s": best["making tokens and storing"],
        "tokenise_and_store_s": best["seconds"] - best["making tokens and storing"],
        "rows_per_second": rows / best["seconds"],
        "peak_gb": max(turn["peak_gb"] for turn in ours),
        "polars_peak_gb": max(turn["peak_gb"] for turn in plain),
    }


def write_file(file: Path, rows: int) -> dict[str, float]:
    """Make the extract."""
    return {"bytes": float(file.write_bytes(spells(rows)))}


def read_as_text(file: Path) -> dict[str, float]:
    """The floor: every cell as text, nothing looked at."""
    import polars as pl

    content = file.read_bytes()
    began = time.perf_counter()
    frame = pl.read_csv(content, infer_schema=False)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "rows": float(frame.height), "peak_gb": peak_gb()}


def take_through_the_door(file: Path) -> dict[str, float]:
    """The gateway's step, from the bytes of an upload to two sealed files."""
    from benchmarks.home import OFFICER, fresh_gateway
    from gateway.pipeline.ingest import Extract, ingest, submit_request

    content = file.read_bytes()
    with fresh_gateway() as wiring:
        dataset = wiring.register.dataset("dwp", "spells")
        today = datetime.now(UTC).date()
        reached: dict[str, float] = {}
        began = time.perf_counter()

        def tell(step: str, _share: float) -> None:
            reached.setdefault(step, time.perf_counter() - began)

        with wiring.door.open(submit_request(OFFICER, dataset, today, today)) as access:
            report = ingest(access, Extract(dataset, content, "text/csv"), wiring, tell)
        seconds = time.perf_counter() - began
    kept = float(report["rows_accepted"])
    return {"seconds": seconds, "rows_accepted": kept, "peak_gb": peak_gb(), **reached}


def main() -> None:
    """Print the figures; --json for machines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.rows)
    if given.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:20} {figure:14,.3f}")


if __name__ == "__main__":
    main()
