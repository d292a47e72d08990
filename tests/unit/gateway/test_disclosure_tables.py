"""Exact tables and rules: everything that cannot be protected is refused, by name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gateway.disclosure import (
    Count,
    Dimension,
    ExactTable,
    Magnitude,
    Quotient,
    Rules,
    Unprotectable,
    protect_table,
    tabulate,
)
from gateway.disclosure.noise import draw_noise

KEY = b"a key that is at least 32 bytes ."
PLACE = Dimension("place", "place", ("north", "south"))


def frame(**columns: Any) -> pl.DataFrame:
    rows = {
        "family": list(range(40)),
        "person": list(range(40)),
        "place": ["north", "south"] * 20,
        "cost_pence": [123_400] * 40,
    }
    return pl.DataFrame(rows | columns, strict=False)


def table(*measures: str, units: Any = None) -> ExactTable:
    return tabulate(
        frame() if units is None else units, [PLACE], measures or ("families",), key=KEY
    )  # type: ignore[arg-type]


def test_pandas_and_polars_frames_give_the_same_table() -> None:
    measures = ("families", "people", "cost", "cost_per_family")
    from_polars = protect_table(table(*measures), Rules(), KEY)
    from_pandas = protect_table(
        table(*measures, units=pd.DataFrame(frame().to_dict())), Rules(), KEY
    )
    assert from_polars == from_pandas
    assert from_polars.withheld == dict.fromkeys(measures, 0)


@pytest.mark.parametrize(
    ("column", "values", "rule"),
    [
        ("cost_pence", [float("nan")] + [100.0] * 39, "missing_value"),
        ("cost_pence", [float("inf")] + [100.0] * 39, "not_pence"),
        ("cost_pence", [0.5] + [100.0] * 39, "not_pence"),
        ("cost_pence", [None] + [100] * 39, "missing_value"),
        ("cost_pence", [-float("inf")] + [100.0] * 39, "not_pence"),
        ("cost_pence", ["100"] * 40, "not_pence"),
        ("cost_pence", [[100]] * 40, "not_pence"),
        ("family", [None, *range(39)], "missing_value"),
        ("family", [float("nan"), *map(float, range(39))], "missing_value"),
        ("place", [None] + ["north"] * 39, "missing_value"),
        ("place", ["Rutland"] + ["north"] * 39, "category"),
    ],
)
def test_one_odd_value_refuses_the_whole_table(column: str, values: list[Any], rule: str) -> None:
    with pytest.raises(Unprotectable) as refused:
        table("cost", units=frame(**{column: values}))
    assert refused.value.rule == rule
    assert refused.value.place == column
    assert "Rutland" not in str(refused.value)


@pytest.mark.parametrize("column", ["family", "place", "cost_pence"])
def test_a_missing_column_is_refused(column: str) -> None:
    with pytest.raises(Unprotectable, match=column):
        table("cost", units=frame().drop(column))


@pytest.mark.parametrize("measures", [("median_cost",), ("families", "p90")])
def test_an_unknown_measure_is_refused(measures: tuple[str, ...]) -> None:
    with pytest.raises(Unprotectable, match="measures"):
        table(*measures)


def changed(name: str, **fields: Any) -> ExactTable:
    made = table("families", "cost")
    measures = dict(made.measures)
    measures[name] = replace(measures[name], **fields)  # type: ignore[type-var]
    return ExactTable(made.dimensions, measures, made.asked)


@pytest.mark.parametrize(
    ("name", "fields", "rule"),
    [
        ("families", {"figure": np.array([-1, 20])}, "negative"),
        ("families", {"figure": np.array([20.0, 20.0])}, "grid"),
        ("families", {"figure": np.array([20])}, "grid"),
        ("families", {"figure": [20, 20]}, "grid"),
        ("families", {"figure": None}, "grid"),
        ("families", {"families": np.array([20, 20])}, "grid"),
        ("families", {"families": np.array([50, 20, 40])}, "margin"),
        ("families", {"key_lo": np.array([1, 2])}, "grid"),
        ("families", {"counted": "households"}, "unknown_type"),
        ("cost", {"families": np.array([-1, 20, 40])}, "negative"),
        ("cost", {"pence": np.array([np.nan, 20])}, "grid"),
        ("cost", {"families": np.array([20, 50, 40])}, "margin"),
    ],
)
def test_a_faulty_grid_is_refused(name: str, fields: dict[str, Any], rule: str) -> None:
    with pytest.raises(Unprotectable) as refused:
        changed(name, **fields)
    assert refused.value.rule == rule


def test_a_measure_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(Unprotectable, match="not a count"):
        ExactTable((PLACE,), {"median": object()}, ("median",))  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "quotient",
    [
        Quotient("families", "cost", "gbp"),
        Quotient("cost", "nothing", "gbp"),
        Quotient("cost", "families", "share"),
        Quotient("cost", "families", "percent"),  # type: ignore[arg-type]
    ],
)
def test_a_quotient_is_a_cost_or_count_by_a_count(quotient: Quotient) -> None:
    made = table("families", "cost")
    with pytest.raises(Unprotectable):
        ExactTable(made.dimensions, {**made.measures, "q": quotient}, ("q",))


@pytest.mark.parametrize(
    "dimensions",
    [
        (PLACE, PLACE),
        (Dimension("value", "value", ("a",)),),
        (Dimension("place", "place", ()),),
        (Dimension("place", "place", ("a", "a")),),
    ],
)
def test_faulty_dimensions_are_refused(dimensions: tuple[Dimension, ...]) -> None:
    with pytest.raises(Unprotectable):
        ExactTable(dimensions, table().measures, ("families",))


def test_the_repr_of_an_exact_table_shows_no_figure() -> None:
    made = table("families", "cost")
    count = made.measures["families"]
    assert isinstance(count, Count)
    assert isinstance(made.measures["cost"], Magnitude)
    assert "20" not in repr(made) + repr(count)
    assert "123400" not in repr(made.measures["cost"])


@pytest.mark.parametrize(
    "weaker",
    [
        {"min_cell": 9},
        {"min_cell": 0},
        {"min_cell": float("nan")},
        {"min_cell": True},
        {"min_cell": "10"},
        {"rounding": 1},
        {"cost_rounding_gbp": 100},
        {"noise_sd": 0},
        {"noise_sd": -2},
        {"noise_limit": 1},
        {"secondary": "none"},
        {"max_dimensions": 4},
        {"max_cells": 0},
    ],
)
def test_rules_below_the_floor_are_refused(weaker: dict[str, Any]) -> None:
    with pytest.raises(Unprotectable):
        Rules(**weaker)


def test_stricter_rules_are_kept() -> None:
    released = protect_table(table(), Rules(min_cell=21), KEY)
    assert released.withheld == {"families": 2}
    assert released.rules["min_cell"] == 21
    released = protect_table(table(), Rules(min_cell=12, rounding=10), KEY)
    assert all(c.value >= 20 for c in released.cells if c.value is not None)


@pytest.mark.parametrize("rules", [Rules(max_dimensions=0), Rules(max_cells=1)])
def test_a_table_finer_than_the_rules_allow_is_refused(rules: Rules) -> None:
    with pytest.raises(Unprotectable, match="more dimensions or cells"):
        protect_table(table(), rules, KEY)


@pytest.mark.parametrize("key", [b"", b"short", "a text that is at least 32 bytes .", None])
def test_a_short_key_is_refused(key: Any) -> None:
    with pytest.raises(Unprotectable, match="32 bytes"):
        protect_table(table(), Rules(), key)


def test_renderings_say_the_same() -> None:
    released = protect_table(table("families", "cost"), Rules(), KEY)
    body = json.loads(released.to_json())
    rows = released.to_pandas()
    lines = released.to_csv().splitlines()
    assert body["measures"] == ["families", "cost"]
    assert lines[0] == "place,measure,value,mark,quality"
    assert len(lines) - 1 == len(body["cells"]) == len(rows) == 4
    assert [c["value"] for c in body["cells"]] == rows["value"].tolist()
    assert body["withheld"] == {"families": 0, "cost": 0}


def test_a_quotient_is_made_of_released_figures_only() -> None:
    released = protect_table(table("families", "cost", "cost_per_family"), Rules(), KEY)
    value = {(c.keys["place"], c.measure): c.value for c in released.cells}
    for place in ("north", "south"):
        cost, families = value[place, "cost"], value[place, "families"]
        assert cost is not None
        assert families is not None
        assert value[place, "cost_per_family"] == round(cost / families)


def keys_of(number: int) -> bytes:
    return number.to_bytes(32, "big")


def test_a_shown_count_is_never_below_the_threshold() -> None:
    ten = table(units=frame(place=["north"] * 10 + ["south"] * 30))
    values = [protect_table(ten, Rules(), keys_of(i)).cells[0].value for i in range(200)]
    assert min(v for v in values if v is not None) == 10
    assert len(set(values)) > 1


def test_noise_has_the_stated_spread_and_limit() -> None:
    count = table().measures["families"]
    assert isinstance(count, Count)
    draws = np.array([draw_noise(count, Rules(), keys_of(i)) for i in range(2000)])
    assert abs(draws.mean()) < 0.1
    assert draws.std() == pytest.approx(2.0, abs=0.08)
    assert np.abs(draws).max() <= 5.0
    strict = np.array([draw_noise(count, Rules(noise_sd=3), keys_of(i)) for i in range(2000)])
    # Not the same draw made larger: two protocols' figures would give the count away.
    assert abs(np.corrcoef(draws.ravel(), strict.ravel())[0, 1]) < 0.1


@pytest.mark.parametrize("half", ["key_lo", "key_hi"])
def test_another_set_has_other_noise(half: str) -> None:
    count = table().measures["families"]
    assert isinstance(count, Count)
    other = replace(count, **{half: getattr(count, half) ^ np.uint64(1)})
    same = draw_noise(count, Rules(), KEY) == draw_noise(other, Rules(), KEY)
    assert not same.any()


def test_a_share_is_never_above_one() -> None:
    count = table().measures["families"]
    assert isinstance(count, Count)
    part = replace(count, key_lo=count.key_lo ^ np.uint64(1))
    exact = ExactTable(
        (PLACE,),
        {"part": part, "whole": count, "rate": Quotient("part", "whole", "share")},
        ("rate",),
    )
    rates = [c.value for i in range(100) for c in protect_table(exact, Rules(), keys_of(i)).cells]
    shown = [rate for rate in rates if rate is not None]
    assert max(shown) == 1.0
    assert min(shown) < 1.0
