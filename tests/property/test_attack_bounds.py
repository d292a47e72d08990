"""What the attack says of bounds, against a linear programme of another library; and that no ledger lets it find anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from gateway.disclosure import Rules, protect_table
from gateway.disclosure.attack import Effort, Notebook, attack
from gateway.disclosure.attack.bounds import bounds
from gateway.disclosure.attack.fronts import FEW
from gateway.disclosure.attack.slide import slides
from gateway.disclosure.attack.sums import Reach, Sums
from gateway.disclosure.attack.unknowns import Unknowns
from gateway.disclosure.ledger import Ledger, served_cells
from tests.spec.ledger_asked import AGENCIES, AGENCY, KEY, KIDS, SIZE, Ask

title = "A group slides as far as the attack says, and a linear programme finds no more than that it is pinned"

STEPS = 100_000


@st.composite
def puzzles(draw: st.DrawFn) -> tuple[Sums, csr_array, np.ndarray]:
    """Some sums of some numbers, each told to within a little, and groups of the numbers."""
    seed = draw(st.integers(0, 2**32 - 1))
    columns, rows, groups = (
        draw(st.integers(2, 9)),
        draw(st.integers(1, 8)),
        draw(st.integers(1, 4)),
    )
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 50, columns).astype(float)
    reach = rng.choice([0.0, 0.5, 4.0], (2, rows))
    matrix, wanted = rng.integers(0, 2, (rows, columns)), rng.integers(0, 2, (groups, columns))
    wanted[:, rng.integers(columns)] = 1
    told = Reach(reach[0], reach[1], np.arange(rows))
    return Sums(csr_array(matrix), told), csr_array(wanted), values


def width_of(sums: Sums, group: np.ndarray, values: np.ndarray) -> float:
    """From the least to the most that the group can be; HiGHS by way of scipy, on the columns as they are."""
    rows = sums.rows.toarray().astype(float)
    least, most = rows @ values - sums.reach.down, rows @ values + sums.reach.up
    both, limit = np.vstack([rows, -rows]), np.concatenate([most, -least])
    # No number is a thousand times the largest one.
    far = [(0, 1e5)] * len(values)
    ends = [linprog(sign * group, A_ub=both, b_ub=limit, bounds=far).fun for sign in (1, -1)]
    return float(-ends[1] - ends[0])


@given(puzzles())
@settings(deadline=None, max_examples=150)
def test_a_slide_is_never_longer_than_the_width(puzzle: tuple[Sums, csr_array, np.ndarray]) -> None:
    sums, groups, values = puzzle
    far = slides(Unknowns.of(sums, groups, values))
    for at, slide in enumerate(far):
        # What nothing holds slides for ever, and the other programme has an end.
        assert min(slide, 1e4) <= width_of(sums, groups.toarray()[at], values) * (1 + 1e-6) + 1e-6


@given(puzzles(), st.floats(0.5, 30))
@settings(deadline=None, max_examples=150)
def test_a_group_is_pinned_just_where_its_width_is_less(
    puzzle: tuple[Sums, csr_array, np.ndarray], width: float
) -> None:
    sums, groups, values = puzzle
    many = groups.shape[0]
    found = bounds(Unknowns.of(sums, groups, values), np.full(many, width), many, STEPS)
    assert not found.undecided.any()
    for at in range(many):
        real = width_of(sums, groups.toarray()[at], values)
        if abs(real - width) > 1e-3 * width:
            assert found.pinned[at] == (real < width)


ASKS = st.builds(
    lambda first, size, by, agencies: Ask(
        first, min(first + size, SIZE), by, agencies, measures=("families", "cost")
    ),
    st.integers(0, 60),
    st.integers(20, SIZE),
    st.sampled_from([(), (KIDS,), (AGENCY,), (KIDS, AGENCY)]),
    st.sampled_from([AGENCIES, ("health", "police"), ("schools",)]),
)


@given(st.lists(ASKS, min_size=2, max_size=9))
@settings(deadline=None, max_examples=25)
def test_whatever_is_asked_of_a_ledger_no_cost_of_few_is_found(asked: list[Ask]) -> None:
    ledger, notebook = Ledger(), Notebook()
    for number, each in enumerate(asked, 1):
        exact = each.exact()
        protected = protect_table(exact, Rules(), KEY, ledger)
        ledger.enter(exact, served_cells(exact, protected))
        notebook.write(number, exact, protected)
    for line in attack(notebook, 1, Effort(sample=2_000)):
        assert line.passed == 0, (line.of, line.about)


def test_the_attack_on_costs_of_few_is_no_empty_one() -> None:
    notebook = Notebook()
    for number, last in enumerate((SIZE, SIZE - 5), 1):
        exact = Ask(0, last, measures=("cost",)).exact()
        notebook.write(number, exact, protect_table(exact, Rules(), KEY))
    found = [line for line in attack(notebook, 1) if line.of == FEW]
    assert [line.passed for line in found] == pytest.approx([1])
