"""What an agency may have answered in a day: counted first, and never given back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.access import AccessMissing
from gateway.keys import Keys
from gateway.store import Store
from gateway.store.errors import AllowanceSpent
from tests.unit.gateway.conftest import NOW, Opening

title = "An allowance for each agency and day"


class Clock:
    def __init__(self) -> None:
        self.now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path, keys: Keys, clock: Clock) -> Iterator[Store]:
    with Store.open(
        f"sqlite:///{tmp_path}/store.db", tmp_path / "lake", keys, clock=clock
    ) as store:
        yield store


def test_an_agency_has_so_many_a_day_and_no_more(opened: Store, opening: Opening) -> None:
    with opening("submit") as access:
        assert opened.allowances.take(access, 70, most=100) == 30
        with pytest.raises(AllowanceSpent, match="70 were today"):
            opened.allowances.take(access, 31, most=100)
        assert opened.allowances.take(access, 30, most=100) == 0


def test_another_agency_has_an_allowance_of_its_own(opened: Store, opening: Opening) -> None:
    with opening("submit", "police") as access:
        opened.allowances.take(access, 100, most=100)
    with opening("submit", "housing") as access:
        assert opened.allowances.take(access, 1, most=100) == 99


def test_the_next_day_begins_anew(opened: Store, opening: Opening, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    with opening("submit") as access:
        opened.allowances.take(access, 100, most=100)
        clock.now += timedelta(minutes=1)
        assert opened.allowances.take(access, 1, most=100) == 99


def test_a_restart_gives_nothing_back(tmp_path: Path, keys: Keys, opening: Opening) -> None:
    place = (f"sqlite:///{tmp_path}/store.db", tmp_path / "lake", keys)
    with opening("submit") as access:
        with Store.open(*place) as store:
            store.allowances.take(access, 100, most=100)
        with Store.open(*place) as store, pytest.raises(AllowanceSpent):
            store.allowances.take(access, 1, most=100)


def test_only_whoever_may_send_extracts_has_one(opened: Store, opening: Opening) -> None:
    with opening("query") as access, pytest.raises(AccessMissing):
        opened.allowances.take(access, 1, most=100)
