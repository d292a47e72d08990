"""What a log does with a directory that it did not close itself."""

import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import AuditLog, EventType, LogBroken

ORIGIN = "county.example/audit"


@pytest.fixture
def left_behind(open_log, an_event):
    """A log of three signed entries and two unsigned ones whose process is gone."""
    checked = open_log()
    for number in range(3):
        checked.append(an_event(subject=f"q-{number}"))
    checked.checkpoint()
    for number in range(3, 5):
        checked.append(an_event(subject=f"q-{number}"))
    copy = checked.directory.with_name("left")
    shutil.copytree(checked.directory, copy)
    return copy


def reopen(directory, signer):
    return AuditLog.open(directory, signer, ORIGIN, checkpoint_seconds=None, ballast_bytes=4096)


def entries_file(directory):
    return directory / "entries.jsonl"


def test_a_log_that_was_not_closed_goes_on(left_behind, signer):
    with reopen(left_behind, signer) as log:
        assert log.size == 5
        assert EventType.LOG_RECOVERED not in [entry.event.type for entry in log.entries()]


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_torn_last_line_is_cut_and_that_is_logged(left_behind, signer, kept):
    path = entries_file(left_behind)
    whole = path.read_bytes()
    torn = whole.splitlines()[-1][:kept]
    path.write_bytes(whole + torn)
    with reopen(left_behind, signer) as log:
        *_, last = log.entries()
        assert (last.index, last.event.type) == (5, EventType.LOG_RECOVERED)
        assert last.event.detail == {"bytes_cut": len(torn)}
        assert log.actors.name_of(last.event.actor) == "system"
    assert path.read_bytes().startswith(whole)


def test_a_torn_first_line_is_cut_too(tmp_path, signer):
    reopen(tmp_path / "log", signer).close()
    entries_file(tmp_path / "log").write_bytes(b'{"at":"20')
    with reopen(tmp_path / "log", signer) as log:
        assert [entry.event.type for entry in log.entries()] == [EventType.LOG_RECOVERED]


def test_a_tear_left_by_another_living_log_is_cut_before_the_next_entry(open_log, an_event):
    checked = open_log()
    checked.append(an_event())
    with entries_file(checked.directory).open("ab") as file:
        file.write(b'{"at":"2026')
    assert checked.append(an_event()).index == 2
    kinds = [entry.event.type for entry in checked.log.entries()]
    assert kinds[1] is EventType.LOG_RECOVERED


def drop_last_signed(path):
    path.write_bytes(b"".join(path.read_bytes().splitlines(True)[:2]))


def tear_signed(path):
    path.write_bytes(path.read_bytes()[: path.read_bytes().index(b"\n") + 50])


def flip_unsigned(path):
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)


def swap_lines(path):
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join([*lines[:3], lines[4], lines[3]]))


def drop_middle(path):
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join([*lines[:3], lines[4]]))


def garbage_line(path):
    path.write_bytes(path.read_bytes() + b"garbage\n")


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("entries.jsonl", drop_last_signed),
        ("entries.jsonl", tear_signed),
        ("entries.jsonl", flip_unsigned),
        ("entries.jsonl", swap_lines),
        ("entries.jsonl", drop_middle),
        ("entries.jsonl", garbage_line),
        ("entries.jsonl", empty),
        ("entries.jsonl", remove),
        ("checkpoint", remove),
        ("checkpoint", empty),
        ("checkpoint", flip_unsigned),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_anything_else_is_fatal_and_nothing_is_touched(left_behind, signer, file, damage):
    damage(left_behind / file)
    before = {path.name: path.read_bytes() for path in left_behind.iterdir()}
    with pytest.raises(LogBroken):
        reopen(left_behind, signer)
    assert {path.name: path.read_bytes() for path in left_behind.iterdir()} == before


def test_a_checkpoint_of_another_key_or_another_log_is_fatal(left_behind, signer):
    with pytest.raises(LogBroken):
        reopen(left_behind, Ed25519PrivateKey.generate())
    with pytest.raises(LogBroken):
        AuditLog.open(left_behind, signer, "elsewhere.example/audit")


def test_a_rewritten_history_under_the_same_checkpoint_is_fatal(
    left_behind, signer, an_event, tmp_path
):
    other = tmp_path / "other"
    with reopen(other, signer) as log:
        for _ in range(5):
            log.append(an_event(subject="something-else"))
    shutil.copy(entries_file(other), entries_file(left_behind))
    with pytest.raises(LogBroken, match="root"):
        reopen(left_behind, signer)


def test_a_log_shortened_or_replaced_while_open_takes_nothing_more(open_log, an_event):
    for damage in (drop_last_signed, remove, replace_by_copy):
        checked = open_log()
        for _ in range(3):
            checked.log.append(an_event())
        path = entries_file(checked.directory)
        whole = path.read_bytes()
        damage(path)
        for _ in range(2):
            with pytest.raises(LogBroken):
                checked.log.append(an_event())
        checked.log.close()
        path.write_bytes(whole)


def replace_by_copy(path):
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)


def test_a_crash_before_the_first_checkpoint_leaves_nothing_to_recover(tmp_path, signer):
    directory = tmp_path / "log"
    directory.mkdir()
    entries_file(directory).touch()
    with reopen(directory, signer) as log:
        assert log.size == 0


def test_a_half_written_new_checkpoint_is_left_alone(left_behind, signer):
    (left_behind / "checkpoint.new").write_bytes(b"county.exam")
    with reopen(left_behind, signer) as log:
        assert log.size == 5
    assert not (left_behind / "checkpoint.new").exists()
