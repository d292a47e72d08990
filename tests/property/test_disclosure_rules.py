"""What must hold of every protected table, whatever the data."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.disclosure import Dimension, ExactTable, Magnitude, Rules, protect_table, tabulate
from gateway.disclosure.suppression.secondary import withhold
from gateway.disclosure.threshold import below_threshold

KEY = b"a key that is at least 32 bytes ."
MEASURES = ("families", "cost", "cost_per_family")
FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
MANY = settings(max_examples=150, deadline=None, derandomize=True)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))


@st.composite
def records(draw: st.DrawFn) -> tuple[pl.DataFrame, list[Dimension]]:
    """Contributions of up to some hundred families to a table of one to three dimensions; the last axis overlaps."""
    shape = draw(shapes())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    families = draw(st.integers(0, 60)) * int(np.prod(shape))
    crowding = draw(st.floats(0.2, 3.0))
    weights = [rng.dirichlet(np.full(n, crowding)) for n in shape]
    owner = np.arange(families)
    rows = {f"d{i}": rng.choice(n, families, p=weights[i]) for i, n in enumerate(shape)}
    repeats = rng.integers(1, 4, families)
    owner = np.repeat(owner, repeats)
    frame = {name: np.repeat(column, repeats) for name, column in rows.items()}
    last = f"d{len(shape) - 1}"
    frame[last] = rng.choice(shape[-1], len(owner), p=weights[-1])
    costs = rng.integers(0, 900_000, len(owner)) * rng.integers(0, 2, len(owner))
    units = pl.DataFrame({"family": owner, "cost_pence": costs, **frame})
    axes = [
        Dimension(
            f"d{i}", f"d{i}", tuple(map(str, range(n))), i == 0, overlapping=i == len(shape) - 1
        )
        for i, n in enumerate(shape)
    ]
    return units.with_columns(pl.col(list(frame)).cast(pl.String)), axes


def made(drawn: tuple[pl.DataFrame, list[Dimension]]) -> ExactTable:
    return tabulate(drawn[0], drawn[1], MEASURES, key=KEY)


def truth(
    units: pl.DataFrame, axes: list[Dimension], *, paying: bool
) -> dict[tuple[str, ...], int]:
    rows = units.filter(pl.col("cost_pence") > 0) if paying else units
    names = [a.name for a in axes]
    counts = rows.group_by(names).agg(pl.col("family").n_unique())
    return {tuple(row[:-1]): row[-1] for row in counts.iter_rows()}


@FEW
@given(records())
def test_no_cell_under_ten_families_has_a_value(drawn: Any) -> None:
    units, axes = drawn
    everyone, paying = truth(units, axes, paying=False), truth(units, axes, paying=True)
    released = protect_table(made(drawn), Rules(), KEY)
    assert len(released.cells) == 3 * np.prod([len(a.categories) for a in axes])
    for cell in released.cells:
        keys = tuple(cell.keys.values())
        few = everyone.get(keys, 0) < 10 or (
            cell.measure != "families" and paying.get(keys, 0) < 10
        )
        if few:
            assert cell.value is None
            assert cell.mark == "[c]"
        elif cell.value is not None and cell.measure == "families":
            assert cell.value % 5 == 0
            assert abs(cell.value - everyone[keys]) <= 7.5


@FEW
@given(records())
def test_asking_twice_gives_the_same_figures_in_any_order_of_rows(drawn: Any) -> None:
    units, axes = drawn
    shuffled = units.sample(fraction=1.0, shuffle=True, seed=3)
    first = protect_table(made((units, axes)), Rules(), KEY)
    assert protect_table(made((shuffled, axes)), Rules(), KEY) == first
    assert protect_table(made((units, axes)), Rules(), KEY).to_json() == first.to_json()


@FEW
@given(records())
def test_another_key_gives_other_noise_and_the_same_cells_withheld(drawn: Any) -> None:
    exact = made(drawn)
    one, two = protect_table(exact, Rules(), KEY), protect_table(exact, Rules(), KEY[::-1])
    assert [c.is_withheld for c in one.cells] == [c.is_withheld for c in two.cells]


@st.composite
def grids(draw: st.DrawFn) -> tuple[np.ndarray, list[Dimension]]:
    """Full grids of families for up to 3 dimensions, some axes overlapping (there "all" is less than the sum)."""
    shape = draw(shapes())
    overlapping = [draw(st.booleans()) for _ in shape]
    cells = st.one_of(st.integers(0, 14), st.integers(0, 80))
    size = int(np.prod(shape))
    values = draw(st.lists(cells, min_size=size, max_size=size))
    grid = np.array(values, dtype=np.int64).reshape(shape)
    for axis, overlaps in enumerate(overlapping):
        total = grid.sum(axis=axis, keepdims=True)
        most = grid.max(axis=axis, keepdims=True)
        grid = np.concatenate([grid, (total + most) // 2 if overlaps else total], axis=axis)
    dimensions = [
        Dimension(f"d{i}", f"d{i}", tuple(map(str, range(n))), overlapping=o)
        for i, (n, o) in enumerate(zip(shape, overlapping, strict=True))
    ]
    return grid, dimensions


def lines(shape: tuple[int, ...]) -> Any:
    """Every line of every coarser table: axis, its cells, its total."""
    for axis in range(len(shape)):
        others = [range(n) for i, n in enumerate(shape) if i != axis]
        for place in product(*others):
            index = [place[:axis] + (i,) + place[axis:] for i in range(shape[axis])]
            yield axis, index[:-1], index[-1]


@MANY
@given(grids())
def test_the_line_rule_always_holds(drawn: Any) -> None:
    families, dimensions = drawn
    unsafe = below_threshold(families, 10)
    hidden = withhold(unsafe, families, dimensions, 10)
    assert (hidden >= unsafe).all()
    for axis, cells, total in lines(families.shape):
        withheld = [c for c in cells if hidden[c]]
        if len(cells) == 1:
            assert hidden[cells[0]] == hidden[total]
            continue
        if not withheld:
            assert not hidden[total]
            continue
        behind = [families[c] for c in withheld]
        enough = max(behind) if dimensions[axis].overlapping else sum(behind)
        assert len(withheld) == len(cells) or (len(withheld) >= 2 and enough >= 10)


@MANY
@given(grids())
def test_no_withheld_cell_follows_from_the_others(drawn: Any) -> None:
    """Unless its whole table is withheld and too small to hide anything in, its value has room to move."""
    families, dimensions = drawn
    hidden = withhold(below_threshold(families, 10), families, dimensions, 10)
    several = [a for a, d in enumerate(dimensions) if len(d.categories) > 1]
    hidden = hidden[tuple(slice(None) if a in several else 0 for a in range(hidden.ndim))]
    places = list(map(tuple, np.argwhere(hidden)))
    rows = [
        [float(p in cells) - float(p == total) for p in places]
        for _, cells, total in lines(hidden.shape)
    ]
    if not places or not rows:
        return
    matrix = np.array(rows)
    rank = np.linalg.matrix_rank(matrix)
    for i in range(len(places)):
        unit = np.zeros((1, len(places)))
        unit[0, i] = 1.0
        assert np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank + 1


@MANY
@given(grids())
def test_a_coarser_question_is_answered_as_the_finer_one_assumes(drawn: Any) -> None:
    families, dimensions = drawn
    hidden = withhold(below_threshold(families, 10), families, dimensions, 10)
    alone = withhold(below_threshold(families[..., -1], 10), families[..., -1], dimensions[:-1], 10)
    if len(dimensions[-1].categories) > 1:
        assert (hidden[..., -1] == alone).all()


@FEW
@given(st.lists(st.integers(0, 2**64 - 1), min_size=10, max_size=40, unique=True), st.integers())
def test_noise_depends_on_the_set_alone(ids: list[int], seed: int) -> None:
    """The same families under another dimension, in another order and with repeats, have the same figure."""
    chosen = list(map(str, ids))
    shuffled = pl.Series(chosen).sample(fraction=1.0, shuffle=True, seed=abs(seed) % 1000).to_list()
    once = pl.DataFrame({"family": chosen, "place": "x"})
    again = pl.DataFrame({"family": shuffled * 3, "other": "y", "third": "z"})
    strangers = pl.DataFrame({"family": [f"-{i}" for i in range(50)], "other": "w", "third": "z"})
    by_place = tabulate(once, [Dimension("place", "place", ("x",))], key=KEY)
    axes = [Dimension("other", "other", ("y", "w")), Dimension("third", "third", ("z",))]
    by_others = tabulate(pl.concat([again, strangers]), axes, key=KEY)
    one, two = protect_table(by_place, Rules(), KEY), protect_table(by_others, Rules(), KEY)
    assert one.cells[0].value == two.cells[0].value is not None


def test_a_cost_figure_is_the_perturbed_sum_to_the_nearest_five_hundred_pounds() -> None:
    rng = np.random.default_rng(0)
    units = pl.DataFrame(
        {
            "family": range(200),
            "d0": rng.choice(["0", "1"], 200),
            "cost_pence": rng.integers(0, 10**8, 200),
        }
    )
    exact = tabulate(units, [Dimension("d0", "d0", ("0", "1"))], ("cost",), key=KEY)
    cost = exact.measures["cost"]
    assert isinstance(cost, Magnitude)
    for cell, pence in zip(protect_table(exact, Rules(), KEY).cells, cost.pence, strict=True):
        assert cell.value is not None
        assert cell.value % 500 == 0
        assert abs(cell.value - pence / 100) <= 250
