"""A program that dies, a disk that fills, two programs at once: never anything half stored."""

import errno
import fcntl
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from gateway.keys import FileKeystore, Keys
from gateway.store import RecordsDamaged, RecordsShredded, Store, StoreFull
from gateway.store.presence import Presence
from tests.unit.gateway.conftest import Opening, new_submission, record_frame, token_frame

PROJECT = Path(__file__).resolve().parents[3]
WRITER = [sys.executable, "-m", "tests.unit.gateway.store_writer"]


def run_writer(command: list[str]) -> list[dict[str, Any]]:
    told = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_killed_before_any_durable_step_the_store_holds_the_old_one_or_the_new_one(
    tmp_path: Path, opening: Opening
) -> None:
    """One submission replaces another; the writer is killed before its 1st, 2nd, 3rd ... step."""
    attempts = run_writer([*WRITER, "die", str(tmp_path)])
    assert attempts.pop() == {"attempt": f"{len(attempts) + 1}", "killed": False, "status": 0}
    assert len(attempts) >= 8
    found = [what_is_stored(tmp_path / each["attempt"], opening) for each in attempts]
    # Once the new one is there, it is there for good.
    assert found == sorted(found)
    assert set(found) == {1, 2}


def what_is_stored(folder: Path, opening: Opening) -> int:
    """1 for the first submission whole, 2 for the second whole; anything between fails."""
    keys = FileKeystore.open(folder / "keystore.json", key_file=folder / "key")
    lake = folder / "disk" / "lake"
    with Store.open(f"sqlite:///{folder}/disk/store.db", lake, keys) as store:
        assert store.sweep().was_busy is False
        assert store.sweep().removed == 0
        with opening("link") as access:
            (kept,) = store.submissions.stored(access)
            which = 2 if kept.replaces else 1
            assert store.submissions.read_tokens(access, kept.id).equals(token_frame(seed=which))
            assert store.submissions.read_records(access, kept.id).equals(record_frame())
            if kept.replaces:
                with pytest.raises(RecordsShredded):
                    store.submissions.read_tokens(access, kept.replaces)
        assert names(lake / "submissions") == [kept.id]
        assert names(lake / "incoming") == []
        assert len(names(lake / "present")) == 1
    return which


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


def test_an_error_inside_the_transaction_leaves_no_file(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    """The database refuses the row (rows do not add up), after the files were put in place."""
    wrong = new_submission(rows_accepted=60)
    with opening("submit") as access, pytest.raises(Exception, match="rows_add_up"):
        store.submissions.add(access, wrong, token_frame(), record_frame())
    assert names(tmp_path / "lake" / "submissions") == []


def test_a_database_error_does_not_repeat_what_was_being_stored(
    store: Store, opening: Opening
) -> None:
    wrong = new_submission(rows_accepted=60, report={"said": "Marker0321Word"})
    with opening("submit") as access, pytest.raises(Exception, match="rows_add_up") as told:
        store.submissions.add(access, wrong, token_frame(), record_frame())
    assert "Marker0321Word" not in str(told.value)


def test_a_sweep_takes_leavings_and_nothing_else(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    with opening("submit") as access:
        kept = store.submissions.add(access, new_submission(), token_frame(), record_frame())
    lake = tmp_path / "lake"
    for leaving in ("incoming/abc", "submissions/sub-x", "runs/7", "vintages/vintage-x"):
        (lake / leaving).mkdir()
        (lake / leaving / "tokens.parquet").write_bytes(b"left")
    assert store.sweep().removed == 4
    assert names(lake / "submissions") == [kept.id]
    with opening("link") as access:
        assert store.submissions.read_tokens(access, kept.id).equals(token_frame())


def test_a_sweep_waits_for_no_writer_and_touches_nothing_of_one(
    store: Store, tmp_path: Path
) -> None:
    draft = tmp_path / "lake" / "incoming" / "draft"
    draft.mkdir()
    with (tmp_path / "lake" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        assert store.sweep().was_busy
        assert draft.exists()
    assert store.sweep().removed == 1


def write_many(folder: Path, number: int, results: Any) -> None:
    """In another process: store five submissions through a store of its own, sweeping all along."""
    from tests.unit.gateway.store_writer import PROTOCOL, Rulebook, make_request, opened

    store, door = opened(folder, Rulebook.load(PROTOCOL))
    for each in range(5):
        with door.open(make_request("submit")) as access:
            new = new_submission(fingerprint=f"{number * 100 + each:064x}")
            frame = token_frame(40, number * 100 + each)
            results.put(store.submissions.add(access, new, frame, record_frame(40)).id)
        store.sweep()
    store.close()


def test_two_programs_store_and_sweep_at_once_and_nothing_is_lost(
    tmp_path: Path, opening: Opening
) -> None:
    folder = tmp_path / "programs"
    (folder / "disk").mkdir(parents=True)
    keys = FileKeystore.create(folder / "keystore.json", key_file=folder / "key")
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    programs = [
        context.Process(target=write_many, args=(folder, number, results)) for number in (1, 2)
    ]
    for program in programs:
        program.start()
    for program in programs:
        program.join(timeout=60)
    assert [program.exitcode for program in programs] == [0, 0]
    made = {results.get(timeout=5) for _ in range(10)}
    url, lake = f"sqlite:///{folder}/disk/store.db", folder / "disk" / "lake"
    with Store.open(url, lake, keys) as store, opening("link") as access:
        assert {each.id for each in store.submissions.stored(access)} == made
        for each in made:
            assert len(store.submissions.read_tokens(access, each)) == 40
        assert store.sweep().removed == 0


def test_two_stores_see_each_others_work_at_once(
    store: Store, opening: Opening, tmp_path: Path, keys: Keys
) -> None:
    url, lake = f"sqlite:///{tmp_path}/store.db", tmp_path / "lake"
    with Store.open(url, lake, keys) as other, opening("submit") as access:
        made = store.submissions.add(access, new_submission(), token_frame(), record_frame())
        assert other.submissions.get(access, made.id) == made
        other.submissions.withdraw(access, made.id)
        assert store.submissions.get(access, made.id).status == "withdrawn"


def test_threads_share_a_store(store: Store, opening: Opening) -> None:
    def write(number: int) -> str:
        with opening("submit") as access:
            new = new_submission(fingerprint=f"{number:064x}")
            return store.submissions.add(access, new, token_frame(), record_frame()).id

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(write, range(8)))
    with opening("link") as access:
        assert {each.id for each in store.submissions.stored(access)} == made


def test_a_run_whose_program_was_killed_is_failed_at_the_next_start(
    store: Store, opening: Opening, tmp_path: Path, keys: Keys
) -> None:
    url, lake = f"sqlite:///{tmp_path}/store.db", tmp_path / "lake"
    other = Store.open(url, lake, keys)
    with opening("link") as access:
        mine = store.runs.begin(access, [], {}).number
        theirs = other.runs.begin(access, [], {}).number
        assert store.runs.interrupted() == ()
        other.close()
        assert store.runs.interrupted() == (theirs,)
        assert store.runs.get(access, theirs).failure == "Interrupted"
        assert store.runs.get(access, mine).status == "running"


def test_the_mark_of_a_killed_program_is_known_as_that_of_one_gone(tmp_path: Path) -> None:
    here = Presence(tmp_path)
    program = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path;"
            "from gateway.store.presence import Presence;"
            "print(Presence(Path(sys.argv[1])).owner, flush=True); time.sleep(60)",
            str(tmp_path),
        ],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    # The mark lives as long as the object does; keep the child from collecting it by its pipe.
    owner = (program.stdout.readline() if program.stdout else "").strip()
    alive = here.is_alive(owner)
    program.send_signal(signal.SIGKILL)
    program.wait()
    assert alive
    assert not here.is_alive(owner)
    assert here.is_alive(here.owner)


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


def test_a_read_while_the_submission_is_withdrawn_says_so_or_gives_it_whole(
    store: Store, opening: Opening
) -> None:
    with opening("submit") as access:
        made = [
            store.submissions.add(
                access, new_submission(fingerprint=f"{each:064x}"), token_frame(), record_frame()
            ).id
            for each in range(10)
        ]
    told: list[object] = []

    def read_all() -> None:
        with opening("link") as access:
            for each in made * 4:
                try:
                    told.append(len(store.submissions.read_tokens(access, each)))
                except (RecordsShredded, RecordsDamaged) as fault:
                    told.append(type(fault))

    reader = threading.Thread(target=read_all)
    reader.start()
    with opening("withdraw_own") as access:
        for each in made:
            store.submissions.withdraw(access, each)
    reader.join()
    assert set(told) <= {50, RecordsShredded}
    assert len(told) == 40


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
