"""Regression: influence is exact, the noise is small and the same each time, and one family's dummy scores nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from gateway.disclosure import Dimension, Rules, Unprotectable
from gateway.disclosure.outputs import Design, Guarded, difference_in_differences, regress
from gateway.disclosure.outputs.contributions import read
from gateway.disclosure.outputs.design import model_matrix
from gateway.disclosure.outputs.influence import has_full_rank, influence

KEY = b"a key that is at least 32 bytes ."
ARM = Dimension("arm", "arm", ("comparison", "accepted"))
PERIOD = Dimension("period", "period", ("before", "after"))
DISTRICT = Dimension("district", "district", ("north", "south", "west"))
EFFECT = difference_in_differences("effect@1", "pence", ARM, PERIOD, DISTRICT, numbers=("issues",))
FOUND = "arm=accepted:period=after"


def panel(many: int = 300, seed: int = 1) -> pl.DataFrame:
    """Families before and after; support halves what the accepted cost."""
    rng = np.random.default_rng(seed)
    district, arm = rng.integers(0, 3, many), rng.integers(0, 2, many)
    issues, cost = rng.integers(1, 9, many), rng.lognormal(12, 0.7, many)
    rows = [
        (
            i,
            ARM.categories[arm[i]],
            period,
            DISTRICT.categories[district[i]],
            int(issues[i]),
            int(cost[i] * rng.lognormal(0, 0.2) * (0.5 if arm[i] and period == "after" else 1.0)),
        )
        for i in range(many)
        for period in PERIOD.categories
    ]
    names = ["family", "arm", "period", "district", "issues", "pence"]
    return pl.DataFrame(rows, schema=names, orient="row")


def fit(frame: pl.DataFrame, design: Design = EFFECT, key: bytes = KEY) -> Guarded:
    return regress(frame, design.name, {design.name: design}, Rules(), key)


def value(released: Guarded, term: str, measure: str = "coefficient") -> float | None:
    (cell,) = [c for c in released.cells if c.keys["term"] == term and c.measure == measure]
    return cell.value


def arrays(frame: pl.DataFrame, design: Design = EFFECT):  # type: ignore[no-untyped-def]
    rows = read(frame, "family")
    return model_matrix(design, rows).values, rows.pence("pence") / 100, rows


def test_influence_is_what_leaving_the_family_out_does() -> None:
    frame = panel(60)
    x, y, rows = arrays(frame)
    effect = influence(x, y, rows.family, rows.families)
    whole = sm.OLS(y, x).fit().params
    for family in (0, 7, 59):
        kept = rows.family != family
        moved = whole - sm.OLS(y[kept], x[kept]).fit().params
        assert effect.dfbeta[family] == pytest.approx(moved, rel=1e-6, abs=1e-6)


def test_leverage_is_one_for_a_family_with_a_column_of_its_own_and_small_otherwise() -> None:
    frame = panel().with_columns(alone=(pl.col("family") == 5).cast(pl.Int64))
    ordinary, y, rows = arrays(frame)
    of_dummy, _, _ = arrays(frame, Design("d@1", "pence", (ARM,), ("alone",)))
    assert influence(ordinary, y, rows.family, rows.families).leverage.max() < 0.1
    assert influence(of_dummy, y, rows.family, rows.families).leverage[5] == pytest.approx(1.0)


def test_leverage_of_a_group_of_ten_is_a_tenth_however_many_rows_each_has() -> None:
    few = Dimension("few", "few", ("no", "yes"))
    frame = panel().with_columns(
        few=pl.when(pl.col("family") < 10).then(pl.lit("yes")).otherwise(pl.lit("no"))
    )
    x, y, rows = arrays(frame, Design("d@1", "pence", (few,), ("issues",)))
    leverage = influence(x, y, rows.family, rows.families).leverage
    assert leverage[:10].min() >= 0.1
    assert leverage[10:].max() < 0.1


def test_the_dummy_of_one_family_scores_nothing() -> None:
    """For each family a design with its dummy (a factor, a number, a small group): the attacker gets no figure at all.

    Without the guard the coefficient and the reference group give its mean cost exactly (Bleninger et al. 2011).
    """
    frame = panel(80)
    got = 0
    for family in range(80):
        alone = frame.with_columns(
            alone=(pl.col("family") == family).cast(pl.Int64),
            group=pl.when(pl.col("family") == family).then(pl.lit("yes")).otherwise(pl.lit("no")),
        )
        x, y, rows = arrays(alone, Design("n@1", "pence", (ARM,), ("alone",)))
        own = rows.family == family
        fitted = sm.OLS(y, x).fit().fittedvalues
        assert fitted[own].mean() == pytest.approx(y[own].mean())
        group = Dimension("group", "group", ("no", "yes"))
        for design in (
            Design("n@1", "pence", (ARM,), ("alone", "issues")),
            Design("f@1", "pence", (ARM, group), ("issues",)),
        ):
            got += sum(not c.is_withheld for c in fit(alone, design).cells)
    assert got == 0


def test_a_number_that_hides_a_dummy_is_withheld() -> None:
    """A large figure for one family among small ones, for two, and for nine."""
    rng = np.random.default_rng(3)
    for many in (1, 2, 9):
        frame = panel().with_columns(
            odd=pl.when(pl.col("family") < many).then(1000.0).otherwise(pl.lit(rng.random()))
            + pl.col("family") % 7
        )
        released = fit(frame, Design("odd@1", "pence", (ARM,), ("odd",)))
        assert all(c.is_withheld for c in released.cells)


def test_a_repeat_and_another_order_give_the_same_answer_and_another_key_another() -> None:
    frame = panel()
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=4)
    assert fit(frame).to_json() == fit(shuffled).to_json()
    assert fit(frame).to_json() != fit(frame, key=KEY[::-1]).to_json()
    renamed = Design("effect@2", "pence", EFFECT.factors, EFFECT.numbers, EFFECT.interactions)
    assert value(fit(frame), FOUND) is not None
    assert fit(frame).cells != fit(frame, renamed).cells


def test_the_noise_is_a_fifth_of_the_largest_influence_and_small_beside_the_error() -> None:
    """Over fifty cohorts: as large as it should be, and 0.05 to 0.2 standard errors, so nobody misses the effect for it."""
    off, size, errors = [], [], []
    for seed in range(50):
        frame = panel(seed=seed)
        x, y, rows = arrays(frame)
        effect = influence(x, y, rows.family, rows.families)
        plain = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": rows.family})
        place = 5
        released = value(fit(frame), FOUND)
        assert released is not None
        off.append(released - plain.params[place])
        size.append(0.2 * np.abs(effect.dfbeta[:, place]).max())
        errors.append(plain.bse[place])
    ratio = np.sqrt(np.mean((np.array(off) / np.array(size)) ** 2))
    assert 0.7 <= ratio <= 1.4
    assert 0.02 <= np.median(np.array(size) / np.array(errors)) <= 0.2


def test_the_effect_is_found_and_no_figure_is_finer_than_its_error() -> None:
    released = fit(panel())
    found, error = value(released, FOUND), value(released, FOUND, "standard_error")
    assert found is not None
    assert error is not None
    assert found < -3 * error
    for cell in released.cells:
        assert cell.value == 0 or float(f"{cell.value:.3g}") == cell.value
    assert released.about["families"] % 5 == 0  # type: ignore[operator]
    assert released.about["r_squared"] == round(float(released.about["r_squared"]), 2)  # type: ignore[arg-type]


def test_leaving_a_family_out_moves_a_figure_by_no_more_than_its_standard_error() -> None:
    """What is left to the ledger: the rerun on a cohort that differs by one family is refused there, not here."""
    frame = panel()
    error = value(fit(frame), FOUND, "standard_error")
    before = value(fit(frame), FOUND)
    assert error is not None
    assert before is not None
    for family in range(0, 300, 30):
        after = value(fit(frame.filter(pl.col("family") != family)), FOUND)
        assert after is not None
        assert abs(after - before) <= error


def test_a_level_without_ten_families_and_a_constant_outcome_in_a_level_are_withheld() -> None:
    frame = panel()
    few = frame.filter((pl.col("district") != "west") | (pl.col("family") < 20))
    nothing = frame.with_columns(
        pence=pl.when(pl.col("district") == "west").then(0).otherwise(pl.col("pence"))
    )
    for each in (few, nothing):
        assert all(c.is_withheld for c in fit(each).cells)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"factors": (), "numbers": ()}, "columns"),
        ({"numbers": ("pence",)}, "columns"),
        ({"numbers": ("arm",)}, "columns"),
        ({"factors": (Dimension("arm", "arm", ("accepted",)),)}, "categories"),
        ({"interactions": (("arm", "district"),)}, "interactions"),
        ({"interactions": (("arm", "arm"),)}, "interactions"),
        ({"unit": "euro"}, "interactions"),
    ],
)
def test_a_faulty_design_is_refused(fields: dict, rule: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(Unprotectable) as refused:
        Design(
            **{
                "name": "d@1",
                "outcome": "pence",
                "factors": (ARM,),
                "numbers": ("issues",),
                **fields,
            }
        )
    assert refused.value.rule == rule


def test_a_saturated_design_is_a_table() -> None:
    design = difference_in_differences("d@1", "pence", ARM, PERIOD)
    assert design.is_saturated
    assert not EFFECT.is_saturated
    with pytest.raises(Unprotectable, match="table of means"):
        fit(panel(), design)


def test_rank_is_seen_whatever_the_size_of_the_columns() -> None:
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(50), rng.random(50) * 1e9, rng.random(50) * 1e-6])
    assert has_full_rank(x)
    assert not has_full_rank(np.column_stack([x, x[:, 1] + x[:, 2]]))
    assert not has_full_rank(np.column_stack([x, np.zeros(50)]))
