"""The band of a figure's expected error: right for the errors that are made, and blind to who pays how much."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from gateway.disclosure import Dimension, ProtectedTable, Rules, protect_table, tabulate
from gateway.disclosure.ezs import draw_multipliers, perturb
from gateway.disclosure.quality import QUALITIES, count_error, multiplier_error, quality_of

KEY = b"a key that is at least 32 bytes ."
PLACES = ("a", "b", "c", "d")


def released(
    sizes: tuple[int, ...], pence: int | list[int] = 250_000, *measures: str, key: bytes = KEY
) -> ProtectedTable:
    """A table by place, so many families in each, each with one cost."""
    places = [place for place, size in zip(PLACES, sizes, strict=False) for _ in range(size)]
    frame = pl.DataFrame(
        {"place": places, "family": range(len(places)), "cost_pence": pence}, strict=False
    )
    axis = Dimension("place", "place", PLACES[: len(sizes)])
    asked = measures or ("families", "cost", "cost_per_family")
    return protect_table(tabulate(frame, [axis], asked, key=key), Rules(), key)  # type: ignore[arg-type]


def qualities(table: ProtectedTable, measure: str) -> list[str | None]:
    return [cell.quality for cell in table.cells if cell.measure == measure]


@pytest.mark.parametrize(
    ("error", "band"),
    [(0.0, "high"), (0.0199, "high"), (0.02, "medium"), (0.0499, "medium"), (0.05, "low")]
    + [(float("inf"), "low"), (float("nan"), "low")],
)
def test_the_bands_are_those_of_the_census_bureau(error: float, band: str) -> None:
    assert quality_of(error) == band


def test_a_count_errs_as_the_noise_and_the_rounding_say() -> None:
    rules, rng = Rules(noise_sd=3.0), np.random.default_rng(1)
    truth = rng.integers(100, 1000, 200_000)
    noisy = truth + rng.normal(0, rules.noise_sd, truth.size).clip(-5, 5)
    seen = np.floor(noisy / rules.rounding + 0.5) * rules.rounding - truth
    assert count_error(rules) == pytest.approx(np.sqrt((seen**2).mean()), rel=0.01)


def test_a_multiplier_errs_as_the_drawn_ones_do() -> None:
    families = pl.DataFrame({"family": range(4000), "issue_band": 1, "district": "x"})
    drawn = draw_multipliers(families, ["police"], KEY)["multiplier"].to_numpy()
    assert multiplier_error() == pytest.approx(np.sqrt(((drawn - 1) ** 2).mean()), rel=0.01)


def test_few_families_give_a_rough_figure_and_many_a_good_one() -> None:
    table = released((10, 70, 500))
    expected = ["low", "medium", "high"]
    assert qualities(table, "families") == expected
    assert qualities(table, "cost") == expected


def test_a_quotient_errs_at_least_as_much_as_each_of_its_parts() -> None:
    table, order = released((10, 60, 130, 500)), ["high", "medium", "low"]
    ranks = [
        [order.index(str(band)) for band in qualities(table, name)]
        for name in ("cost", "families", "cost_per_family")
    ]
    assert all(each >= max(cost, count) for cost, count, each in zip(*ranks, strict=True))


def test_a_withheld_figure_has_no_quality_and_a_low_one_is_rough() -> None:
    table = released((3, 4, 400, 30), 50, "cost")
    assert all((cell.quality is None) == cell.is_withheld for cell in table.cells)
    assert {cell.quality for cell in table.cells if cell.mark == "[low]"} == {"low"}


def test_the_band_of_a_count_follows_from_the_released_figure_and_the_rules_alone() -> None:
    for size in (10, 40, 55, 90, 160, 300):
        for cell in released((size,), 100, "families").cells:
            assert cell.value is not None
            assert cell.quality == quality_of(count_error(Rules()) / cell.value)


def test_one_family_that_pays_half_changes_no_band() -> None:
    """A band worked out from the true contributions would tell of the largest."""
    even = released((60, 60), 2_000_000, "cost")
    spread = [2_000_000 * 60 - 59 * 1_000_000] + [1_000_000] * 59 + [2_000_000] * 60
    assert even.cells[0].value == released((60, 60), spread, "cost").cells[0].value
    assert qualities(even, "cost") == qualities(released((60, 60), spread, "cost"), "cost")


def test_one_family_more_or_less_is_not_seen_in_the_band_of_a_cost() -> None:
    """Where the band of n and n + 1 families differs, chance decides it, not the one family."""
    at_the_edge = [
        [qualities(released((size,), 250_000, "cost", key=bytes([i]) * 32), "cost")[0]
         for i in range(60)]
        for size in (24, 25)
    ]  # fmt: skip
    shares = [sum(band == "medium" for band in bands) / len(bands) for bands in at_the_edge]
    assert all(0.15 < share < 0.85 for share in shares), shares


def test_asking_again_or_for_more_measures_gives_the_same_band() -> None:
    alone = qualities(released((12, 30, 160), 250_000, "cost"), "cost")
    together = qualities(released((12, 30, 160)), "cost")
    assert alone == together == qualities(released((12, 30, 160), 250_000, "cost"), "cost")


def test_the_bands_hold_for_costs_that_differ_as_assumed() -> None:
    """Of cells of a band, the errors made are of the band's size (balanced signs only make them smaller)."""
    rng, rules = np.random.default_rng(3), Rules()
    errors: dict[str, list[float]] = {band: [] for band in QUALITIES}
    for size in (15, 60, 400) * 12:
        key = rng.bytes(32)
        families = pl.DataFrame({"family": range(size), "issue_band": 0, "district": "x"})
        costs = (rng.lognormal(13, np.sqrt(np.log(1 + 1.5**2)), size) + 1).astype(np.int64)
        events = families.select("family").with_columns(
            pl.lit("police").alias("agency"), pl.Series("cost_pence", costs)
        )
        drawn = draw_multipliers(families, ["police"], key)
        frame = perturb(events, drawn).select(
            "family", pl.lit("a").alias("place"), cost_pence="perturbed_pence"
        )
        exact = tabulate(frame, [Dimension("place", "place", ("a",))], ("cost",), key=key)
        (cell,) = protect_table(exact, rules, key).cells
        if cell.value is None or cell.quality is None:
            continue  # One family has most of it.
        errors[cell.quality].append(cell.value / (costs.sum() / 100) - 1)
    root = {band: float(np.sqrt(np.mean(np.square(seen)))) for band, seen in errors.items()}
    assert root["high"] < 0.02
    assert root["medium"] < 0.05
    assert root["high"] < root["medium"] < root["low"] < 0.15
