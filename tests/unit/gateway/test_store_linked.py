"""Runs, vintages and releases: numbered, frozen, and readable by those whose work it is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from sqlalchemy.exc import IntegrityError

from gateway.access import AccessMissing
from gateway.keys import Keys
from gateway.store import (
    NewRelease,
    NotFound,
    RecordsDamaged,
    RecordsShredded,
    Release,
    Store,
    UnsealedContent,
    Vintage,
    WrongState,
)
from tests.unit.gateway.conftest import Opening, new_submission, record_frame, token_frame

LINKS = pl.DataFrame({"record": ["s:1", "s:2"], "person": [7, 8], "family": [3, 3]})
TABLES = {
    "families": pa.table({"family": [3], "district": ["melton"]}),
    "people": pa.table({"person": [7, 8], "family": [3, 3]}),
}


def finished_run(store: Store, opening: Opening) -> int:
    with opening("submit") as access:
        submission = store.submissions.add(
            access, new_submission(), token_frame(), record_frame()
        ).id
    with opening("link") as access:
        number = store.runs.begin(access, [submission], {"seed": 1}).number
        store.runs.finish(access, number, LINKS, quality={"precision": 0.99})
    return number


def frozen(store: Store, opening: Opening, run: int) -> Vintage:
    with opening("link") as access:
        return store.vintages.write(access, store.vintages.new_id(), run, TABLES)


@pytest.fixture
def run(store: Store, opening: Opening) -> int:
    return finished_run(store, opening)


@pytest.fixture
def vintage(store: Store, opening: Opening, run: int) -> Vintage:
    return frozen(store, opening, run)


def test_a_finished_run_keeps_inputs_parameters_quality_and_links(
    store: Store, opening: Opening, run: int
) -> None:
    with opening("measure_quality") as access:
        found = store.runs.latest(access)
        assert found == store.runs.get(access, run)
        assert store.runs.read_links(access, run).equals(LINKS)
    assert found is not None
    assert (found.status, found.parameters, found.quality) == (
        "done",
        {"seed": 1},
        {"precision": 0.99},
    )
    assert len(found.inputs) == 1


def test_numbers_rise_and_are_not_used_again(store: Store, opening: Opening, run: int) -> None:
    with opening("link") as access:
        second = store.runs.begin(access, [], {}).number
        store.runs.fail(access, second, "RecordsDamaged")
        third = store.runs.begin(access, [], {})
        assert store.runs.latest(access) == store.runs.get(access, run)
        assert [each.status for each in store.runs.list(access)] == ["running", "failed", "done"]
        assert store.runs.list(access, after=second)[0].number == run
    assert run < second < third.number


def test_a_run_ends_once(store: Store, opening: Opening, run: int) -> None:
    with opening("link") as access:
        with pytest.raises(WrongState):
            store.runs.finish(access, run, LINKS, quality={})
        with pytest.raises(WrongState):
            store.runs.fail(access, run, "ValueError")
        with pytest.raises(NotFound):
            store.runs.finish(access, run + 9, LINKS, quality={})
        # The second attempt has not touched what the first one stored.
        assert store.runs.read_links(access, run).equals(LINKS)


def test_links_hold_three_columns_only(store: Store, opening: Opening) -> None:
    with opening("link") as access:
        number = store.runs.begin(access, [], {}).number
        with pytest.raises(UnsealedContent):
            store.runs.finish(
                access, number, LINKS.with_columns(match_weight=pl.lit(1.0)), quality={}
            )
        with pytest.raises(NotFound):
            store.runs.read_links(access, number)


def test_a_run_reads_submissions_that_exist(store: Store, opening: Opening) -> None:
    with opening("link") as access, pytest.raises(IntegrityError):
        store.runs.begin(access, ["sub-none"], {})


def test_shredded_links_are_gone_and_the_run_is_not(
    store: Store, opening: Opening, run: int
) -> None:
    with opening("link") as access:
        store.runs.shred(access, run)
        assert store.runs.get(access, run).quality == {"precision": 0.99}
        with pytest.raises(RecordsShredded):
            store.runs.read_links(access, run)


def test_a_vintage_comes_back_as_it_was_frozen(
    store: Store, opening: Opening, vintage: Vintage
) -> None:
    with opening("query") as access:
        assert store.vintages.latest(access) == vintage
        tables = store.vintages.open(access)
        assert {name: table.to_pydict() for name, table in tables.items()} == {
            name: table.to_pydict() for name, table in TABLES.items()
        }


def test_the_latest_is_the_one_frozen_last_and_older_ones_stay(
    store: Store, opening: Opening, run: int, vintage: Vintage
) -> None:
    newer = frozen(store, opening, run)
    with opening("query") as access:
        assert store.vintages.latest(access).id == newer.id
        assert store.vintages.open(access, vintage.id).keys() == TABLES.keys()
        with pytest.raises(NotFound):
            store.vintages.open(access, "vintage-0000000000000000")


def test_a_vintage_in_memory_is_not_read_again_and_still_needs_an_access(
    store: Store, opening: Opening, vintage: Vintage, tmp_path: Path
) -> None:
    with opening("query") as access:
        first = store.vintages.open(access)
        for path in (tmp_path / "lake" / "vintages").rglob("*.parquet"):
            path.unlink()
        assert store.vintages.open(access)["people"] is first["people"]
    with pytest.raises(AccessMissing):
        store.vintages.open(access)
    with opening("link") as other, pytest.raises(AccessMissing):
        store.vintages.open(other)


def test_taking_a_table_out_of_the_answer_leaves_the_kept_one(
    store: Store, opening: Opening, vintage: Vintage
) -> None:
    with opening("query") as access:
        store.vintages.open(access).clear()
        assert store.vintages.open(access).keys() == TABLES.keys()


def test_only_a_few_vintages_are_kept_in_memory(
    store: Store, opening: Opening, run: int, tmp_path: Path
) -> None:
    made = [frozen(store, opening, run).id for _ in range(3)]
    with opening("query") as access:
        for each in made:
            store.vintages.open(access, each)
        for path in (tmp_path / "lake" / "vintages").rglob("*.parquet"):
            path.unlink()
        store.vintages.open(access, made[2])
        with pytest.raises(RecordsDamaged):
            store.vintages.open(access, made[0])


def test_a_vintage_shredded_by_another_program_is_not_served_from_memory(
    store: Store, opening: Opening, vintage: Vintage, tmp_path: Path, keys: Keys
) -> None:
    with opening("query") as access:
        store.vintages.open(access)
    with Store.open(f"sqlite:///{tmp_path}/store.db", tmp_path / "lake", keys) as other:
        with opening("link") as linking:
            other.vintages.shred(linking, vintage.id)
        with opening("query") as access:
            with pytest.raises(RecordsShredded):
                store.vintages.open(access, vintage.id)
            with pytest.raises(NotFound):
                store.vintages.open(access)


def test_no_vintage_comes_of_an_unfinished_run(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    with opening("link") as access:
        number = store.runs.begin(access, [], {}).number
        with pytest.raises(WrongState):
            store.vintages.write(access, store.vintages.new_id(), number, TABLES)
    assert list((tmp_path / "lake" / "vintages").iterdir()) == []


@pytest.mark.parametrize("name", ["../escape", "vintage-zz", "", "vintage-0123456789abcdef/x"])
def test_a_vintages_id_is_never_a_path(name: str, store: Store, opening: Opening, run: int) -> None:
    with opening("link") as access:
        with pytest.raises(WrongState):
            store.vintages.write(access, name, run, TABLES)
        with pytest.raises(WrongState):
            store.vintages.write(
                access, store.vintages.new_id(), run, {"../people": TABLES["people"]}
            )


def test_a_vintage_is_written_once(
    store: Store, opening: Opening, run: int, vintage: Vintage
) -> None:
    with opening("link") as access, pytest.raises(WrongState, match="already"):
        store.vintages.write(access, vintage.id, run, TABLES)
    with opening("query") as access:
        assert store.vintages.open(access, vintage.id).keys() == TABLES.keys()


def new_release(run: int, vintage: Vintage) -> NewRelease:
    return NewRelease(
        question={"measures": ["families"]},
        table={"cells": [{"keys": {}, "measure": "families", "value": 40, "mark": None}]},
        clauses=("6.1", "6.2"),
        purpose="sf-evaluation",
        run=run,
        vintage=vintage.id,
        protocol_digest="ab" * 32,
        audit_index=12,
    )


def test_a_release_has_a_number_and_all_it_rests_on(
    store: Store, opening: Opening, run: int, vintage: Vintage
) -> None:
    with opening("query") as access:
        made = store.releases.add(access, new_release(run, vintage))
    with opening("read_releases") as other:
        found: Release = store.releases.get(other, made.number)
        assert found == made
        assert (found.access, found.clauses) == (access.id, ("6.1", "6.2"))
        with pytest.raises(AccessMissing):
            store.releases.add(other, new_release(run, vintage))
        with pytest.raises(NotFound):
            store.releases.get(other, made.number + 1)


def test_releases_are_listed_latest_first(
    store: Store, opening: Opening, run: int, vintage: Vintage
) -> None:
    with opening("query") as access:
        numbers = [store.releases.add(access, new_release(run, vintage)).number for _ in range(5)]
        first = store.releases.list(access, limit=2)
        rest = store.releases.list(access, after=first[-1].number)
    assert [each.number for each in (*first, *rest)] == numbers[::-1]


@pytest.mark.parametrize("change", [{"vintage": "none"}, {"run": 99}, {"audit_index": -1}])
def test_a_release_that_rests_on_nothing_is_refused_by_the_database(
    change: dict[str, Any], store: Store, opening: Opening, run: int, vintage: Vintage
) -> None:
    with opening("query") as access, pytest.raises(IntegrityError):
        store.releases.add(access, replace(new_release(run, vintage), **change))
