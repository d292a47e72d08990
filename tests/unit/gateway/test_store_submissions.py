"""Submissions: stored whole, seen by their own agency, read by linkage, gone when withdrawn."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import create_engine, text

from gateway.access import Access, AccessMissing
from gateway.store import (
    DuplicateSubmission,
    NotFound,
    RecordsShredded,
    Store,
    Submission,
    UnsealedContent,
    WrongState,
)
from tests.unit.gateway.conftest import Opening, new_submission, record_frame, token_frame

TOKENS, RECORDS = token_frame(), record_frame()


@pytest.fixture
def stored(store: Store, opening: Opening) -> Submission:
    with opening("submit") as access:
        return store.submissions.add(access, new_submission(), TOKENS, RECORDS)


def place(tmp_path: Path, submission: Submission) -> Path:
    return tmp_path / "lake" / "submissions" / submission.id


def test_both_frames_come_back_as_they_went_in(
    store: Store, stored: Submission, opening: Opening
) -> None:
    with opening("link") as access:
        assert store.submissions.read_tokens(access, stored.id).equals(TOKENS)
        assert store.submissions.read_records(access, stored.id).equals(RECORDS)


ONCE = pl.DataFrame(
    {
        "row": pl.Series([[2, 4], [1], [3]], dtype=pl.List(pl.UInt32)),
        "seen_on": [[date(2026, 1, 2), date(2026, 1, 4)], [date(2026, 1, 1)], [None]],
        "surname": pl.Series([7, 8, None], dtype=pl.UInt64),
        "surname_edits": pl.Series([[7, 9], [], None], dtype=pl.List(pl.UInt64)),
    }
)


def test_tokens_told_once_for_many_rows_come_back_row_by_row(
    store: Store, opening: Opening
) -> None:
    with opening("submit") as access:
        stored = store.submissions.add(access, new_submission(), ONCE, record_frame(4))
    with opening("link") as access:
        found = store.submissions.read_tokens(access, stored.id)
    days = [date(2026, 1, 1), date(2026, 1, 2), None, date(2026, 1, 4)]
    assert found["row"].to_list() == [1, 2, 3, 4]
    assert found.schema["row"] == pl.UInt32
    assert found["seen_on"].to_list() == days
    assert found["surname"].to_list() == [8, 7, None, 7]
    assert found["surname_edits"].to_list() == [[], [7, 9], None, [7, 9]]


@pytest.mark.parametrize(
    "wrong",
    [
        ONCE.with_columns(pl.col("seen_on").list.head(1)),
        ONCE.with_columns(row=pl.Series([[1, 2], [2], [3]], dtype=pl.List(pl.UInt32))),
        ONCE.with_columns(row=pl.Series([[1, 2], [], [3]], dtype=pl.List(pl.UInt32))),
        ONCE.with_columns(row=pl.Series([[1, 2], None, [3]], dtype=pl.List(pl.UInt32))),
        ONCE.with_columns(seen_on=pl.Series([["a", "b"], ["c"], ["d"]])),
        ONCE.with_columns(pl.col("row").cast(pl.List(pl.String))),
    ],
)
def test_rows_that_do_not_add_up_are_not_stored(
    wrong: pl.DataFrame, store: Store, opening: Opening
) -> None:
    with opening("submit") as access, pytest.raises(UnsealedContent):
        store.submissions.add(access, new_submission(), wrong, record_frame(4))


def test_the_row_holds_what_intake_found(
    store: Store, stored: Submission, opening: Opening
) -> None:
    with opening("see_own_submissions") as access:
        found = store.submissions.get(access, stored.id)
    assert found == stored
    assert (found.status, found.rows_read, found.rows_refused) == ("stored", 52, 2)
    assert found.report == {"counts": {"date_in_future": 2}}
    assert found.received_at.tzinfo is not None


def test_an_empty_extract_is_stored_and_read(store: Store, opening: Opening) -> None:
    with opening("submit") as access:
        found = store.submissions.add(access, new_submission(), TOKENS.head(0), RECORDS.head(0))
    with opening("link") as access:
        assert store.submissions.read_tokens(access, found.id).schema == TOKENS.schema


def test_another_agency_sees_nothing_of_it(
    store: Store, stored: Submission, opening: Opening
) -> None:
    with opening("see_own_submissions", "housing") as access:
        assert store.submissions.list(access) == ()
        for read in (store.submissions.get, store.submissions.list):
            with pytest.raises(NotFound):
                read(access, stored.id) if read != store.submissions.list else read(
                    access, after=stored.id
                )


def test_another_agencys_answer_is_the_same_as_that_of_none(
    store: Store, stored: Submission, opening: Opening
) -> None:
    said = []
    for asked in (stored.id, stored.id[:-4] + "0000"):
        with opening("see_own_submissions", "housing") as access:
            with pytest.raises(NotFound) as told:
                store.submissions.get(access, asked)
            said.append(str(told.value).replace(asked, "ID"))
    assert said[0] == said[1]


def test_an_officer_neither_stores_nor_ends_for_another_agency(
    store: Store, stored: Submission, opening: Opening
) -> None:
    with opening("submit", "housing") as access:
        with pytest.raises(AccessMissing):
            store.submissions.add(access, new_submission("police", "cd" * 32), TOKENS, RECORDS)
        with pytest.raises(NotFound):
            store.submissions.withdraw(access, stored.id)
        taking_over = new_submission("housing", "cd" * 32, replaces=stored.id)
        with pytest.raises(NotFound):
            store.submissions.add(access, taking_over, TOKENS, RECORDS)
        with pytest.raises(AccessMissing):
            store.submissions.duplicate_of(access, "police", "contacts", stored.fingerprint)


Call = Callable[[Store, Access, str], Any]
READS: dict[str, tuple[Call, set[str]]] = {
    "read_tokens": (lambda s, a, i: s.submissions.read_tokens(a, i), {"link"}),
    "read_records": (lambda s, a, i: s.submissions.read_records(a, i), {"link"}),
    "stored": (lambda s, a, i: s.submissions.stored(a), {"link"}),
    "get": (lambda s, a, i: s.submissions.get(a, i), {"link", "submit", "see_own_submissions"}),
    "list": (lambda s, a, i: s.submissions.list(a), {"link", "submit", "see_own_submissions"}),
}


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize(
    "action", ["submit", "see_own_submissions", "link", "query", "read_audit", "manage_users"]
)
def test_a_read_works_for_its_actions_and_for_no_other(
    name: str, action: str, store: Store, stored: Submission, opening: Opening
) -> None:
    read, allowed = READS[name]
    with opening(action) as access:
        if action in allowed:
            read(store, access, stored.id)
        else:
            with pytest.raises(AccessMissing):
                read(store, access, stored.id)


def test_no_read_works_without_an_access(store: Store, stored: Submission) -> None:
    for read, _ in READS.values():
        with pytest.raises(AccessMissing):
            read(store, None, stored.id)  # type: ignore[arg-type]


def test_the_same_file_is_stored_once(
    store: Store, stored: Submission, opening: Opening, tmp_path: Path
) -> None:
    with opening("submit") as access:
        twin = store.submissions.duplicate_of(access, "police", "contacts", stored.fingerprint)
        assert twin == stored
        with pytest.raises(DuplicateSubmission) as told:
            store.submissions.add(access, new_submission(), TOKENS, RECORDS)
    assert told.value.submission == stored.id
    assert list((tmp_path / "lake" / "submissions").iterdir()) == [place(tmp_path, stored)]


def test_the_same_file_of_another_agency_is_another_matter(
    store: Store, stored: Submission, opening: Opening
) -> None:
    with opening("submit", "housing") as access:
        store.submissions.add(
            access, new_submission("housing", stored.fingerprint), TOKENS, RECORDS
        )


def test_what_was_withdrawn_is_unreadable_and_may_be_sent_again(
    store: Store, stored: Submission, opening: Opening, tmp_path: Path
) -> None:
    with opening("withdraw_own") as access:
        ended = store.submissions.withdraw(access, stored.id)
        with pytest.raises(WrongState):
            store.submissions.withdraw(access, stored.id)
    assert (ended.status, ended.ended_at is None) == ("withdrawn", False)
    assert not place(tmp_path, stored).exists()
    with opening("link") as access:
        assert store.submissions.stored(access) == ()
        with pytest.raises(RecordsShredded):
            store.submissions.read_tokens(access, stored.id)
    with opening("submit") as access:
        store.submissions.add(access, new_submission(), TOKENS, RECORDS)


def test_a_shredded_key_stands_nowhere_on_the_disk(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    with opening("submit") as access:
        made = [
            store.submissions.add(
                access, new_submission(fingerprint=f"{each:064x}"), TOKENS, RECORDS
            ).id
            for each in range(12)
        ]
    engine = create_engine(f"sqlite:///{tmp_path}/store.db")
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT submission_id, wrapped_key FROM lake_files")).all()
    engine.dispose()

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))

    assert len(kept) == 24
    assert all(key in on_disk() for _, key in kept)
    withdrawn = made[::3]
    for each in withdrawn:
        with opening("withdraw_own") as access:
            store.submissions.withdraw(access, each)
        # At once, and not only when pages happen to be used again.
        assert not [key for owner, key in kept if owner == each and key in on_disk()]
    assert all(key in on_disk() for owner, key in kept if owner not in withdrawn)


def test_a_kept_copy_of_a_shredded_file_opens_no_more(
    store: Store, stored: Submission, opening: Opening, tmp_path: Path
) -> None:
    folder = place(tmp_path, stored)
    copies = {path.name: path.read_bytes() for path in folder.iterdir()}
    with opening("withdraw_own") as access:
        store.submissions.withdraw(access, stored.id)
    folder.mkdir()
    for name, content in copies.items():
        (folder / name).write_bytes(content)
    with opening("link") as access, pytest.raises(RecordsShredded):
        store.submissions.read_records(access, stored.id)


def test_replacing_takes_over_in_one_step(
    store: Store, stored: Submission, opening: Opening, tmp_path: Path
) -> None:
    with opening("submit") as access:
        newer = store.submissions.add(
            access, new_submission(replaces=stored.id), TOKENS, RECORDS.head(10)
        )
        assert store.submissions.get(access, stored.id).status == "replaced"
        with pytest.raises(WrongState):
            store.submissions.add(
                access, new_submission(fingerprint="ef" * 32, replaces=stored.id), TOKENS, RECORDS
            )
    assert newer.replaces == stored.id
    assert not place(tmp_path, stored).exists()
    with opening("link") as access:
        assert [each.id for each in store.submissions.stored(access)] == [newer.id]
        assert len(store.submissions.read_records(access, newer.id)) == 10


def test_a_failed_replacement_leaves_the_old_one_whole(
    store: Store, stored: Submission, opening: Opening
) -> None:
    with opening("submit") as access, pytest.raises(WrongState):
        store.submissions.add(
            access,
            new_submission(fingerprint="ef" * 32, replaces=stored.id, dataset="other"),
            TOKENS,
            RECORDS,
        )
    with opening("link") as access:
        assert store.submissions.read_tokens(access, stored.id).equals(TOKENS)


def test_a_refused_extract_leaves_its_report_and_no_file(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    with opening("submit") as access:
        refused = store.submissions.add_refused(
            access, new_submission(rows_read=0, rows_accepted=0, rows_refused=0)
        )
        assert store.submissions.get(access, refused.id).status == "refused"
        with pytest.raises(WrongState):
            store.submissions.withdraw(access, refused.id)
    assert not place(tmp_path, refused).exists()
    with opening("link") as access, pytest.raises(NotFound):
        store.submissions.read_tokens(access, refused.id)


def test_lists_are_paged_newest_first_and_none_is_missed(store: Store, opening: Opening) -> None:
    with opening("submit") as access:
        made = [
            store.submissions.add_refused(access, new_submission(fingerprint=f"{each:064x}")).id
            for each in range(7)
        ]
        seen: list[str] = []
        while page := store.submissions.list(access, after=seen[-1] if seen else None, limit=3):
            seen += [each.id for each in page]
        assert seen == made[::-1]
        assert store.submissions.list(access, status="stored") == ()
        assert len(store.submissions.list(access, dataset="contacts", status="refused")) == 7


@pytest.mark.parametrize("column", ["surname", "postcode", "nhs_number", "other_birth_place"])
def test_an_identifier_is_stopped_at_the_last_door(
    column: str, store: Store, opening: Opening, tmp_path: Path
) -> None:
    raw = RECORDS.with_columns(pl.lit("x").alias(column))
    plain = TOKENS.with_columns(pl.lit("x").alias(column))
    with opening("submit") as access:
        with pytest.raises(UnsealedContent, match=column):
            store.submissions.add(access, new_submission(), TOKENS, raw)
        with pytest.raises(UnsealedContent, match=column):
            store.submissions.add(access, new_submission(), plain, RECORDS)
        assert store.submissions.list(access) == ()
    assert list((tmp_path / "lake" / "submissions").iterdir()) == []


def test_a_frame_needs_rows_that_differ(store: Store, opening: Opening) -> None:
    twice = pl.concat([RECORDS, RECORDS.head(1)])
    with opening("submit") as access:
        for records in (twice, RECORDS.drop("row"), RECORDS.cast({"row": pl.Int64})):
            with pytest.raises(UnsealedContent, match="row"):
                store.submissions.add(access, new_submission(), TOKENS, records)
