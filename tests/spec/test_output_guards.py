"""Each kind of output: what is refused, what is withheld and what is shown, whatever it is. How each is attacked: test_output_attacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gateway.disclosure import Unprotectable
from gateway.disclosure import outputs as guard
from tests.spec import outputs_asked
from tests.spec.outputs_asked import GUARDS, KEY, families, outcome

title = "Every kind of output has its guard"


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
    monkeypatch.setattr(outputs_asked, "KEY", key)
    assert outcome(kind, lambda f: f) == "refused"
