"""The log is tamper-evident: whatever is changed, the verifier says what and where."""

import json
import os
import random
import shutil
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import AuditLog, Event, EventType, VerificationFailed
from audit.checkpoint import Checkpoint, sign, verify_note
from audit.entry import NO_PREVIOUS, render
from audit.export import export
from audit.verify import verify

title = "Every byte of the audit log counts"

ORIGIN = "county.example/audit"
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNED, ALL = 3, 5


def written(directory, signed=SIGNED, all=ALL):
    """A log of `all` entries of which the first `signed` are under its checkpoint; and its key."""
    log = AuditLog.open(directory, SIGNER, ORIGIN, checkpoint_seconds=None, ballast_bytes=4096)
    for number in range(all):
        kind = EventType.ACCESS_OUTCOME if number % 2 else EventType.ACCESS_INTENT
        log.append(Event(kind, "staff-7", "evaluator", "council", "query", subject=f"q-{number}"))
        if number + 1 == signed:
            log.checkpoint()
    copy = directory.with_name(directory.name + "-as-left")
    shutil.copytree(directory, copy)
    export(log, directory.with_name("export"), one_file=True)
    log.close()
    return copy, log.public_key


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    return written(tmp_path_factory.mktemp("spec") / "log")


@pytest.fixture
def damaged(left, tmp_path):
    """(a copy of the log to do damage to, its key)."""
    shutil.copytree(left[0], tmp_path / "log")
    return tmp_path / "log", left[1]


def lines(directory):
    return (directory / "entries.jsonl").read_bytes().splitlines(True)


def rewrite(directory, kept):
    (directory / "entries.jsonl").write_bytes(b"".join(kept))


def rechain(events, times):
    """The lines of a history made up by somebody who can compute hashes."""
    previous, made = NO_PREVIOUS, []
    for index, (event, at) in enumerate(zip(events, times, strict=True)):
        leaf, line = render(event, at, index, previous)
        previous = leaf.hex()
        made.append(line)
    return made


def history(directory):
    """(events as canonical bytes, times) of the log."""
    entries = [json.loads(line) for line in lines(directory)]
    return [rfc8785.dumps(entry["event"]) for entry in entries], [entry["at"] for entry in entries]


def change_a_word(directory):
    kept = lines(directory)
    rewrite(directory, [kept[0], kept[1].replace(b"q-1", b"q-9"), *kept[2:]])


def change_a_word_and_its_hash(directory):
    events, times = history(directory)
    kept = lines(directory)
    previous = json.loads(kept[1])["previous"]
    _, line = render(events[1].replace(b"q-1", b"q-9"), times[1], 1, previous)
    rewrite(directory, [kept[0], line, *kept[2:]])


def change_a_word_and_all_hashes(directory):
    events, times = history(directory)
    rewrite(directory, rechain([events[0].replace(b"q-0", b"q-9"), *events[1:]], times))


def change_an_unsigned_word_and_its_hash(directory):
    events, times = history(directory)
    kept = lines(directory)
    previous = json.loads(kept[3])["previous"]
    _, line = render(events[3].replace(b"q-3", b"q-9"), times[3], 3, previous)
    rewrite(directory, [*kept[:3], line, kept[4]])


def remove_an_entry(directory):
    kept = lines(directory)
    rewrite(directory, [kept[0], *kept[2:]])


def remove_an_unsigned_entry(directory):
    kept = lines(directory)
    rewrite(directory, [*kept[:3], kept[4]])


def add_an_entry(directory):
    kept = lines(directory)
    rewrite(directory, [*kept, kept[-1]])


def swap_two_entries(directory):
    kept = lines(directory)
    rewrite(directory, [kept[1], kept[0], *kept[2:]])


def cut_below_the_checkpoint(directory):
    rewrite(directory, lines(directory)[:2])


def cut_all(directory):
    rewrite(directory, [])


def tear_the_last_line(directory):
    kept = lines(directory)
    rewrite(directory, [*kept[:-1], kept[-1][:-1]])


def move_an_entry_back_in_time(directory):
    events, times = history(directory)
    rewrite(directory, rechain(events, [*times[:4], "2020-01-01T00:00:00.000000Z"]))


def write_an_entry_in_another_way(directory):
    events, times = history(directory)
    rewrite(directory, rechain([*events[:4], events[4].replace(b'","', b'", "')], times))


def write_a_key_twice(directory):
    events, times = history(directory)
    twice = events[4].replace(b'{"action"', b'{"action":"idle","action"')
    rewrite(directory, rechain([*events[:4], twice], times))


def insert_a_blank_line(directory):
    rewrite(directory, [*lines(directory)[:4], b"\n", lines(directory)[4]])


def sign_with_another_key(directory):
    note = (directory / "checkpoint").read_text()
    body = verify_note(note, SIGNER.public_key().public_bytes_raw())
    (directory / "checkpoint").write_text(sign(body, Ed25519PrivateKey.generate()))


def promise_more(directory):
    note = (directory / "checkpoint").read_text()
    (directory / "checkpoint").write_text(note.replace("\n3\n", "\n4\n"))


def use_the_checkpoint_of_another_log(directory):
    note = (directory / "checkpoint").read_text()
    body = verify_note(note, SIGNER.public_key().public_bytes_raw())
    other = Checkpoint("other.example/audit", body.size, body.root_hash, body.at)
    (directory / "checkpoint").write_text(sign(other, SIGNER))


def remove_the_checkpoint(directory):
    (directory / "checkpoint").unlink()


def empty_the_checkpoint(directory):
    (directory / "checkpoint").write_bytes(b"")


WHAT_A_FORGER_DOES = """
change a word                         | EntryAltered         | 1
change a word and its hash            | ChainBroken          | 2
change a word and all hashes          | RootMismatch         | -
change an unsigned word and its hash  | ChainBroken          | 4
remove an entry                       | EntryMisplaced       | 1
remove an unsigned entry              | EntryMisplaced       | 3
add an entry                          | EntryMisplaced       | 5
swap two entries                      | EntryMisplaced       | 0
cut below the checkpoint              | EntriesMissing       | 2
cut all                               | EntriesMissing       | 0
tear the last line                    | EntryTorn            | 4
move an entry back in time            | TimeWentBack         | 4
write an entry in another way         | EntryUnreadable      | 4
write a key twice                     | EntryUnreadable      | 4
insert a blank line                   | EntryUnreadable      | 4
sign with another key                 | SignatureWrong       | -
promise more                          | SignatureWrong       | -
use the checkpoint of another log     | SignatureWrong       | -
remove the checkpoint                 | ExportUnreadable     | -
empty the checkpoint                  | CheckpointUnreadable | -
"""


@pytest.mark.parametrize(
    ("deed", "error", "entry"),
    [tuple(c.strip() for c in row.split("|")) for row in WHAT_A_FORGER_DOES.strip().splitlines()],
    ids=lambda cell: cell,
)
def test_whatever_a_forger_does_the_verifier_names_it(damaged, deed, error, entry):
    directory, key = damaged
    globals()[deed.replace(" ", "_")](directory)
    with pytest.raises(VerificationFailed) as found:
        verify(directory, key)
    assert type(found.value).__name__ == error
    assert found.value.index == (None if entry == "-" else int(entry))


def test_an_untouched_log_verifies(left):
    verified = verify(*left)
    assert (verified.size, verified.entries, verified.origin) == (SIGNED, ALL, ORIGIN)


def require_every_flip_is_found(path, export, key, positions):
    """Flip one bit of the byte at each position, in place, and put it back."""
    data, dice = path.read_bytes(), random.Random(20261122)
    with path.open("r+b", buffering=0) as file:
        for position in positions:
            os.pwrite(file.fileno(), bytes([data[position] ^ 1 << dice.randrange(8)]), position)
            with pytest.raises(VerificationFailed):
                verify(export, key)
            os.pwrite(file.fileno(), data[position : position + 1], position)
    assert verify(export, key).size > 0


@pytest.mark.parametrize("file", ["entries.jsonl", "checkpoint", "actors.jsonl"])
def test_a_change_of_any_byte_of_any_file_is_found(damaged, file):
    directory, key = damaged
    path = directory / file
    require_every_flip_is_found(path, directory, key, range(path.stat().st_size))


def test_a_change_of_any_byte_of_an_export_in_one_file_is_found(left, tmp_path):
    path = Path(shutil.copy(left[0].with_name("export"), tmp_path))
    require_every_flip_is_found(path, path, left[1], range(path.stat().st_size))


def test_flips_all_over_a_longer_log_are_found_signed_or_not(tmp_path):
    directory, key = written(tmp_path / "log", signed=400, all=600)
    path = directory / "entries.jsonl"
    places = random.Random(7).sample(range(path.stat().st_size), 60)
    require_every_flip_is_found(path, directory, key, places)


def test_a_cut_at_any_byte_below_the_checkpoint_or_within_a_line_is_found(damaged):
    directory, key = damaged
    whole = lines(directory)
    # What no signature covers yet can be taken away unseen: that is the checkpoint interval.
    unseen = {len(b"".join(whole[:count])) for count in range(SIGNED, ALL + 1)}
    for length in reversed(range(len(b"".join(whole)))):
        os.truncate(directory / "entries.jsonl", length)
        if length in unseen:
            assert verify(directory, key).size == SIGNED
        else:
            with pytest.raises(VerificationFailed):
                verify(directory, key)


def test_bytes_put_after_or_between_are_found(damaged):
    directory, key = damaged
    whole = lines(directory)
    for place in range(ALL + 1):
        for extra in (b"\n", b" ", b"{}\n", b"\x00"):
            rewrite(directory, [*whole[:place], extra, *whole[place:]])
            with pytest.raises(VerificationFailed):
                verify(directory, key)
