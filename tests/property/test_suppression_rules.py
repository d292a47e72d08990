"""What an attacker with SciPy's linear programmes makes of tables after suppression; shares no code with ours but the input."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gateway.disclosure import Dimension
from gateway.disclosure.suppression.exact_margins import withhold_with_exact_margins
from gateway.disclosure.suppression.further import hide_further
from gateway.disclosure.suppression.secondary import withhold
from gateway.disclosure.threshold import below_threshold

SOME = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[int, ...]:
    shape: list[int] = []
    for _ in range(draw(st.integers(1, 3))):
        shape.append(draw(st.integers(1, max(1, min(5, 40 // int(np.prod(shape, initial=1)))))))
    return tuple(shape)


@st.composite
def cost_tables(draw: st.DrawFn) -> tuple[Any, Any, list[Dimension]]:
    """Families (full grid, some axes overlapping), pence (inner grid; very uneven), dimensions."""
    shape = draw(shapes())
    size = int(np.prod(shape))
    few_or_many = st.one_of(st.integers(0, 14), st.integers(0, 80))
    families = np.array(draw(st.lists(few_or_many, min_size=size, max_size=size))).reshape(shape)
    families = families.astype(np.int64)
    cost = st.one_of(st.integers(0, 300), st.integers(0, 10**6), st.integers(0, 10**8))
    pence = np.array(draw(st.lists(cost, min_size=size, max_size=size)), dtype=np.int64)
    dimensions = []
    for axis, n in enumerate(shape):
        overlaps = draw(st.booleans())
        total, most = (f(axis=axis, keepdims=True) for f in (families.sum, families.max))
        covering = (total + most) // 2 if overlaps else total
        families = np.concatenate([families, covering if n > 1 else total], axis=axis)
        name = "dcba"[axis]
        dimensions.append(Dimension(name, name, tuple(map(str, range(n))), overlapping=overlaps))
    return families, pence.reshape(shape), dimensions


def added_up(inner: Any) -> Any:
    full = inner
    for axis in range(inner.ndim):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    return full


def lines(shape: tuple[int, ...]) -> Any:
    """Every line of every coarser table: axis, its cells, its total."""
    for axis in range(len(shape)):
        for place in product(*(range(n) for i, n in enumerate(shape) if i != axis)):
            index = [place[:axis] + (i,) + place[axis:] for i in range(shape[axis])]
            yield axis, index[:-1], index[-1]


def interval(figures: Any, hidden: Any, cell: Any, overlapping: Any) -> tuple[float, float]:
    """All that a hidden cell can be, in its own unit, found with every line of the table and no figure below 0."""
    places = {p: i for i, p in enumerate(map(tuple, np.argwhere(hidden)))}
    unit = max(float(figures[cell]), 1.0)
    equal, at_most = [], []

    def row(terms: Any) -> tuple[Any, float]:
        """Terms sum to (or are at most) 0 -> coefficients of hidden cells, and the right-hand side."""
        coefficients, shown = np.zeros(len(places)), 0
        for place, sign in terms:
            if place in places:
                coefficients[places[place]] += sign
            else:
                shown += sign * int(figures[place])
        return coefficients, -shown / unit

    for axis, cells, total in lines(figures.shape):
        if overlapping[axis]:
            at_most.append(row([(total, 1), *((c, -1) for c in cells)]))
            at_most += [row([(c, 1), (total, -1)]) for c in cells]
        else:
            equal.append(row([(total, -1), *((c, 1) for c in cells)]))
    aim = np.zeros(len(places))
    aim[places[cell]] = 1.0
    ends = []
    for sign in (1, -1):
        found = linprog(
            sign * aim,
            A_eq=np.array([r for r, _ in equal]) if equal else None,
            b_eq=np.array([b for _, b in equal]) if equal else None,
            A_ub=np.array([r for r, _ in at_most]) if at_most else None,
            b_ub=np.array([b for _, b in at_most]) if at_most else None,
            bounds=(0, None),
        )
        # 3: without a bound, in that direction.
        assert found.status in (0, 3), found.message
        ends.append(sign * found.fun * unit if found.status == 0 else -sign * np.inf)
    return ends[0], ends[1]


@SOME
@given(cost_tables())
def test_no_withheld_cost_is_pinned_after_hide_further(drawn: Any) -> None:
    families, pence, dimensions = drawn
    line_rule = withhold(below_threshold(families, 10), families, dimensions, 10)
    found = hide_further(line_rule, families, pence, dimensions, 10)
    full = added_up(pence)
    assert (found.hidden >= line_rule).all()
    assert (found.outcome == "safe") == (not found.exposed.any())
    for cell in map(tuple, np.argwhere(found.hidden & ~found.exposed)):
        low, high = interval(full, found.hidden, cell, [False] * pence.ndim)
        assert high - low >= 0.2 * full[cell] * (1 - 1e-3)
        assert max(full[cell] - low, high - full[cell]) >= 0.1 * full[cell] * (1 - 1e-3)


@SOME
@given(cost_tables())
def test_a_cost_stays_exposed_only_where_its_whole_table_is_withheld(drawn: Any) -> None:
    families, pence, dimensions = drawn
    found = hide_further(below_threshold(families, 10), families, pence, dimensions, 10)
    for cell in map(tuple, np.argwhere(found.exposed)):
        # The table of the cell's own dimensions: the finest that the cell is an inner cell of.
        own = tuple(
            slice(0, -1) if i < d or d == 1 else slice(-1, None)
            for i, d in zip(cell, pence.shape, strict=True)
        )
        assert found.hidden[own].all()


@SOME
@given(cost_tables())
def test_the_line_rule_still_holds_after_hide_further(drawn: Any) -> None:
    families, pence, dimensions = drawn
    unsafe = below_threshold(families, 10)
    hidden = hide_further(unsafe, families, pence, dimensions, 10).hidden
    assert (withhold(hidden, families, dimensions, 10) == hidden).all()


@SOME
@given(cost_tables())
def test_a_coarser_question_is_answered_as_the_finer_one_assumes(drawn: Any) -> None:
    families, pence, dimensions = drawn
    line_rule = withhold(below_threshold(families, 10), families, dimensions, 10)
    fine = hide_further(line_rule, families, pence, dimensions, 10).hidden
    if len(dimensions[-1].categories) > 1:
        coarse = hide_further(
            line_rule[..., -1], families[..., -1], pence.sum(axis=-1), dimensions[:-1], 10
        )
        assert (fine[..., -1] == coarse.hidden).all()


@SOME
@given(cost_tables())
def test_the_order_of_dimensions_withholds_nothing_else(drawn: Any) -> None:
    families, pence, dimensions = drawn
    unsafe = below_threshold(families, 10)
    one = withhold(unsafe, families, dimensions, 10)
    other = withhold(unsafe.T, families.T, dimensions[::-1], 10)
    assert (one == other.T).all()
    one = hide_further(one, families, pence, dimensions, 10).hidden
    other = hide_further(other, families.T, pence.T, dimensions[::-1], 10).hidden
    assert (one == other.T).all()


@st.composite
def counts(draw: st.DrawFn) -> tuple[Any, list[Dimension]]:
    """Full grid of distinct families: of an overlapping axis a family may be in several categories."""
    shape = draw(shapes())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    families, rows = draw(st.integers(1, 150)), draw(st.integers(1, 300))
    overlapping = [draw(st.booleans()) for _ in shape]
    who = rng.integers(0, families, rows)
    figures = np.zeros([n + 1 for n in shape], dtype=np.int64)
    places = []
    for n, overlaps in zip(shape, overlapping, strict=True):
        skewed = rng.dirichlet(np.full(n, 0.7))
        places.append(
            rng.choice(n, rows, p=skewed) if overlaps else rng.choice(n, families, p=skewed)[who]
        )
    for cell in np.ndindex(*figures.shape):
        inside = np.ones(rows, dtype=np.bool_)
        for axis, category in enumerate(cell):
            inside &= (category == shape[axis]) | (places[axis] == category)
        figures[cell] = np.unique(who[inside]).size
    names = [f"d{i}" for i in range(len(shape))]
    return figures, [
        Dimension(name, name, tuple(map(str, range(n))), overlapping=overlaps)
        for name, n, overlaps in zip(names, shape, overlapping, strict=True)
    ]


@settings(SOME, max_examples=25)
@given(counts())
def test_with_exact_margins_every_unsafe_count_keeps_its_interval(drawn: Any) -> None:
    figures, dimensions = drawn
    unsafe = below_threshold(figures, 10)
    hidden = withhold_with_exact_margins(figures, unsafe, dimensions, 10)
    assert (hidden >= unsafe).all()
    for cell in map(tuple, np.argwhere(unsafe)):
        low, high = interval(figures, hidden, cell, [d.overlapping for d in dimensions])
        assert low <= 1e-3
        assert high >= 10 - 1e-3
