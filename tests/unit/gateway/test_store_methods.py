"""What the store keeps of the methods: a budget that is never given back, one answer for good, one table or many."""

import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from gateway.access import Access, AccessMissing
from gateway.disclosure.methods import BudgetSpent, Cost, PrivacyRules
from gateway.keys import Keys
from gateway.store import NewRelease, Store, Vintage, WrongState
from gateway.store.errors import VintageTaken
from gateway.store.privacy_accounts import Spent
from tests.unit.gateway.conftest import Opening
from tests.unit.gateway.test_store_linked import finished_run, frozen

title = "Spent is spent, and one answer stays the one"

RULES = PrivacyRules(epsilon=1.0, tables=4)
ONE, TWO = "a" * 64, "b" * 64


@pytest.fixture
def vintages(store: Store, opening: Opening) -> tuple[Vintage, Vintage]:
    run = finished_run(store, opening)
    return frozen(store, opening, run), frozen(store, opening, run)


def charge(spent: int, cost: Cost | None = None) -> int:
    return RULES.account(spent).spend(cost or RULES.cost()).spent


def release_of(vintage: Vintage, value: int, sole: str | None) -> NewRelease:
    return NewRelease(
        question={"by": {}},
        table={"cells": [value]},
        clauses=("6.1",),
        purpose="sf-evaluation",
        run=vintage.run,
        vintage=vintage.id,
        protocol_digest="0" * 64,
        audit_index=1,
        sole=sole,
    )


def test_a_budget_is_spent_table_by_table_until_nothing_is_left(
    store: Store, opening: Opening, vintages: tuple[Vintage, Vintage]
) -> None:
    first, second = (each.id for each in vintages)
    with opening("query") as access:
        for tables in range(1, 5):
            spent = store.privacy_accounts.spend(access, first, "epsilon", charge)
            assert spent == Spent("epsilon", tables * 250_000_000, tables)
        with pytest.raises(BudgetSpent):
            store.privacy_accounts.spend(access, first, "epsilon", charge)
        assert store.privacy_accounts.refused(access, first, "epsilon").refusals == 1
        assert store.privacy_accounts.get(access, first, "epsilon").billionths == 10**9
        # The next vintage has a budget of its own.
        assert store.privacy_accounts.spend(access, second, "epsilon", charge).tables == 1


def test_two_at_once_never_spend_the_same(
    store: Store, opening: Opening, vintages: tuple[Vintage, Vintage]
) -> None:
    def ask(_: int) -> bool:
        with opening("query") as access:
            try:
                store.privacy_accounts.spend(access, vintages[0].id, "epsilon", charge)
            except BudgetSpent:
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(16))) == RULES.tables


@pytest.mark.parametrize("step", [lambda spent: spent, lambda spent: spent - 1, lambda spent: 0])
def test_nothing_is_ever_given_back(step, store, opening, vintages) -> None:
    with opening("query") as access:
        store.privacy_accounts.spend(access, vintages[0].id, "epsilon", charge)
        with pytest.raises(WrongState):
            store.privacy_accounts.spend(access, vintages[0].id, "epsilon", step)
        with pytest.raises(WrongState):
            store.privacy_accounts.spend(access, vintages[0].id, "rho", lambda spent: spent + 1)
        assert store.privacy_accounts.get(access, vintages[0].id, "epsilon").tables == 1


def spend_and_die(url: str, lake: Path, keys: Keys, access: Access, vintage: str) -> None:
    with Store.open(url, lake, keys) as store:
        store.privacy_accounts.spend(access, vintage, "epsilon", charge)
        os.kill(os.getpid(), signal.SIGKILL)


def test_killed_between_spending_and_release_it_stays_spent(
    store: Store,
    opening: Opening,
    vintages: tuple[Vintage, Vintage],
    tmp_path: Path,
    keys: Keys,
) -> None:
    place = (f"sqlite:///{tmp_path}/store.db", tmp_path / "lake", keys)
    with opening("query") as access:
        told = (*place, access, vintages[0].id)
        died = get_context("fork").Process(target=spend_and_die, args=told)
        died.start()
        died.join(30)
    assert died.exitcode == -signal.SIGKILL
    with Store.open(*place) as reopened, opening("query") as access:
        spent = reopened.privacy_accounts.get(access, vintages[0].id, "epsilon")
        assert spent.billionths == RULES.cost().billionths
        assert reopened.releases.sole(access, vintages[0].id, ONE) is None


def test_the_first_answer_is_the_one_whoever_comes_second(
    store: Store, opening: Opening, vintages: tuple[Vintage, Vintage]
) -> None:
    first, other = vintages
    with opening("query") as access:
        assert store.releases.sole(access, first.id, ONE) is None
        given = store.releases.add(access, release_of(first, 41, ONE))
        again = store.releases.add(access, release_of(first, 37, ONE))
        assert again == given
        assert store.releases.sole(access, first.id, ONE) == given
        assert store.releases.sole(access, other.id, ONE) is None
        assert store.releases.add(access, release_of(first, 37, TWO)).number != given.number
        assert len(store.releases.list(access)) == 2


def test_where_many_tables_left_no_table_is_published(store, opening, vintages) -> None:
    first, second = (each.id for each in vintages)
    with opening("query") as access:
        store.vintage_uses.for_many(access, first)
        store.vintage_uses.for_many(access, first)
        with pytest.raises(VintageTaken):
            store.vintage_uses.once(access, first, ONE)
        assert store.vintage_uses.once(access, second, ONE) == second


def test_where_a_table_was_published_no_other_leaves(store, opening, vintages) -> None:
    first, second = (each.id for each in vintages)
    with opening("query") as access:
        assert store.vintage_uses.published(access, ONE) is None
        assert store.vintage_uses.once(access, first, ONE) == first
        # Asked of newer data it is still the table that was published.
        assert store.vintage_uses.once(access, second, ONE) == first
        assert store.vintage_uses.published(access, ONE) == first
        for vintage in (first, second):
            with pytest.raises(VintageTaken):
                store.vintage_uses.once(access, vintage, TWO)
        with pytest.raises(VintageTaken):
            store.vintage_uses.published(access, TWO)
        with pytest.raises(VintageTaken):
            store.vintage_uses.for_many(access, first)
        store.vintage_uses.for_many(access, second)


def test_only_who_may_ask_can_spend(store: Store, opening: Opening, vintages) -> None:
    with opening("link") as access:
        with pytest.raises(AccessMissing):
            store.privacy_accounts.spend(access, vintages[0].id, "epsilon", charge)
        with pytest.raises(AccessMissing):
            store.vintage_uses.once(access, vintages[0].id, ONE)


def test_a_vintage_that_served_tables_before_this_version_publishes_none(
    store: Store, opening: Opening, vintages: tuple[Vintage, Vintage], tmp_path: Path, keys: Keys
) -> None:
    used, unused = (each.id for each in vintages)
    with opening("query") as access:
        store.releases.add(access, release_of(vintages[0], 40, None))
    with sqlite3.connect(tmp_path / "store.db") as database:
        for table in ("vintage_uses", "sole_answers", "privacy_accounts"):
            database.execute(f"DROP TABLE {table}")
        database.execute("UPDATE alembic_version SET version_num = '0006'")
    database.close()
    place = (f"sqlite:///{tmp_path}/store.db", tmp_path / "lake", keys)
    with Store.open(*place) as reopened, opening("query") as access:
        with pytest.raises(VintageTaken):
            reopened.vintage_uses.once(access, used, ONE)
        assert reopened.vintage_uses.once(access, unused, ONE) == unused
