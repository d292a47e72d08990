"""Each kind of output, attacked: what goes in, and whether it is refused, withheld or shown. The first row of each kind is safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gateway.disclosure import Dimension, Rules, Unprotectable
from gateway.disclosure import outputs as guard
from gateway.disclosure.outputs import Design, Guarded, Hierarchy

title = "Every kind of output has its guard"

KEY = b"a key that is at least 32 bytes ."
RULES = Rules()
MANY = 200
DISTRICT = Dimension("district", "district", ("north", "south"))
AGENCY = Dimension("agency", "agency", ("health", "housing", "police"), overlapping=True)
PERIOD = Dimension("period", "period", ("before", "after"))
STATE = Dimension("state", "state", ("stuck", "moving", "independent"))
TYPE = Dimension("type", "type", ("young", "isolated", "early"))
ARM = Dimension("arm", "arm", ("comparison", "accepted"))
AREAS = Hierarchy({"north": ("n1", "n2", "n3"), "south": ("s1", "s2")})
BANDED = Design("cost@1", "perturbed_pence", (DISTRICT, ARM), ("issues",))
DUMMY = Design("one@1", "perturbed_pence", (DISTRICT,), ("issues", "is_that_family"))
TWICE = Design("twice@1", "perturbed_pence", (DISTRICT,), ("issues", "twice_issues"))
CELLS = Design("cells@1", "perturbed_pence", (DISTRICT, ARM), (), (("district", "arm"),))
REGISTER = {each.name: each for each in (BANDED, DUMMY, TWICE, CELLS)}


def families(many: int = MANY) -> pl.DataFrame:
    """One row a family, evenly over every category."""
    rng = np.random.default_rng(7)
    place = np.arange(many)
    return pl.DataFrame(
        {
            "family": place,
            "person": place * 10,
            "district": np.where(place % 2, "north", "south"),
            "arm": np.where(place // 2 % 2, "accepted", "comparison"),
            "type": np.array(TYPE.categories)[place % 3],
            "area": np.array(AREAS.listed)[place % 5],
            "has_debt": place % 4 == 0,
            "perturbed_pence": rng.lognormal(12, 0.8, many).astype(np.int64),
            "issues": rng.integers(1, 9, many),
            "is_that_family": (place == 0).astype(np.int64),
            "time": rng.exponential(6, many),
            "event": rng.random(many) < 0.7,
        }
    ).with_columns(twice_issues=pl.col("issues") * 2)


def both_periods(frame: pl.DataFrame) -> pl.DataFrame:
    after = frame.with_columns(
        period=pl.lit("after"), perturbed_pence=pl.col("perturbed_pence") // 2
    )
    return pl.concat([frame.with_columns(period=pl.lit("before")), after])


def known(frame: pl.DataFrame) -> pl.DataFrame:
    """Every combination of agencies for as many families each."""
    rows = [
        frame.filter(pl.col("family") // 8 % 8 // bit % 2 == 1).with_columns(agency=pl.lit(name))
        for bit, name in zip((1, 2, 4), AGENCY.categories, strict=True)
    ]
    return pl.concat(rows)


def journeys(frame: pl.DataFrame) -> pl.DataFrame:
    """stuck for all; half go on to moving, half of those to independent."""
    steps = [
        frame.filter(pl.col("family") % size == 0).with_columns(state=pl.lit(state), on=pl.lit(i))
        for i, (size, state) in enumerate(zip((1, 2, 4), STATE.categories, strict=True))
    ]
    return pl.concat(steps)


GUARDS: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], Callable[[Any], Guarded]]] = {
    "means": (lambda f: f, lambda f: guard.means(f, [DISTRICT], RULES, KEY, totals=True)),
    "rates": (lambda f: f, lambda f: guard.rates(f, [DISTRICT], ["has_debt"], RULES, KEY)),
    "change": (both_periods, lambda f: guard.change(f, [DISTRICT], PERIOD, RULES, KEY)),
    "difference in differences": (
        both_periods,
        lambda f: guard.difference_in_differences_of_means(f, ARM, PERIOD, RULES, KEY),
    ),
    "percentiles": (lambda f: f, lambda f: guard.percentiles(f, [DISTRICT], RULES, KEY)),
    "overlap": (
        known,
        lambda f: guard.overlap(f, AGENCY, RULES, KEY, everyone=f.head(0).select("family")),
    ),
    "overlap of people": (
        known,
        lambda f: guard.overlap(f, AGENCY, RULES, KEY, counted="people"),
    ),
    "sequences": (journeys, lambda f: guard.sequences(f, STATE, RULES, KEY, depth=3)),
    "profiles": (
        lambda f: f,
        lambda f: guard.profiles(f, TYPE, RULES, KEY, has=["has_debt"], costs=["perturbed_pence"]),
    ),
    "regression": (lambda f: f, lambda f: guard.regress(f, "cost@1", REGISTER, RULES, KEY)),
    "survival": (lambda f: f, lambda f: guard.survival(f, [DISTRICT], (3, 6, 12), RULES, KEY)),
    "map": (lambda f: f, lambda f: guard.area_map(f, AREAS, RULES, KEY)),
}
GUARDS["overlap"] = (known, lambda f: guard.overlap(f, AGENCY, RULES, KEY))


def outcome(kind: str, change: Callable[[pl.DataFrame], Any], many: int = MANY) -> str:
    """refused, withheld (all of it), or shown (something of it)."""
    prepare, ask = GUARDS[kind]
    try:
        released = ask(change(prepare(families(many))))
    except Unprotectable:
        return "refused"
    return "withheld" if all(c.is_withheld for c in released.cells) else "shown"


def test_every_guard_is_in_this_table() -> None:
    asked = {"regress": "regression", "area_map": "map"}
    named = {n for n in guard.__all__ if n[0].islower()} - {"difference_in_differences"}
    names = {"difference_in_differences_of_means": "difference in differences", **asked}
    assert {names.get(n, n) for n in named} <= set(GUARDS)


@pytest.mark.parametrize("kind", GUARDS)
@pytest.mark.parametrize("make", [lambda f: f, lambda f: f.to_pandas()], ids=["polars", "pandas"])
def test_what_is_safe_is_shown(kind: str, make: Callable[[pl.DataFrame], Any]) -> None:
    assert outcome(kind, make) == "shown"


@pytest.mark.parametrize("kind", GUARDS)
@pytest.mark.parametrize("many", [1, 9])
def test_nine_families_have_no_figure(kind: str, many: int) -> None:
    assert outcome(kind, lambda f: f, many) == "withheld"


def odd(column: str, value: Any) -> Callable[[pl.DataFrame], Any]:
    """The frame with one odd value in its first row, as pandas would hold it."""

    def change(frame: pl.DataFrame) -> Any:
        values = frame[column].to_list()
        return frame.to_pandas().assign(**{column: pd.Series([value, *values[1:]])})

    return change


FIGURES = {
    "means": "perturbed_pence",
    "change": "perturbed_pence",
    "difference in differences": "perturbed_pence",
    "percentiles": "perturbed_pence",
    "profiles": "perturbed_pence",
    "regression": "perturbed_pence",
    "survival": "time",
    "map": "perturbed_pence",
}
PLACES = {
    "means": "district",
    "rates": "district",
    "change": "period",
    "difference in differences": "arm",
    "percentiles": "district",
    "overlap": "agency",
    "overlap of people": "agency",
    "sequences": "state",
    "profiles": "type",
    "regression": "arm",
    "survival": "district",
    "map": "area",
}
ODD = [
    *((k, c, v) for k, c in FIGURES.items() for v in (np.nan, np.inf, -np.inf, None, [1], "1")),
    *((k, c, v) for k, c in PLACES.items() for v in (None, "elsewhere", ["north"], 1.5)),
    *((k, "family", v) for k in GUARDS for v in (None, np.nan, np.inf, [1], 0.5)),
    *((k, "has_debt", v) for k in ("rates", "profiles") for v in (None, 2, "yes", np.nan, [True])),
    *(("survival", "event", v) for v in (None, 1.5, "yes")),
    ("survival", "time", -1.0),
    ("regression", "issues", np.inf),
    ("sequences", "on", None),
    ("overlap of people", "person", None),
]


@pytest.mark.parametrize(("kind", "column", "value"), ODD)
def test_one_odd_value_refuses_all_and_is_not_quoted(kind: str, column: str, value: Any) -> None:
    prepare, ask = GUARDS[kind]
    with pytest.raises(Unprotectable) as refused:
        ask(odd(column, value)(prepare(families())))
    assert "elsewhere" not in str(refused.value)


@pytest.mark.parametrize("kind", GUARDS)
def test_a_missing_column_or_no_frame_is_refused(kind: str) -> None:
    assert outcome(kind, lambda f: f.drop("family")) == "refused"
    assert outcome(kind, lambda f: f.rows()) == "refused"
    assert outcome(kind, lambda f: None) == "refused"


@pytest.mark.parametrize("kind", sorted(set(FIGURES) - {"survival"}))
def test_refunds_and_zeros_switch_nothing_off(kind: str) -> None:
    """Refunds are shown like costs, all nothing is never a figure of each, and nine payers are too few."""
    column = FIGURES[kind]
    assert outcome(kind, lambda f: f.with_columns(-pl.col(column))) == "shown"
    prepare, ask = GUARDS[kind]
    nine = prepare(families()).with_columns(
        pl.when(pl.col("family") < 9).then(pl.col(column)).otherwise(0).alias(column)
    )
    for frame in (nine, nine.with_columns(pl.lit(0).alias(column))):
        costs = [
            c for c in ask(frame).cells if c.measure not in ("families", "share_of_all", "share")
        ]
        assert costs
        assert all(c.is_withheld for c in costs)


def one_dominates(frame: pl.DataFrame) -> pl.DataFrame:
    huge = pl.when(pl.col("family") < 2).then(10**11).otherwise(pl.col("perturbed_pence"))
    return frame.with_columns(perturbed_pence=huge)


# kind, attack, what is done to the frame, the cells that are looked at, what becomes of them
ATTACKS: list[tuple[str, str, Callable[[pl.DataFrame], pl.DataFrame], dict[str, str], str]] = [
    ("means", "a family makes the sum", one_dominates, {"measure": "cost"}, "withheld"),
    ("change", "a family makes the sum", one_dominates, {"measure": "percent"}, "withheld"),
    ("map", "a family makes the sum", one_dominates, {"measure": "cost", "area": "n1"}, "withheld"),
    (
        "profiles",
        "a family makes the sum",
        one_dominates,
        {"type": "young", "measure": "cost_per_family"},
        "withheld",
    ),
    (
        "change",
        "one family left between the periods",
        lambda f: f.filter((pl.col("family") != 1) | (pl.col("period") == "before")),
        {"district": "north"},
        "withheld",
    ),
    (
        "change",
        "ten families left between the periods",
        lambda f: f.filter((pl.col("family") >= 20) | (pl.col("period") == "before")),
        {"district": "north"},
        "shown",
    ),
    (
        "rates",
        "all have it",
        lambda f: f.with_columns(has_debt=pl.lit(True)),
        {"measure": "share"},
        "withheld",
    ),
    (
        "rates",
        "all but nine have it",
        lambda f: f.with_columns(has_debt=pl.col("family") >= 18),
        {"measure": "share"},
        "withheld",
    ),
    (
        "rates",
        "nine have it",
        lambda f: f.with_columns(has_debt=pl.col("family") < 18),
        {"measure": "share"},
        "withheld",
    ),
    (
        "percentiles",
        "nineteen families",
        lambda f: f.filter((pl.col("district") == "south") | (pl.col("family") < 38)),
        {"district": "north"},
        "withheld",
    ),
    (
        "percentiles",
        "twenty families: the median alone",
        lambda f: f.filter((pl.col("district") == "south") | (pl.col("family") < 40)),
        {"district": "north", "percentile": "50"},
        "shown",
    ),
    (
        "percentiles",
        "all but nine pay nothing",
        lambda f: f.with_columns(
            perturbed_pence=pl.when(pl.col("family") < 18)
            .then(pl.col("perturbed_pence"))
            .otherwise(0)
        ),
        {"measure": "cost"},
        "withheld",
    ),
    (
        "overlap",
        "all whom housing knows are known to the police",
        lambda f: f.filter((pl.col("agency") != "housing") | (pl.col("family") // 8 % 8 >= 6)),
        {"known_to": "housing+police", "reading": "at least"},
        "withheld",
    ),
    (
        "overlap of people",
        "forty people of nine families",
        lambda f: pl.concat(
            [
                f.filter(pl.col("family") // 8 % 8 != 7),
                *(
                    f.filter(
                        (pl.col("family") // 8 % 8 == 7) & (pl.col("family") % 8 < 3)
                    ).with_columns(person=pl.col("person") + i)
                    for i in range(5)
                ),
            ]
        ),
        {"known_to": "health+housing+police", "reading": "only"},
        "withheld",
    ),
    (
        "sequences",
        "one family's path",
        lambda f: f.filter((pl.col("state") != "independent") | (pl.col("family") == 4)),
        {"step 1": "stuck", "step 2": "moving", "step 3": "independent"},
        "absent",
    ),
    (
        "sequences",
        "one family's path: those who did not go on",
        lambda f: f.filter((pl.col("state") != "independent") | (pl.col("family") == 4)),
        {"step 1": "stuck", "step 2": "moving", "step 3": "(end)"},
        "absent",
    ),
    (
        "sequences",
        "all but nine went on",
        lambda f: f.filter((pl.col("state") != "moving") | (pl.col("family") < 118)),
        {"step 1": "stuck", "step 2": "moving", "step 3": "independent"},
        "shown",
    ),
    (
        "profiles",
        "a type of twenty-nine",
        lambda f: f.filter((pl.col("type") != "young") | (pl.col("family") < 87)),
        {"type": "young"},
        "withheld",
    ),
    (
        "profiles",
        "a type of twenty-nine: the smallest beside it",
        lambda f: f.filter((pl.col("type") != "young") | (pl.col("family") < 87)),
        {"type": "early", "measure": "cost_per_family"},
        "withheld",
    ),
    (
        "survival",
        "nine events",
        lambda f: f.with_columns(event=pl.col("family") < 18),
        {"measure": "survival"},
        "withheld",
    ),
    (
        "survival",
        "all have had it at the end",
        lambda f: f.with_columns(event=pl.lit(True), time=pl.col("time").clip(0, 11)),
        {"to": "12"},
        "withheld",
    ),
    (
        "map",
        "an area of nine",
        lambda f: f.filter((pl.col("area") != "n1") | (pl.col("family") < 45)),
        {"area": "n1"},
        "withheld",
    ),
    (
        "map",
        "an area of nine: the smallest beside it",
        lambda f: f.filter(
            ((pl.col("area") != "n1") | (pl.col("family") < 45))
            & ((pl.col("area") != "n2") | (pl.col("family") < 150))
        ),
        {"area": "n2"},
        "withheld",
    ),
    (
        "map",
        "an area of nine: the other district",
        lambda f: f.filter((pl.col("area") != "n1") | (pl.col("family") < 45)),
        {"area": "s1"},
        "shown",
    ),
]


@pytest.mark.parametrize(
    ("kind", "change", "where", "becomes"),
    [(a[0], *a[2:]) for a in ATTACKS],
    ids=[f"{a[0]}: {a[1]}" for a in ATTACKS],
)
def test_the_attack_gets_nothing(
    kind: str, change: Callable[[pl.DataFrame], pl.DataFrame], where: dict[str, str], becomes: str
) -> None:
    prepare, ask = GUARDS[kind]
    released = ask(change(prepare(families())))
    cells = [c for c in released.cells if where.items() <= {**c.keys, "measure": c.measure}.items()]
    if becomes == "absent":
        assert not cells
        return
    assert cells
    assert {c.is_withheld for c in cells} == {becomes == "withheld"}, (
        released.to_pandas().to_string()
    )


REGRESSIONS = [
    ("a design of one's own", "mine@1", lambda f: f, "refused"),
    ("a list of designs", ["cost@1"], lambda f: f, "refused"),
    ("one family's dummy, registered by mistake", "one@1", lambda f: f, "withheld"),
    ("a column that follows from another", "twice@1", lambda f: f, "withheld"),
    ("a table of means in disguise", "cells@1", lambda f: f, "refused"),
    (
        "nine families in an arm",
        "cost@1",
        lambda f: f.filter((pl.col("arm") != "accepted") | (pl.col("family") < 19)),
        "withheld",
    ),
    ("nineteen families in all", "cost@1", lambda f: f.head(13), "withheld"),
    (
        "one family with a hundred issues",
        "cost@1",
        lambda f: f.with_columns(
            issues=pl.when(pl.col("family") == 3).then(1000).otherwise(pl.col("issues"))
        ),
        "withheld",
    ),
    (
        "an outcome that the design gives exactly",
        "cost@1",
        lambda f: f.with_columns(perturbed_pence=pl.col("issues") * 10_000),
        "withheld",
    ),
    (
        "one family's rows a hundred times",
        "cost@1",
        lambda f: pl.concat([f] + [f.head(1)] * 100),
        "withheld",
    ),
]


@pytest.mark.parametrize(
    ("design", "change", "becomes"), [r[1:] for r in REGRESSIONS], ids=[r[0] for r in REGRESSIONS]
)
def test_a_regression_singles_nobody_out(
    design: Any, change: Callable[[pl.DataFrame], pl.DataFrame], becomes: str
) -> None:
    try:
        released = guard.regress(change(families()), design, REGISTER, RULES, KEY)
    except Unprotectable:
        assert becomes == "refused"
        return
    assert becomes == "withheld"
    assert all(c.is_withheld for c in released.cells)
    assert released.about["families"] is None
    assert released.about["r_squared"] is None


@pytest.mark.parametrize("kind", GUARDS)
def test_one_mark_and_one_sentence_whatever_the_reason(kind: str) -> None:
    prepare, ask = GUARDS[kind]
    told = ask(prepare(families(9))).to_dict()
    assert {c["mark"] for c in told["cells"]} == {"[c]"}
    assert {c["value"] for c in told["cells"]} == {None}
    assert list(told["legend"]) == ["[c]"]
    assert "family" not in told["cells"][0]["keys"]


@pytest.mark.parametrize("kind", GUARDS)
def test_the_sets_behind_the_figures_are_given_and_not_shown(kind: str) -> None:
    prepare, ask = GUARDS[kind]
    released = ask(prepare(families()))
    assert released.members.shape == (len(released.behind.cell), len(released.behind.families))
    assert set(released.behind.cell) == set(range(len(released.cells)))
    assert len(released.behind.identities(KEY)) == len(released.behind.families)
    assert "members" not in released.to_json()
    assert "behind" not in repr(released)
    fallen = released.without(released.behind.cell >= 0)
    assert all(c.is_withheld for c in fallen.cells)


@pytest.mark.parametrize("kind", GUARDS)
@pytest.mark.parametrize("key", [b"short", "a key that is text and thirty-two long"])
def test_a_short_key_is_refused(kind: str, key: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "KEY", key)
    assert outcome(kind, lambda f: f) == "refused"
