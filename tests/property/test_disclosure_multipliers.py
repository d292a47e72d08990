"""Evans-Zayatz-Slanta multipliers: bounds for every family, balance of signs, independence of the order of rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.disclosure import Unprotectable, draw_multipliers, draw_set_keys, perturb

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


@settings(max_examples=20, deadline=None, derandomize=True)
@given(family_frames(), st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(families: pl.DataFrame, seed: int) -> None:
    shuffled = families.sample(fraction=1.0, shuffle=True, seed=seed)
    order = ["family", "agency"]
    first = draw_multipliers(families, AGENCIES, KEY).sort(order)
    assert draw_multipliers(shuffled, AGENCIES, KEY).sort(order).equals(first)


def families(count: int = 400) -> pl.DataFrame:
    return pl.DataFrame(
        {"family": range(count), "issue_band": ["5-9"] * count, "district": ["melton"] * count}
    )


def test_sizes_lean_towards_ten_per_cent() -> None:
    """Triangular on 0.10 to 0.20 with its peak at 0.10: mean 0.1333, three quarters below 0.15."""
    off = (draw_multipliers(families(4000), AGENCIES, KEY)["multiplier"] - 1).abs()
    assert off.mean() == pytest.approx(0.1333, abs=0.001)
    assert (off < 0.15).mean() == pytest.approx(0.75, abs=0.02)


def test_an_odd_cell_has_no_favoured_sign() -> None:
    """With one family in each design cell the sign is a keyed coin."""
    alone = families(2000).with_columns(issue_band=pl.col("family").cast(pl.String))
    up = (draw_multipliers(alone, ["police"], KEY)["multiplier"] > 1).mean()
    assert up == pytest.approx(0.5, abs=0.05)


def test_another_key_draws_anew() -> None:
    one = draw_multipliers(families(), AGENCIES, KEY)["multiplier"]
    two = draw_multipliers(families(), AGENCIES, KEY[::-1])["multiplier"]
    assert (one == two).sum() == 0


@given(st.integers(0, 10**9), st.sampled_from([0.8, 0.9, 1.1, 1.1379, 1.2]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_perturbed_cost_is_rounded_away_from_the_truth(pence: int, multiplier: float) -> None:
    events = pl.DataFrame({"family": [1], "agency": ["police"], "cost_pence": [pence]})
    given_ = pl.DataFrame({"family": [1], "agency": ["police"], "multiplier": [multiplier]})
    perturbed = perturb(events, given_)["perturbed_pence"][0]
    assert abs(perturbed - pence) >= 0.0999999 * pence
    assert 0 <= perturbed <= 1.2 * pence + 1


@pytest.mark.parametrize("pence", [-1, None])
def test_a_negative_or_missing_cost_is_refused(pence: int | None) -> None:
    events = pl.DataFrame(
        {"family": [1], "agency": ["police"], "cost_pence": pl.Series([pence], dtype=pl.Int64)}
    )
    with pytest.raises(Unprotectable):
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
