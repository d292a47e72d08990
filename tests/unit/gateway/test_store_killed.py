"""A program that dies: what it stored is there whole or not at all, and the next start clears up."""

import fcntl
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.keys import FileKeystore, Keys
from gateway.store import RecordsShredded, Store
from gateway.store.presence import Presence
from tests.unit.gateway.conftest import Opening, new_submission, record_frame, token_frame
from tests.unit.gateway.store_seen import PROJECT, WRITER, names, run_writer


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
