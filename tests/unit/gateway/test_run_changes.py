"""What a run made of the persons before: counts for the officer, ids only of persons who are gone, split or merged."""

import polars as pl
import pytest

from gateway.access import AccessMissing
from gateway.store import NotFound, RecordsShredded, Store
from gateway.store.run_changes import KINDS, TOLD
from linkage.history import KINDS as KINDS_OF_LINKAGE
from linkage.history import changes_between
from tests.unit.gateway.conftest import Opening

BEFORE = {"s:1": "A", "s:2": "A", "s:3": "B", "s:4": "C", "s:5": "D", "s:6": "E", "s:7": "F"}
AFTER = {
    "s:1": "A",
    "s:2": "G",
    "s:3": "B",
    "s:4": "B",
    "s:6": "E",
    "s:8": "H",
    "s:7": "F",
    "s:9": "F",
}
COUNTS = {"kept": 1, "changed": 1, "new": 1, "gone": 1, "split": 1, "merge": 1, "regrouped": 0}


def persons(of: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"record": list(of), "person": list(of.values())})


@pytest.fixture
def run(store: Store, opening: Opening) -> int:
    links = persons(AFTER).with_columns(family=pl.col("person"), flagged=pl.lit(value=False))
    with opening("link") as access:
        number = store.runs.begin(access, [], {}).number
        changes = changes_between(persons(BEFORE), persons(AFTER))
        store.runs.finish(access, number, links, quality={}, changes=changes)
    return number


def test_the_store_knows_every_kind_of_change_that_linkage_does() -> None:
    assert KINDS == KINDS_OF_LINKAGE


def test_changes_are_counted_by_kind(store: Store, opening: Opening, run: int) -> None:
    with opening("measure_quality") as access:
        assert store.runs.count_changes(access, run) == COUNTS


def test_ids_are_told_of_persons_gone_split_or_merged_and_of_no_other(
    store: Store, opening: Opening, run: int
) -> None:
    with opening("measure_quality") as access:
        found = store.runs.list_changes(access, run)
        asked = store.runs.list_changes(access, run, kinds=("kept", "changed", "new"))
    told = {each["kind"]: (each["before"], each["after"]) for each in found}
    assert told == {"gone": (["D"], []), "merge": (["B", "C"], ["B"]), "split": (["A"], ["A", "G"])}
    assert set(told) <= set(TOLD)
    assert asked == ()


def test_a_page_goes_on_behind_a_position(store: Store, opening: Opening, run: int) -> None:
    with opening("measure_quality") as access:
        whole = store.runs.list_changes(access, run)
        first = store.runs.list_changes(access, run, limit=2)
        rest = store.runs.list_changes(access, run, after=first[-1]["position"])
    assert first + rest == whole
    assert len(first) == 2


def test_ids_of_persons_stand_in_no_table_of_the_database(
    store: Store, opening: Opening, tmp_path
) -> None:
    marked = {record: f"{person}-0123456789abcdef" for record, person in AFTER.items()}
    with opening("link") as access:
        number = store.runs.begin(access, [], {}).number
        links = persons(marked).with_columns(family=pl.col("person"))
        changes = changes_between(None, persons(marked))
        store.runs.finish(access, number, links, quality={}, changes=changes)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if b"0123456789abcdef" in path.read_bytes()] == []


def test_only_the_holder_of_links_reads_them(store: Store, opening: Opening, run: int) -> None:
    with opening("query") as access, pytest.raises(AccessMissing):
        store.runs.list_changes(access, run)


def test_a_run_that_recorded_no_changes_has_none_to_list(store: Store, opening: Opening) -> None:
    links = persons(AFTER).with_columns(family=pl.col("person"))
    with opening("link") as access:
        number = store.runs.begin(access, [], {}).number
        with pytest.raises(NotFound):
            store.runs.count_changes(access, number)
        store.runs.finish(access, number, links, quality={})
        assert store.runs.count_changes(access, number) == {}
        with pytest.raises(NotFound):
            store.runs.list_changes(access, number)


def test_they_are_shredded_with_the_links(store: Store, opening: Opening, run: int) -> None:
    with opening("link") as access:
        store.runs.shred(access, run)
        with pytest.raises(RecordsShredded):
            store.runs.list_changes(access, run)
        assert store.runs.count_changes(access, run) == COUNTS
