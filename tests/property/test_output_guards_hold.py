"""What must hold of every guarded output, whatever the data: no figure of fewer than ten families, the same answer again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.disclosure import Dimension, Rules, Unprotectable
from gateway.disclosure.outputs import (
    Design,
    Guarded,
    Hierarchy,
    area_map,
    change,
    means,
    overlap,
    percentiles,
    profiles,
    rates,
    regress,
    sequences,
    survival,
)

KEY = b"a key that is at least 32 bytes ."
SOME = settings(
    max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
PLACE = Dimension("place", "place", ("n1", "n2", "n3", "s1", "s2"))
AGENCY = Dimension("agency", "agency", ("health", "housing", "police"), overlapping=True)
PERIOD = Dimension("period", "period", ("before", "after"))
AREAS = Hierarchy({"n": ("n1", "n2", "n3"), "s": ("s1", "s2")})
DESIGN = Design("d@1", "perturbed_pence", (PLACE, PERIOD), ("issues",))


@st.composite
def contributions(draw: st.DrawFn) -> pl.DataFrame:
    """Rows of up to some hundred families: small places, refunds, zeros, huge costs, people, days, flags."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    many = draw(st.integers(1, 220))
    weights = rng.dirichlet(np.full(5, draw(st.floats(0.3, 4.0))))
    owner = np.repeat(np.arange(many), rng.integers(1, 4, many))
    rows = len(owner)
    cost = rng.lognormal(11, draw(st.floats(0.1, 2.5)), rows) * rng.choice([1, 1, 0, -1], rows)
    return pl.DataFrame(
        {
            "family": owner,
            "person": owner * 10 + rng.integers(0, 3, rows),
            "place": np.array(PLACE.categories)[rng.choice(5, many, p=weights)][owner],
            "agency": rng.choice(AGENCY.categories, rows, p=[0.7, 0.25, 0.05]),
            "period": rng.choice(PERIOD.categories, rows),
            "state": rng.choice(AGENCY.categories, rows, p=[0.5, 0.42, 0.08]),
            "on": rng.integers(0, 50, rows),
            "perturbed_pence": cost.astype(np.int64),
            "issues": rng.integers(0, 9, rows),
            "debt": rng.random(rows) < draw(st.floats(0.0, 1.0)),
            "time": rng.exponential(5, rows),
            "event": rng.random(rows) < draw(st.floats(0.3, 1.0)),
        }
    )


STATE = Dimension("state", "state", AGENCY.categories)
ASK: dict[str, Callable[[pl.DataFrame], Guarded]] = {
    "means": lambda f: means(f, [PLACE, AGENCY], Rules(), KEY, totals=True),
    "rates": lambda f: rates(f, [PLACE], ["debt", "event"], Rules(), KEY),
    "change": lambda f: change(f, [PLACE], PERIOD, Rules(), KEY, measure="cost_per_family"),
    "percentiles": lambda f: percentiles(f, [PLACE], Rules(), KEY, at=(5, 25, 50, 75, 95)),
    "overlap": lambda f: overlap(f, AGENCY, Rules(), KEY),
    "people": lambda f: overlap(f, AGENCY, Rules(), KEY, counted="people"),
    "transitions": lambda f: sequences(f, STATE, Rules(), KEY, depth=3),
    "journeys": lambda f: sequences(
        f, STATE, Rules(), KEY, depth=3, from_start=True, unit="person"
    ),
    "profiles": lambda f: profiles(
        f,
        PLACE,
        Rules(),
        KEY,
        has=["debt"],
        costs=["perturbed_pence"],
    ),
    "regression": lambda f: regress(f, "d@1", {"d@1": DESIGN}, Rules(), KEY),
    "survival": lambda f: survival(f, [PLACE], (2, 4, 6, 8), Rules(), KEY),
    "map": lambda f: area_map(f, AREAS, Rules(), KEY, area="place"),
}


def fit_for(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A profile is of one row a family."""
    once = frame.unique("family", keep="first", maintain_order=True)
    return once if kind == "profiles" else frame


def behind(frame: pl.DataFrame, keys: dict[str, str]) -> int:
    """Families with a row in the cell, counted from the frame alone."""
    for name in ("place", "agency", "period", "type"):
        column = "place" if name == "type" else name
        if keys.get(name, "(all)") != "(all)":
            frame = frame.filter(pl.col(column) == keys[name])
    area = keys.get("area")
    if area and area != "(district)":
        frame = frame.filter(pl.col("place") == area)
    elif area:
        frame = frame.filter(pl.col("place").str.starts_with(keys["district"]))
    return frame["family"].n_unique()


@pytest.mark.parametrize("kind", ASK)
@SOME
@given(frame=contributions())
def test_no_figure_is_of_fewer_than_ten_families(kind: str, frame: pl.DataFrame) -> None:
    frame = fit_for(kind, frame)
    released = ASK[kind](frame)
    sizes = np.asarray(released.members.sum(axis=1)).ravel()
    assert set(np.unique(released.members.data)) <= {1}
    for row, cell in enumerate(released.behind.cell.tolist()):
        shown = released.cells[cell]
        assert shown.is_withheld or sizes[row] >= 10
    for cell in released.cells:
        assert cell.is_withheld or behind(frame, dict(cell.keys)) >= 10
        assert cell.value is None or np.isfinite(cell.value)
        assert (cell.value is None) == (cell.mark is not None)


@pytest.mark.parametrize("kind", ASK)
@SOME
@given(frame=contributions(), seed=st.integers(0, 1000))
def test_asking_again_in_another_order_gives_the_same_answer(
    kind: str, frame: pl.DataFrame, seed: int
) -> None:
    frame = fit_for(kind, frame)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    assert ASK[kind](frame).to_json() == ASK[kind](shuffled).to_json()


@pytest.mark.parametrize("kind", ASK)
@SOME
@given(frame=contributions())
def test_which_cells_are_withheld_depends_on_no_key(kind: str, frame: pl.DataFrame) -> None:
    frame = fit_for(kind, frame)
    one = ASK[kind](frame)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(globals(), "KEY", KEY[::-1])
        two = ASK[kind](frame)
    assert [c.is_withheld for c in one.cells] == [c.is_withheld for c in two.cells]


SUBJECT = {
    "means": ("perturbed_pence",),
    "rates": ("debt", "place"),
    "change": ("perturbed_pence", "period"),
    "percentiles": ("perturbed_pence", "place"),
    "overlap": ("agency",),
    "people": ("agency", "person"),
    "transitions": ("state", "on"),
    "journeys": ("state", "on", "person"),
    "profiles": ("perturbed_pence", "debt", "place"),
    "regression": ("perturbed_pence", "issues", "period"),
    "survival": ("time", "event", "place"),
    "map": ("perturbed_pence", "place"),
}
STRANGE = [None, float("nan"), float("inf"), -float("inf"), [1], {"a": 1}, "nowhere", 0.5, b"x"]


@pytest.mark.parametrize("kind", ASK)
@SOME
@given(frame=contributions(), data=st.data())
def test_one_strange_value_is_refused_by_name(
    kind: str, frame: pl.DataFrame, data: st.DataObject
) -> None:
    """Wherever it stands, as pandas would hold it."""
    frame = fit_for(kind, frame)
    column = data.draw(st.sampled_from(("family", *SUBJECT[kind])))
    place = data.draw(st.integers(0, frame.height - 1))
    strange = data.draw(st.sampled_from(STRANGE))
    if isinstance(strange, str) and column in ("family", "person"):
        return  # text is a name as good as any
    if strange == 0.5 and column in ("time", "issues"):
        return  # half a month, half an issue: numbers
    odd: Any = frame.to_pandas().astype({column: object})
    values = odd[column].tolist()
    values[place] = strange
    with pytest.raises(Unprotectable) as refused:
        ASK[kind](odd.assign(**{column: values}))
    assert "nowhere" not in str(refused.value)


@SOME
@given(frame=contributions())
def test_a_withheld_area_is_never_alone(frame: pl.DataFrame) -> None:
    """In every line of a map: none is withheld, all are, or two of ten families in all."""
    released = area_map(frame, AREAS, Rules(), KEY, area="place", measures=["families"])
    cells = {(c.keys["district"], c.keys["area"]): c for c in released.cells}
    for line, total in (
        ([("n", a) for a in AREAS.areas["n"]], ("n", "(district)")),
        ([("s", a) for a in AREAS.areas["s"]], ("s", "(district)")),
    ):
        hidden = [place for place in line if cells[place].is_withheld]
        many = sum(behind(frame, dict(cells[place].keys)) for place in hidden)
        whole = len(hidden) == len(line)
        if hidden or cells[total].is_withheld:
            assert whole or (len(hidden) >= 2 and many >= 10)


@SOME
@given(frame=contributions())
def test_no_two_counts_of_one_answer_differ_by_a_few_families(frame: pl.DataFrame) -> None:
    for kind in ("means", "rates", "overlap", "transitions", "map"):
        released = ASK[kind](frame)
        shown = [
            row
            for row, cell in enumerate(released.behind.cell.tolist())
            if not released.cells[cell].is_withheld
            and released.cells[cell].measure in ("families", "having")
        ]
        sets = [set(released.members[[row], :].indices.tolist()) for row in shown]
        for one in sets:
            for other in sets:
                assert not (one < other and len(other - one) < 10), kind
