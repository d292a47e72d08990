"""Lake files: nothing shows in them, and nothing in them can change, move or be swapped unseen."""

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import create_engine, text

from gateway.keys import FileKeystore, Keys
from gateway.store import LakeMismatch, RecordsDamaged, Store, Submission, WrongKeys
from gateway.store.seal import SealBroken, SealedFile, seal, unseal
from tests.unit.gateway.conftest import Opening, new_submission, record_frame, token_frame

TOKENS, RECORDS = token_frame(90), record_frame(90)
KEY = bytes(range(32))


@pytest.fixture
def stored(store: Store, opening: Opening) -> Submission:
    with opening("submit") as access:
        return store.submissions.add(access, new_submission(), TOKENS, RECORDS)


def sampled(length: int) -> Iterator[int]:
    """Every byte of both ends, where the format keeps its structure, and each 7th between."""
    ends = 250
    return itertools.chain(
        range(min(ends, length)),
        range(ends, length - ends, 7),
        range(max(ends, length - ends), length),
    )


@pytest.mark.parametrize("kind", ["tokens", "records"])
def test_every_flipped_byte_is_named_with_its_file_and_submission(
    kind: str, store: Store, stored: Submission, opening: Opening, tmp_path: Path
) -> None:
    path = tmp_path / "lake" / "submissions" / stored.id / f"{kind}.parquet"
    read = getattr(store.submissions, f"read_{kind}")
    whole = path.read_bytes()
    with opening("link") as access:
        for at in sampled(len(whole)):
            flipped = bytearray(whole)
            flipped[at] ^= 1 << (at % 8)
            path.write_bytes(flipped)
            with pytest.raises(RecordsDamaged) as told:
                read(access, stored.id)
            assert told.value.kind == kind
            assert stored.id in str(told.value)
        path.write_bytes(whole)
        read(access, stored.id)


def test_a_flip_is_found_by_the_cipher_even_when_the_digest_was_made_to_fit(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    seal(RECORDS, path, KEY, "name")
    whole = path.read_bytes()
    # The first four bytes are the format's own mark, which says nothing of the content.
    for at in itertools.filterfalse(range(4).__contains__, sampled(len(whole))):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << (at % 8)
        path.write_bytes(flipped)
        fitting = SealedFile(hashlib.sha256(flipped).hexdigest(), len(flipped), len(RECORDS))
        with pytest.raises(SealBroken):
            unseal(path, KEY, "name", fitting)


def test_a_file_cut_short_is_named_even_when_the_digest_was_made_to_fit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    seal(RECORDS, path, KEY, "name")
    whole = path.read_bytes()
    for length in range(0, len(whole), 13):
        path.write_bytes(whole[:length])
        fitting = SealedFile(hashlib.sha256(whole[:length]).hexdigest(), length, len(RECORDS))
        with pytest.raises(SealBroken):
            unseal(path, KEY, "name", fitting)


def test_neither_another_key_nor_another_name_opens_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    sealed = seal(RECORDS, path, KEY, "name")
    for key, name in ((KEY[::-1], "name"), (KEY, "names"), (KEY, "")):
        with pytest.raises(SealBroken):
            unseal(path, key, name, sealed)


def test_a_plain_parquet_file_is_not_taken_for_a_sealed_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    RECORDS.write_parquet(path)
    fitting = SealedFile(hashlib.sha256(path.read_bytes()).hexdigest(), 1, len(RECORDS))
    with pytest.raises(SealBroken):
        unseal(path, KEY, "name", fitting)


def test_files_swapped_between_submissions_are_named(
    store: Store, stored: Submission, opening: Opening, tmp_path: Path
) -> None:
    with opening("submit") as access:
        other = store.submissions.add(
            access, new_submission(fingerprint="cd" * 32), TOKENS, RECORDS
        )
    folder = tmp_path / "lake" / "submissions"
    left, right = (folder / each.id / "records.parquet" for each in (stored, other))
    kept = left.read_bytes()
    left.write_bytes(right.read_bytes())
    right.write_bytes(kept)
    # As somebody would who can write to the database as well: digest and key go with the file.
    engine = create_engine(f"sqlite:///{tmp_path}/store.db")
    with engine.begin() as connection:
        rows = connection.execute(
            text("SELECT submission_id, sha256, wrapped_key FROM lake_files WHERE kind = 'records'")
        ).all()
        (one, digest, key), (two, other_digest, other_key) = rows
        change = text(
            "UPDATE lake_files SET sha256 = :d, wrapped_key = :k"
            " WHERE submission_id = :s AND kind = 'records'"
        )
        connection.execute(change, {"s": one, "d": other_digest, "k": other_key})
        connection.execute(change, {"s": two, "d": digest, "k": key})
    engine.dispose()
    with opening("link") as access:
        for submission in (stored, other):
            with pytest.raises(RecordsDamaged):
                store.submissions.read_records(access, submission.id)


def test_a_missing_file_is_named(
    store: Store, stored: Submission, opening: Opening, tmp_path: Path
) -> None:
    (tmp_path / "lake" / "submissions" / stored.id / "tokens.parquet").unlink()
    with opening("link") as access, pytest.raises(RecordsDamaged, match="missing"):
        store.submissions.read_tokens(access, stored.id)


def test_no_value_and_no_column_name_stands_in_a_file(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    words = [f"Marker{each:04d}Word" for each in range(500)]
    numbers = [0xA1B2C3D4E5F60718 + each for each in range(500)]
    rows = pl.Series(range(500), dtype=pl.UInt32)
    tokens = pl.DataFrame({"row": rows, "surname": pl.Series(numbers, dtype=pl.UInt64)})
    records = pl.DataFrame({"row": rows, "offence_group": words})
    with opening("submit") as access:
        store.submissions.add(access, new_submission(), tokens, records)
    lake = b"".join(path.read_bytes() for path in (tmp_path / "lake").rglob("*") if path.is_file())
    hidden = [word.encode() for word in (*words, *tokens.columns, *records.columns)]
    hidden += [number.to_bytes(8, order) for number in numbers for order in ("little", "big")]
    assert len(lake) > 4096
    assert not [value for value in hidden if value in lake and len(value) > 3]


def test_the_scan_for_values_would_find_them_in_a_plain_file(tmp_path: Path) -> None:
    records = pl.DataFrame({"offence_group": [f"Marker{each:04d}Word" for each in range(500)]})
    records.write_parquet(tmp_path / "plain", compression="uncompressed")
    assert b"Marker0321Word" in (tmp_path / "plain").read_bytes()


def test_two_equal_extracts_share_no_bytes(
    store: Store, stored: Submission, opening: Opening, tmp_path: Path
) -> None:
    with opening("submit") as access:
        store.submissions.add(access, new_submission(fingerprint="cd" * 32), TOKENS, RECORDS)
    found = [path.read_bytes() for path in (tmp_path / "lake").rglob("tokens.parquet")]
    pieces = [{content[at : at + 16] for at in range(0, len(content) - 16)} for content in found]
    shared = {piece for piece in pieces[0] & pieces[1] if piece.strip(b"\0")}
    assert len(found) == 2
    assert not shared


def test_another_keystore_does_not_open_the_store(
    store: Store, stored: Submission, tmp_path: Path
) -> None:
    other = FileKeystore.create(tmp_path / "other.json", key_file=tmp_path / "other.key")
    with pytest.raises(WrongKeys):
        Store.open(f"sqlite:///{tmp_path}/store.db", tmp_path / "lake", other)


def test_a_lake_and_a_database_that_were_not_made_together_are_not_opened(
    store: Store, stored: Submission, tmp_path: Path, keys: Keys
) -> None:
    with pytest.raises(LakeMismatch):
        Store.open(f"sqlite:///{tmp_path}/new.db", tmp_path / "lake", keys)
    with pytest.raises(LakeMismatch):
        Store.open(f"sqlite:///{tmp_path}/store.db", tmp_path / "new-lake", keys)


def test_every_file_of_the_store_is_closed_to_others(
    store: Store, stored: Submission, tmp_path: Path
) -> None:
    paths = [*(tmp_path / "lake").rglob("*"), tmp_path / "lake", *tmp_path.glob("store.db*")]
    assert len(paths) > 10
    assert not [path for path in paths if path.stat().st_mode & 0o077]
