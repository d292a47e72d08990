"""What is written to a disk, and to one that fills: whole or not at all, piece by piece, nowhere else."""

import errno
import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from gateway.store import Store, StoreFull
from tests.unit.gateway.conftest import Opening, new_submission, record_frame, token_frame
from tests.unit.gateway.store_seen import WRITER, names, run_writer


def test_on_a_disk_that_fills_a_submission_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    """A real file system of 4 MiB, with room for less than, about, and more than a submission."""
    (tmp_path / "disk").mkdir()
    mount = f"mount -t tmpfs -o size=4m none {tmp_path}/disk"
    namespace = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*namespace, mount], check=False).returncode:
        pytest.skip("this system does not let a test mount a small file system")
    writer = " ".join([*WRITER, "disk", str(tmp_path)])
    attempts = run_writer([*namespace, f"{mount} && exec {writer}"])
    outcomes = {each["outcome"] for each in attempts}
    assert {"lake full", "database full"} < outcomes
    made = [each["outcome"] for each in attempts if each["outcome"].startswith("sub-")]
    assert made
    assert attempts[-1]["listed"] == sorted(made)
    for each in attempts:
        assert each["places"] == each["listed"]
        assert each["drafts"] == 0
        assert set(each["rows"]) <= {6000}


@contextmanager
def files_no_longer_than(length: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_the_system_refuses_leaves_nothing_and_the_next_one_is_stored(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    big = token_frame(60_000).with_columns(pl.col("surname").hash(1))
    with opening("submit") as access:
        with files_no_longer_than(400_000), pytest.raises(StoreFull):
            store.submissions.add(access, new_submission(), big, record_frame())
        assert names(tmp_path / "lake" / "submissions") == []
        assert names(tmp_path / "lake" / "incoming") == []
        assert store.submissions.list(access) == ()
        store.submissions.add(access, new_submission(), big, record_frame())


def test_only_what_the_disk_says_when_full_is_called_full(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "lake" / "incoming")
    with opening("submit") as access, pytest.raises(OSError) as told:
        store.submissions.add(access, new_submission(), token_frame(), record_frame())
    assert told.value.errno == errno.ENOENT


def test_a_big_submission_is_written_piece_by_piece(store: Store, opening: Opening) -> None:
    """What Arrow holds while 12 row groups are written is some of them, never the whole frame."""
    rows = 1_500_000
    tokens = pl.select(row=pl.int_range(1, rows + 1, dtype=pl.UInt32)).with_columns(
        pl.col("row").hash(seed).alias(f"t{seed}") for seed in range(8)
    )
    before, held, is_done = pa.total_allocated_bytes(), [0], threading.Event()

    def watch() -> None:
        while not is_done.wait(0.002):
            held.append(pa.total_allocated_bytes() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with opening("submit") as access:
        store.submissions.add(access, new_submission(), tokens, record_frame())
    is_done.set()
    watcher.join()
    assert len(held) > 10
    assert 0 < max(held) < tokens.estimated_size() / 2


def test_nothing_that_is_stored_is_written_anywhere_else(
    store: Store, opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(spool))
    seen: set[str] = set()

    def hook(name: str, arguments: tuple[Any, ...]) -> None:
        opens_a_name = name == "open" and not isinstance(arguments[0], int)
        if opens_a_name and arguments[2] & (os.O_WRONLY | os.O_RDWR):
            seen.add(str(arguments[0]))

    sys.addaudithook(hook)
    with opening("submit") as access:
        store.submissions.add(access, new_submission(), token_frame(), record_frame())
    # A folder of its own for each draft; the store's lock; nothing outside the test's folder.
    written = {path for path in seen if not path.startswith(str(tmp_path / "log"))}
    assert {Path(path).name for path in written} == {"tokens.parquet", "records.parquet", "lock"}
    assert names(spool) == []
