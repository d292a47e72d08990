"""Suppression by linear programmes: the reader, the heuristic on a known instance, the attacker and what it does out of budget."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.suppression import count_under_protected
from gateway.disclosure import Dimension, Unprotectable
from gateway.disclosure.suppression.attacker import attack, interval
from gateway.disclosure.suppression.exact_margins import withhold_with_exact_margins
from gateway.disclosure.suppression.further import hide_further
from gateway.disclosure.suppression.grid import table_of_grid, with_margins
from gateway.disclosure.suppression.jj import read_jj
from gateway.disclosure.suppression.linear import LinearTable
from gateway.disclosure.suppression.programme import Budget
from gateway.disclosure.suppression.secondary import withhold
from gateway.disclosure.suppression.suppress import suppress

DATA = Path(os.environ.get("GATEWAY_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
INSTANCE = DATA / "hier13x7x7d.csp"
SMALL = """0
5
0 20 1 s 0 100 0 0 0
1 5 1 u 0 100 2 3 0
2 15 1 s 0 100 0 0 0
3 0 1 z 0 0 0 0 0
4 20 2.5 m 0 100 0 0 0
2
0.0 4 : 0(-1) 1(1) 2(1) 3(+1.0)
0.0 2 : 0(1) 4(-1)
"""


def test_a_jj_file_is_read_as_it_stands() -> None:
    table = read_jj(SMALL)
    assert table.values.tolist() == [20, 5, 15, 0, 20]
    assert table.weights.tolist() == [1, 1, 1, 1, 0]
    assert np.flatnonzero(table.unsafe).tolist() == [1]
    assert np.flatnonzero(table.pinned).tolist() == [3]
    assert (table.lower[1], table.upper[1], table.sliding[1]) == (2, 3, 0)
    assert table.relations.toarray().tolist() == [[-1, 1, 1, 1, 0], [1, 0, 0, 0, -1]]


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        ("5\n0 20", "five\n0 20", "line 2"),
        ("1 5 1 u", "1 5 1 x", "line 4"),
        ("1 5 1 u", "7 5 1 u", "line 4"),
        ("1 5 1 u", "1 five 1 u", "line 4"),
        ("0.0 2 : 0(1) 4(-1)", "0.0 2 : 0(1) 9(-1)", "line 10"),
        ("0.0 2 : 0(1) 4(-1)", "0.0 3 : 0(1) 4(-1)", "line 10"),
        ("0.0 2 : 0(1) 4(-1)", "0.0 2 : 0(1) 4(-1) x", "line 10"),
        ("0.0 2 : 0(1) 4(-1)\n", "", "file"),
        ("2 15 1 s", "2 16 1 s", "table"),
        ("1 5 1 u 0 100 2", "1 5 1 u 0 100 nan", "table"),
        ("1 5 1 u 0 100 2", "1 5 1 u 0 100 -2", "table"),
        ("1 5 1 u 0 100 2", "1 5 1 u 0 nan 2", "table"),
    ],
)
def test_a_jj_file_that_cannot_be_is_refused_by_its_line(
    was: str, becomes: str, place: str
) -> None:
    assert was in SMALL
    with pytest.raises(Unprotectable) as refused:
        read_jj(SMALL.replace(was, becomes))
    assert refused.value.place == place


def test_the_one_cell_beside_an_unsafe_one_is_hidden() -> None:
    found = suppress(read_jj(SMALL))
    assert np.flatnonzero(found.hidden).tolist() in ([1, 2], [0, 1, 4])
    assert attack(read_jj(SMALL), found.hidden).outcome == "safe"


def test_a_cell_that_nothing_can_hide_is_refused() -> None:
    table = read_jj(SMALL)
    pinned = ~table.unsafe
    with pytest.raises(Unprotectable, match="no other cells"):
        suppress(replace(table, pinned=pinned))


@pytest.fixture(scope="module")
def instance() -> LinearTable:
    if not INSTANCE.exists():
        pytest.skip("hier13x7x7d.csp is not in GATEWAY_TEST_DATA")
    return read_jj(INSTANCE.read_text("ascii"))


def test_a_known_instance_is_protected_with_few_cells(instance: LinearTable) -> None:
    """A short search; the benchmark does the whole one."""
    found = suppress(instance, rounds=20)
    assert found.secondary <= 113
    assert found.weight <= 12_210
    assert count_under_protected(instance, found.hidden) == 0


def test_a_known_instance_ends_with_the_same_cells_each_time(instance: LinearTable) -> None:
    one, two = suppress(instance, rounds=3), suppress(instance, rounds=3)
    assert (one.hidden == two.hidden).all()


def test_every_further_cell_is_needed(instance: LinearTable) -> None:
    hidden = suppress(instance, rounds=0).hidden
    for cell in np.flatnonzero(hidden & ~instance.unsafe)[::10].tolist():
        less = hidden.copy()
        less[cell] = False
        assert attack(instance, less).outcome == "exposed"


def test_without_steps_a_table_is_refused(instance: LinearTable) -> None:
    with pytest.raises(Unprotectable, match="budget"):
        suppress(instance, steps=100)


def two_by_two(pence: list[list[int]], hidden: Any, sliding: float) -> LinearTable:
    figures = with_margins(np.array(pence, dtype=np.int64))
    none = np.zeros(figures.shape)
    return table_of_grid(
        figures,
        unsafe=hidden,
        pinned=~hidden,
        weights=none + 1.0,
        levels=(none, none, np.where(hidden, sliding, 0.0)),
        overlapping=(False, False),
    )


INNER = np.array([[True, True, False], [True, True, False], [False, False, False]])


def test_the_interval_is_what_the_margins_leave_open() -> None:
    """[[7, 5], [4, 6]] with all margins known: the first cell is between 1 (of 11 - 10) and 11 (its column)."""
    table = two_by_two([[7, 5], [4, 6]], INNER, 10.0)
    assert interval(table, INNER.ravel(), 0) == pytest.approx((1.0, 11.0))
    assert attack(table, INNER.ravel()).outcome == "safe"
    closer = attack(replace(table, sliding=table.sliding * 1.1), INNER.ravel())
    assert closer.outcome == "exposed"
    assert (closer.exposed == INNER.ravel()).all()


def test_rounded_margins_leave_more_open() -> None:
    table = two_by_two([[7, 5], [4, 6]], INNER, 11.0)
    off = np.where(INNER.ravel(), 0.0, 2.0)
    assert attack(table, INNER.ravel()).outcome == "exposed"
    assert attack(table, INNER.ravel(), known=(off, off)).outcome == "safe"
    low, high = interval(table, INNER.ravel(), 0, known=(off, off))
    assert low == pytest.approx(0.0)
    assert high > 11.0


def test_an_attack_out_of_budget_is_never_called_safe() -> None:
    table = two_by_two([[7, 5], [4, 6]], INNER, 1.0)
    for limits in ({"most_hidden": 3}, {"budget": Budget(1)}):
        found = attack(table, INNER.ravel(), **limits)  # type: ignore[arg-type]
        assert found.outcome == "over_budget"
        assert (found.exposed == INNER.ravel()).all()


def test_an_unsafe_cell_in_the_open_is_an_error_of_the_caller() -> None:
    table = two_by_two([[7, 5], [4, 6]], INNER, 1.0)
    with pytest.raises(Unprotectable, match="not hidden"):
        attack(table, np.zeros(9, dtype=np.bool_))


def plain(*sizes: int) -> list[Dimension]:
    return [Dimension(f"d{i}", f"d{i}", tuple(map(str, range(n)))) for i, n in enumerate(sizes)]


def uneven() -> tuple[Any, Any, Any]:
    """3 x 3, one cell of 4 families; the line rule hides a square whose other costs are next to nothing."""
    families = np.array([[4, 20, 30], [20, 40, 50], [30, 50, 60]], dtype=np.int64)
    pence = np.array(
        [[900_000, 100, 800_000], [200, 100, 700_000], [850_000, 750_000, 950_000]], dtype=np.int64
    )
    full = with_margins(families)
    return full, pence, withhold(full < 10, full, plain(3, 3), 10)


def test_the_line_rule_alone_can_leave_a_cost_known_and_hide_further_mends_it() -> None:
    families, pence, hidden = uneven()
    table = two_by_two(pence.tolist(), hidden, 180_000.0)
    assert interval(table, hidden.ravel(), 0)[0] > 0.99 * 900_000
    found = hide_further(hidden, families, pence, plain(3, 3), 10)
    assert found.outcome == "safe"
    low, high = interval(two_by_two(pence.tolist(), found.hidden, 0.0), found.hidden.ravel(), 0)
    assert high - low >= 0.2 * 900_000
    assert not found.hidden[-1].any()
    assert found.hidden.sum() <= 6


@pytest.mark.parametrize("limits", [{"most_hidden": 3}, {"steps": 1}])
def test_out_of_budget_the_whole_table_is_withheld_and_its_margins_stay(limits: Any) -> None:
    families, pence, hidden = uneven()
    found = hide_further(hidden, families, pence, plain(3, 3), 10, **limits)
    assert found.outcome == "over_budget"
    assert found.hidden[:3, :3].all()
    assert not found.hidden[3].any()
    assert not found.hidden[:, 3].any()


def test_one_small_cell_of_a_large_cube_takes_seven_others_with_it() -> None:
    inner = np.random.default_rng(0).integers(20, 900, (8, 7, 6)).astype(np.int64)
    inner[3, 2, 1] = 4
    families = with_margins(inner)
    hidden = withhold(families < 10, families, plain(8, 7, 6), 10)
    assert hidden[3, 2, 1]
    assert hidden.sum() == 8


def test_nothing_withheld_stays_nothing() -> None:
    families = with_margins(np.full((3, 4), 50, dtype=np.int64))
    none = np.zeros(families.shape, dtype=np.bool_)
    found = hide_further(none, families, np.full((3, 4), 700, dtype=np.int64), plain(3, 4), 10)
    assert found.outcome == "safe"
    assert not found.hidden.any()


def test_a_table_without_dimensions_is_left_as_it_is() -> None:
    total = np.array(7, dtype=np.int64)
    found = hide_further(np.array(True), total, total, [], 10)
    assert found.hidden.shape == ()
    assert found.hidden.all()


@pytest.mark.parametrize("share", [0.0, -0.1, 1.0, float("nan")])
def test_a_share_that_would_switch_the_attack_off_is_refused(share: float) -> None:
    families, pence, hidden = uneven()
    with pytest.raises(Unprotectable):
        hide_further(hidden, families, pence, plain(3, 3), 10, share=share)


def test_exact_margins_refuse_what_is_no_table_of_counts() -> None:
    figures = with_margins(np.array([[7, 50], [60, 70]], dtype=np.int64))
    for bad in (figures[:-1], -figures, figures.astype(np.float64)):
        with pytest.raises(Unprotectable):
            withhold_with_exact_margins(bad, bad < 10, plain(2, 2), 10)
    for least in (0, float("nan"), True):
        with pytest.raises(Unprotectable):
            withhold_with_exact_margins(figures, figures < 10, plain(2, 2), least)  # type: ignore[arg-type]


def test_exact_margins_hide_a_square_and_no_margin() -> None:
    figures = with_margins(np.array([[7, 50, 40], [60, 70, 80], [30, 90, 20]], dtype=np.int64))
    hidden = withhold_with_exact_margins(figures, figures < 10, plain(3, 3), 10)
    assert hidden.sum() == 4
    assert not hidden[-1].any()
    assert not hidden[:, -1].any()
