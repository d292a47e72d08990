"""What one run hands on to the next: sealed, the latest alone, and for linkage only."""

from pathlib import Path

import polars as pl
import pytest

from gateway.access import AccessMissing
from gateway.store import NotFound, RecordsDamaged, Store, UnsealedContent, WrongState
from tests.unit.gateway.conftest import Opening

MULTIPLIERS = pl.DataFrame(
    {"family": ["oak", "elm"], "agency": ["police"] * 2, "multiplier": [1.1, 0.88]}
)
LINKS = pl.DataFrame({"record": ["s:1"], "person": ["ann"], "family": ["oak"]})


def traces(run: int) -> pl.DataFrame:
    schema = {"trace": pl.UInt64, "person": pl.String, "family": pl.String, "run": pl.Int64}
    return pl.DataFrame({"trace": [1], "person": ["ann"], "family": ["oak"], "run": [run]}, schema)


def finished(store: Store, opening: Opening) -> int:
    with opening("link") as access:
        number = store.runs.begin(access, [], {}).number
        store.runs.finish(access, number, LINKS, quality={})
    return number


def test_a_home_without_any_hands_nothing_on(store: Store, opening: Opening) -> None:
    with opening("link") as access:
        assert store.carried.multipliers(access) is None
        assert store.carried.traces(access) is None


def test_the_latest_multipliers_are_handed_on(store: Store, opening: Opening) -> None:
    runs = [finished(store, opening) for _ in range(3)]
    with opening("link") as access:
        store.carried.write_multipliers(access, runs[0], MULTIPLIERS.head(1))
        store.carried.write_multipliers(access, runs[1], MULTIPLIERS)
        kept = store.carried.multipliers(access)
    assert kept is not None
    assert kept.equals(MULTIPLIERS)


def test_only_the_last_traces_are_kept(store: Store, opening: Opening, tmp_path: Path) -> None:
    for _ in range(2):
        run = finished(store, opening)
        with opening("link") as access:
            store.carried.write_traces(access, run, traces(run))
    with opening("link") as access:
        found = store.carried.traces(access)
    assert found is not None
    assert found["run"].to_list() == [run]
    assert [place.name for place in (tmp_path / "lake" / "traces").iterdir()] == [str(run)]


def test_nothing_is_handed_on_of_a_run_that_is_not_done(store: Store, opening: Opening) -> None:
    with opening("link") as access:
        running = store.runs.begin(access, [], {}).number
        with pytest.raises(WrongState):
            store.carried.write_multipliers(access, running, MULTIPLIERS)
        with pytest.raises(NotFound):
            store.carried.write_multipliers(access, running + 9, MULTIPLIERS)
        assert store.carried.multipliers(access) is None


def test_other_columns_are_refused(store: Store, opening: Opening) -> None:
    run = finished(store, opening)
    with opening("link") as access, pytest.raises(UnsealedContent):
        store.carried.write_multipliers(access, run, MULTIPLIERS.with_columns(name=pl.lit("x")))


@pytest.mark.parametrize("action", ["query", "submit", "measure_quality"])
def test_nobody_but_linkage_reads_traces(store: Store, opening: Opening, action: str) -> None:
    with opening(action) as access, pytest.raises(AccessMissing):
        store.carried.traces(access)


def test_multipliers_that_were_changed_stop_a_run_and_are_not_drawn_again(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    run = finished(store, opening)
    with opening("link") as access:
        store.carried.write_multipliers(access, run, MULTIPLIERS)
        [file] = (tmp_path / "lake" / "multipliers" / str(run)).iterdir()
        file.write_bytes(file.read_bytes()[:-1] + b"x")
        with pytest.raises(RecordsDamaged):
            store.carried.multipliers(access)


def test_a_run_that_is_shredded_takes_along_what_it_handed_on(
    store: Store, opening: Opening
) -> None:
    run = finished(store, opening)
    with opening("link") as access:
        store.carried.write_multipliers(access, run, MULTIPLIERS)
        store.carried.write_traces(access, run, traces(run))
        store.runs.shred(access, run)
        assert store.carried.multipliers(access) is None
        assert store.carried.traces(access) is None
