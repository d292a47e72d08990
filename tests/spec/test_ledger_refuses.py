"""Tables that do not say who is in their cells, or say it wrongly: no ledger takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gateway.disclosure import (
    Count,
    ExactTable,
    Magnitude,
    Unprotectable,
)
from gateway.disclosure.ledger import Ledger
from tests.spec.ledger_asked import (
    DISTRICT,
    SIZE,
    Ask,
)

title = "A set that is not known cannot be held against others"


def fewer_members(exact: ExactTable) -> ExactTable:
    count = exact.measures["families"]
    assert isinstance(count, Count)
    assert count.members is not None
    members = count.members.copy()
    members.data[:1] = False
    return replace(exact, measures={**exact.measures, "families": replace(count, members=members)})


def no_members(exact: ExactTable) -> ExactTable:
    count = exact.measures["families"]
    assert isinstance(count, Count)
    return replace(exact, measures={**exact.measures, "families": replace(count, members=None)})


def with_units(exact: ExactTable, **changed: Any) -> ExactTable:
    cost = exact.measures["cost"]
    assert isinstance(cost, Magnitude)
    assert cost.units is not None
    units = replace(cost.units, **changed) if changed else None
    return replace(exact, measures={**exact.measures, "cost": replace(cost, units=units)})


def with_population(exact: ExactTable, **changed: Any) -> ExactTable:
    assert exact.population is not None
    return replace(exact, population=replace(exact.population, **changed))


SOUND = Ask(by=(DISTRICT,), measures=("families", "cost")).exact()
FAMILIES = np.arange(SIZE, dtype=np.int64)


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        (replace(SOUND, population=None), "missing"),
        (with_population(SOUND, place=FAMILIES[:5]), "missing"),
        (with_population(SOUND, place=FAMILIES), "place"),
        (with_population(SOUND, place=FAMILIES - 1), "place"),
        (with_population(SOUND, place=np.full(SIZE, np.nan)), "place"),
        (with_population(SOUND, fixed=(3,)), "place"),
        (with_population(SOUND, fixed=(0, 0)), "place"),
        (with_population(SOUND, families=np.zeros(SIZE, dtype=np.uint64)), "not_unique"),
        (with_population(SOUND, families=np.full(SIZE, np.nan)), "missing"),
        (no_members(SOUND), "no_members"),
        (fewer_members(SOUND), "members"),
        (with_units(SOUND), "no_members"),
        (with_units(SOUND, family=np.zeros(3 * SIZE, dtype=np.int64)), "members"),
        (with_units(SOUND, family=np.full(3 * SIZE, SIZE)), "members"),
        (with_units(SOUND, family=np.full(3 * SIZE, -1)), "members"),
        (with_units(SOUND, pence=np.full(3 * SIZE, np.nan)), "members"),
        (with_units(SOUND, ids=np.zeros(3 * SIZE, dtype=np.uint64)), "not_unique"),
        (with_units(SOUND, family=FAMILIES), "members"),
    ],
)
def test_a_table_that_does_not_say_who_is_in_a_cell_is_refused(
    table: ExactTable, rule: str
) -> None:
    ledger, shown = Ledger(), dict.fromkeys(("families", "cost"), np.ones(2, dtype=np.bool_))
    for attempt in (lambda: ledger.screen(table, shown, 10), lambda: ledger.enter(table, shown)):
        with pytest.raises(Unprotectable) as refused:
            attempt()
        assert refused.value.rule == rule
    # And the ledger is as it was.
    assert ledger.margins(10) == Ledger().margins(10)
