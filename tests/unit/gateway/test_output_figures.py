"""Figures of the guards: near the truth, the same as a table's, and hardly moved by one family."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from gateway.disclosure import Dimension, Rules, Unprotectable, protect_table, tabulate
from gateway.disclosure.outputs import (
    Hierarchy,
    area_map,
    means,
    overlap,
    percentiles,
    profiles,
    rates,
    sequences,
    survival,
)
from gateway.disclosure.outputs.dominance import is_dominated
from gateway.disclosure.outputs.figures import midpoint, significant, to_place
from gateway.disclosure.outputs.survival import Step, Units, merge_steps

KEY = b"a key that is at least 32 bytes ."
DISTRICT = Dimension("district", "district", ("a", "b", "c", "d"))
AGENCY = Dimension("agency", "agency", ("health", "housing", "police"), overlapping=True)


def events(many: int = 400, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(many), rng.integers(1, 4, many))
    district = rng.choice(list("abcd"), many, p=[0.4, 0.35, 0.22, 0.03])
    return pl.DataFrame(
        {
            "family": owner,
            "district": district[owner],
            "agency": rng.choice(AGENCY.categories, len(owner)),
            "perturbed_pence": rng.lognormal(13, 0.6, len(owner)).astype(np.int64),
        }
    ).with_row_index("row")


@pytest.mark.parametrize("by", [[], [DISTRICT], [AGENCY], [DISTRICT, AGENCY]])
@pytest.mark.parametrize("seed", range(3))
def test_counts_costs_and_means_are_those_of_a_table(by: list[Dimension], seed: int) -> None:
    """By whatever route the same families are asked for. A dominated cell would be the one exception; here is none."""
    frame = events(seed=seed)
    measures = ("families", "cost", "cost_per_family")
    released = means(frame, by, Rules(), KEY)
    exact = tabulate(frame, by, measures, key=KEY, cost_pence="perturbed_pence")
    table = protect_table(exact, Rules(), KEY)
    assert [(c.keys, c.measure, c.value, c.mark) for c in released.cells] == [
        (c.keys, c.measure, c.value, c.mark) for c in table.cells
    ]


def test_a_total_is_the_answer_of_the_coarser_question() -> None:
    frame = events()
    with_totals = means(frame, [DISTRICT, AGENCY], Rules(), KEY, totals=True)
    for by in ([DISTRICT], [AGENCY], []):
        names = {d.name for d in by}
        found = [
            (c.measure, {k: v for k, v in c.keys.items() if v != "(all)"}, c.value)
            for c in with_totals.cells
            if {k for k, v in c.keys.items() if v != "(all)"} == names
        ]
        alone = means(frame, by, Rules(), KEY)
        assert found == [(c.measure, dict(c.keys), c.value) for c in alone.cells]


def lognormal(many: int, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    cost = rng.lognormal(12, 1.0, many).astype(np.int64)
    return pl.DataFrame({"family": range(many), "perturbed_pence": cost})


def test_a_median_is_near_the_median_of_the_costs() -> None:
    frame = lognormal(1000)
    (cell,) = percentiles(frame, [], Rules(), KEY, at=(50,)).cells
    assert cell.value == pytest.approx(frame["perturbed_pence"].median() / 100, rel=0.05)
    assert significant(float(cell.value or 0), 2) == cell.value


def test_leaving_any_one_family_out_hardly_moves_a_percentile() -> None:
    """Of 200 families left out one by one: at most one step of two significant figures, and for most nothing at all."""
    frame = lognormal(200)
    whole = {c.keys["percentile"]: c.value for c in percentiles(frame, [], Rules(), KEY).cells}
    moved: list[float] = []
    for family in range(200):
        rest = frame.filter(pl.col("family") != family)
        for cell in percentiles(rest, [], Rules(), KEY).cells:
            before = whole[cell.keys["percentile"]]
            assert before is not None
            assert cell.value is not None
            moved.append(abs(cell.value / before - 1))
    assert max(moved) <= 0.1
    assert np.mean(np.array(moved) > 0) <= 0.5


@pytest.mark.parametrize(
    "at", [(1,), (50, 50), (), (49,), (50.0,), (True,), ("50",), (0,), (100,), (99,)]
)
def test_only_a_few_percentiles_far_apart_are_given(at: tuple[int, ...]) -> None:
    with pytest.raises(Unprotectable, match="at: each once"):
        percentiles(lognormal(300), [], Rules(), KEY, at=at)


def test_the_costs_about_two_percentiles_are_never_the_same_families() -> None:
    from gateway.disclosure.outputs.percentiles import PERCENTILES

    for many in range(20, 2001):
        fit = [p for p in PERCENTILES if many * min(p, 100 - p) >= 1000]
        starts = [many * p // 100 - 5 for p in fit]
        assert all(b - a >= 10 for a, b in zip(starts, starts[1:], strict=False))
        assert not starts or (starts[0] >= 1 and starts[-1] + 10 <= many - 1)


def test_a_curve_is_near_kaplan_meier() -> None:
    rng = np.random.default_rng(2)
    many = 1000
    death, lost = rng.exponential(8, many), rng.exponential(20, many)
    frame = pl.DataFrame(
        {"family": range(many), "time": np.minimum(death, lost), "event": death <= lost}
    )
    released = survival(frame, [], (2, 4, 6, 8, 10, 12), Rules(), KEY)
    curve = {int(c.keys["to"]): c.value for c in released.cells if c.measure == "survival"}
    assert len(curve) >= 5
    for month, value in curve.items():
        assert value == pytest.approx(np.exp(-month / 8), abs=0.06)
    at_risk = [c.value for c in released.cells if c.measure == "at_risk"]
    assert all(isinstance(n, int) and n % 6 == 3 for n in at_risk)


def test_steps_are_merged_until_ten_have_the_event_and_none_or_ten_are_lost() -> None:
    step = np.repeat(np.arange(6), [4, 7, 12, 9, 30, 20])
    event = np.ones(82, dtype=np.bool_)
    event[[12, 13, 14, 60]] = False
    merged = merge_steps(Units(np.arange(82), step, event), 5, 10)
    assert merged[-1].last == 4
    assert all(event[(step >= s.first) & (step <= s.last)].sum() >= 10 for s in merged if s.shown)
    nobody_lost = merge_steps(Units(np.arange(82), step, np.ones(82, dtype=np.bool_)), 5, 10)
    assert nobody_lost == [Step(0, 1, True), Step(2, 2, True), Step(3, 4, True)]


def test_people_of_few_families_do_not_make_a_step() -> None:
    """Sixty people, nine families."""
    step = np.repeat([0, 1], [60, 100])
    family = np.concatenate([np.arange(60) % 9, 100 + np.arange(100)])
    units = Units(family, step, np.ones(160, dtype=np.bool_))
    assert merge_steps(units, 1, 10) == []


def test_midpoints_are_those_of_opensafely() -> None:
    assert midpoint(np.array([0, 1, 6, 7, 12, 13]), 6).tolist() == [0, 3, 3, 9, 9, 15]


@pytest.mark.parametrize(
    ("figure", "digits", "rounded"),
    [
        (0, 2, 0),
        (1249, 2, 1200),
        (1250, 2, 1300),
        (-1250, 2, -1300),
        (0.0349, 2, 0.035),
        (9.96, 2, 10),
    ],
)
def test_significant_figures_are_symmetrical(figure: float, digits: int, rounded: float) -> None:
    assert significant(figure, digits) == pytest.approx(rounded)
    assert significant(-figure, digits) == pytest.approx(-rounded)
    assert to_place(figure, 3) == -to_place(-figure, 3)


@pytest.mark.parametrize(
    ("contributions", "dominated"),
    [
        ([], True),
        ([5.0], True),
        ([5.0, 5.0], True),
        ([0.0] * 20, True),
        ([1.0] * 20, False),
        ([1.0] * 10 + [-1.0] * 10, False),
        ([1000.0] + [1.0] * 20, True),
        ([-1000.0] + [1.0] * 20, True),
        ([500.0, -400.0] + [1.0] * 20, True),
        ([float("nan")] + [1.0] * 20, True),
        ([float("inf")] + [1.0] * 20, True),
    ],
)
def test_dominance_is_decided_by_absolute_contributions(
    contributions: list[float], dominated: bool
) -> None:
    assert is_dominated(np.array(contributions)) is dominated


def test_combinations_that_no_one_withheld_follows_from() -> None:
    """Every relation of shown and withheld combinations: no withheld one has a single value."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        shares = rng.dirichlet(np.full(8, 0.6))
        mask = rng.choice(8, 300, p=shares)
        frame = pl.DataFrame(
            [
                (i, name)
                for i, m in enumerate(mask)
                for bit, name in enumerate(AGENCY.categories)
                if m >> bit & 1
            ],
            schema=["family", "agency"],
            orient="row",
        )
        everyone = pl.DataFrame({"family": range(300)})
        released = overlap(frame, AGENCY, Rules(), KEY, everyone=everyone)
        only = [c for c in released.cells if c.keys["reading"] == "only"]
        hidden = [c.keys["known_to"] for c in only if c.is_withheld]
        rows = [np.ones(len(hidden))]
        for cell in released.cells:
            if cell.keys["reading"] == "at least" and not cell.is_withheld:
                wanted = set(cell.keys["known_to"].split("+"))
                rows.append(np.array([float(wanted <= set(h.split("+"))) for h in hidden]))
        rank = np.linalg.matrix_rank(np.array(rows)) if hidden else 0
        for i in range(len(hidden)):
            unit = np.zeros((1, len(hidden)))
            unit[0, i] = 1.0
            assert np.linalg.matrix_rank(np.vstack([np.array(rows), unit])) == rank + 1


def test_somebody_known_who_is_not_in_the_cohort_is_refused() -> None:
    frame = pl.DataFrame({"family": [1, 2], "agency": ["police", "health"]})
    with pytest.raises(Unprotectable, match="somebody is known"):
        overlap(frame, AGENCY, Rules(), KEY, everyone=pl.DataFrame({"family": [1]}))
    people = frame.with_columns(person=pl.lit(7))
    with pytest.raises(Unprotectable, match="of one family"):
        overlap(people, AGENCY, Rules(), KEY, counted="people")


def test_a_list_of_rates_is_no_way_to_a_difference() -> None:
    """Two columns that differ in three families: the smaller has no figure, though each alone would."""
    frame = pl.DataFrame({"family": range(200)}).with_columns(
        debt=pl.col("family") < 60, debt_or_eviction=pl.col("family") < 63
    )
    both = rates(frame, [], ["debt", "debt_or_eviction"], Rules(), KEY)
    alone = rates(frame, [], ["debt"], Rules(), KEY)
    share = {c.keys["has"]: c.value for c in both.cells if c.measure == "share"}
    assert share["debt"] is None
    assert share["debt_or_eviction"] is not None
    assert all(c.value is not None for c in alone.cells)


def test_a_type_is_described_by_quotients_of_released_figures() -> None:
    kinds = Dimension("type", "type", ("x", "y"))
    frame = pl.DataFrame({"family": range(300)}).with_columns(
        type=pl.when(pl.col("family") < 100).then(pl.lit("x")).otherwise(pl.lit("y")),
        debt=pl.col("family") % 2 == 0,
        pence=pl.lit(123_456),
    )
    released = profiles(frame, kinds, Rules(), KEY, has=["debt"], costs=["pence"])
    value = {(c.keys["type"], c.measure): c.value for c in released.cells}
    assert value["x", "share"] == pytest.approx(0.5, abs=0.08)
    assert value["x", "cost_per_family"] == pytest.approx(1234.56, rel=0.08)
    for figure in value.values():
        assert figure is not None
    assert (
        significant(float(value["x", "cost_per_family"] or 0), 2) == value["x", "cost_per_family"]
    )
    twice = pl.concat([frame, frame])
    with pytest.raises(Unprotectable, match="once"):
        profiles(twice, kinds, Rules(), KEY, has=["debt"])


@pytest.mark.parametrize(
    ("areas", "index"),
    [
        ({}, None),
        ({"n": ()}, None),
        ({"n": ("x",), "s": ("x",)}, None),
        ({"n": "xyz"}, None),
        ({"n": ("x", "y")}, {"x": 1.0}),
        ({"n": ("x",)}, {"x": float("nan")}),
        ({"n": ("x",)}, {"x": 1.0, "y": 2.0}),
    ],
)
def test_a_faulty_hierarchy_is_refused(areas: dict, index: dict | None) -> None:  # type: ignore[type-arg]
    with pytest.raises(Unprotectable):
        Hierarchy(areas, index)


def test_a_map_carries_the_index_of_each_area() -> None:
    hierarchy = Hierarchy({"n": ("n1", "n2"), "s": ("s1",)}, {"n1": 1, "n2": 2.5, "s1": 10})
    frame = pl.DataFrame({"family": range(300), "perturbed_pence": [100_000] * 300}).with_columns(
        area=pl.Series(np.array(hierarchy.listed)[np.arange(300) % 3])
    )
    released = area_map(frame, hierarchy, Rules(), KEY, measures=["families"])
    assert {c.keys["area"]: c.keys["index"] for c in released.cells} == {
        "(district)": "",
        "n1": "1",
        "n2": "2.5",
        "s1": "10",
    }
    assert not any(c.is_withheld for c in released.cells)


@pytest.mark.parametrize("depth", [0, 4, True, 2.0, "2", None])
def test_a_path_is_at_most_three_states(depth: object) -> None:
    frame = pl.DataFrame({"family": [1], "state": ["a"], "on": [1]})
    with pytest.raises(Unprotectable, match="depth"):
        sequences(frame, Dimension("state", "s", ("a",)), Rules(), KEY, depth=depth)  # type: ignore[arg-type]
