"""Evans-Zayatz-Slanta multipliers: bounds for every family, what is kept, independence of the order of rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.disclosure import (
    Unprotectable,
    draw_multipliers,
    draw_set_keys,
    perturb,
)

KEY = b"a key that is at least 32 bytes ."
AGENCIES = ["health", "housing", "police"]


@st.composite
def family_frames(draw: st.DrawFn) -> pl.DataFrame:
    ids = draw(st.lists(st.integers(0, 2**62), min_size=1, max_size=120, unique=True))
    cells = st.tuples(st.sampled_from(["2-4", "5-9"]), st.sampled_from(["blaby", "melton"]))
    chosen = draw(st.lists(cells, min_size=len(ids), max_size=len(ids)))
    return pl.DataFrame(
        {"family": ids, "issue_band": [c[0] for c in chosen], "district": [c[1] for c in chosen]}
    )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(family_frames())
def test_every_multiplier_is_ten_to_twenty_per_cent_off_and_signs_are_balanced(
    families: pl.DataFrame,
) -> None:
    drawn = draw_multipliers(families, AGENCIES, KEY)
    assert drawn.height == families.height * len(AGENCIES)
    off = (drawn["multiplier"] - 1).abs()
    assert (off >= 0.10).all()
    assert (off <= 0.20).all()
    signs = (pl.col("multiplier") > 1).cast(pl.Int64) * 2 - 1
    balance = (
        drawn.join(families, on="family")
        .group_by("issue_band", "district", "agency")
        .agg(signs.sum().alias("balance"))
    )
    assert (balance["balance"].abs() <= 1).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(family_frames(), st.data())
def test_whatever_of_a_family_is_added_up_is_ten_per_cent_off(
    families: pl.DataFrame, data: st.DataObject
) -> None:
    """Any agencies and any quarters of one family: a sign for each agency would let its total come near the truth."""
    costs = data.draw(st.lists(st.integers(0, 10**7), min_size=12, max_size=12))
    taken = data.draw(st.lists(st.booleans(), min_size=12, max_size=12))
    events = families.select("family").join(
        pl.DataFrame(
            {
                "agency": AGENCIES * 4,
                "quarter": [at // 3 for at in range(12)],
                "cost_pence": costs,
                "taken": taken,
            }
        ),
        how="cross",
    )
    perturbed = perturb(events, draw_multipliers(families, AGENCIES, KEY)).filter("taken")
    sums = perturbed.group_by("family").agg(pl.col("cost_pence", "perturbed_pence").sum())
    off = (sums["perturbed_pence"] - sums["cost_pence"]).abs()
    assert (off >= 0.0999999 * sums["cost_pence"]).all()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(family_frames(), st.integers(0, 2**30), st.data())
def test_what_was_drawn_once_is_kept_whoever_comes_or_goes(
    families: pl.DataFrame, seed: int, data: st.DataObject
) -> None:
    """Families leave, others enter, one agency more has costs, and districts change."""
    families = families.with_columns(size=pl.col("family") % 1000)
    first = draw_multipliers(families, AGENCIES[:2], KEY, size="size")
    stay = data.draw(st.lists(st.booleans(), min_size=families.height, max_size=families.height))
    moved = families.filter(pl.Series(stay)).with_columns(
        pl.col("district").shuffle(seed), pl.col("size").reverse()
    )
    entering = families.with_columns(pl.col("family") + 2**62 + 1)
    later = pl.concat([moved, entering])
    second = draw_multipliers(later, AGENCIES, KEY, size="size", kept=first)
    both = second.join(first, on=["family", "agency"], suffix="_before")
    assert both.height == 2 * moved.height
    assert (both["multiplier"] == both["multiplier_before"]).all()
    of_family = second.group_by("family").agg((pl.col("multiplier") > 1).n_unique())
    assert (of_family["multiplier"] == 1).all()


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"multiplier": [1.12, 0.88]}, "two_signs"),
        ({"multiplier": [1.12, 1.0]}, "out_of_range"),
        ({"multiplier": [1.12, float("nan")]}, "out_of_range"),
        ({"multiplier": [1.12, None]}, "not_unique"),
        ({"agency": ["police", "police"]}, "not_unique"),
        ({"surname": ["a", "b"]}, "columns"),
    ],
)
def test_kept_multipliers_that_nobody_drew_are_refused(wrong: dict, rule: str) -> None:
    sound = {"family": [1, 1], "agency": ["police", "health"], "multiplier": [1.12, 1.13]}
    kept = pl.DataFrame({**sound, **wrong}, strict=False)
    with pytest.raises(Unprotectable) as refused:
        draw_multipliers(families(3), AGENCIES, KEY, kept=kept)
    assert refused.value.rule == rule


@pytest.mark.parametrize("size", [None, float("nan"), float("inf")])
def test_a_family_without_a_size_is_refused(size: float | None) -> None:
    frame = families(3).with_columns(size=pl.Series([1.0, 2.0, size]))
    for asked in ({"size": "size"}, {"parts": ["size"]}):
        with pytest.raises(Unprotectable, match="number"):
            draw_multipliers(frame, AGENCIES, KEY, **asked)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(family_frames(), st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(families: pl.DataFrame, seed: int) -> None:
    shuffled = families.sample(fraction=1.0, shuffle=True, seed=seed)
    order = ["family", "agency"]
    first = draw_multipliers(families, AGENCIES, KEY).sort(order)
    assert draw_multipliers(shuffled, AGENCIES, KEY).sort(order).equals(first)
    sized, again = (f.with_columns(size=pl.col("family") % 7) for f in (families, shuffled))
    first = draw_multipliers(sized, AGENCIES, KEY, size="size", parts=["size"])
    assert draw_multipliers(again, AGENCIES, KEY, size="size", parts=["size"]).equals(first)


def families(count: int = 400) -> pl.DataFrame:
    return pl.DataFrame(
        {"family": range(count), "issue_band": ["5-9"] * count, "district": ["melton"] * count}
    )


def test_sizes_lean_towards_ten_per_cent() -> None:
    """Triangular on 0.10 to 0.20 with its peak at 0.10: mean 0.1333, three quarters below 0.15."""
    off = (draw_multipliers(families(4000), AGENCIES, KEY)["multiplier"] - 1).abs()
    assert off.mean() == pytest.approx(0.1333, abs=0.001)
    assert (off < 0.15).mean() == pytest.approx(0.75, abs=0.02)


def test_another_key_draws_anew() -> None:
    one = draw_multipliers(families(), AGENCIES, KEY)["multiplier"]
    two = draw_multipliers(families(), AGENCIES, KEY[::-1])["multiplier"]
    assert (one == two).sum() == 0


@given(st.integers(-(10**9), 10**9), st.sampled_from([0.8, 0.9, 1.1, 1.1379, 1.2]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_perturbed_cost_is_rounded_away_from_the_truth(pence: int, multiplier: float) -> None:
    events = pl.DataFrame({"family": [1], "agency": ["police"], "cost_pence": [pence]})
    given_ = pl.DataFrame({"family": [1], "agency": ["police"], "multiplier": [multiplier]})
    perturbed = perturb(events, given_)["perturbed_pence"][0]
    assert abs(perturbed - pence) >= 0.0999999 * abs(pence)
    assert 0 <= perturbed * (1 if pence >= 0 else -1) <= 1.2 * abs(pence) + 1


@pytest.mark.parametrize("pence", [None, 0.5, float("nan"), float("inf")])
def test_a_cost_that_is_missing_or_no_whole_number_is_refused(pence: float | None) -> None:
    kind = pl.Int64 if pence is None else pl.Float64
    events = pl.DataFrame(
        {"family": [1], "agency": ["police"], "cost_pence": pl.Series([pence], dtype=kind)}
    )
    with pytest.raises(Unprotectable, match="cost_pence"):
        perturb(events, draw_multipliers(families(), AGENCIES, KEY))


def test_a_family_without_a_multiplier_is_refused() -> None:
    events = pl.DataFrame({"family": [9999], "agency": ["police"], "cost_pence": [5]})
    with pytest.raises(Unprotectable, match="multiplier"):
        perturb(events, draw_multipliers(families(), AGENCIES, KEY))


def test_families_that_stand_twice_or_lack_a_design_column_are_refused() -> None:
    with pytest.raises(Unprotectable, match="once"):
        draw_multipliers(pl.concat([families(), families()]), AGENCIES, KEY)
    with pytest.raises(Unprotectable, match="column"):
        draw_multipliers(families().drop("district"), AGENCIES, KEY)
    with pytest.raises(Unprotectable, match="32 bytes"):
        draw_multipliers(families(), AGENCIES, b"short")


def test_set_keys_are_keyed_and_differ_between_families_and_people() -> None:
    lo, hi = draw_set_keys(range(100), KEY, counted="families")
    other, _ = draw_set_keys(range(100), KEY, counted="people")
    assert len(np.unique(lo)) == 100
    assert not (lo == hi).any()
    assert not (lo == other).any()
