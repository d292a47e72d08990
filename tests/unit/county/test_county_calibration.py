"""Published figures, issue thresholds and the programme's effect, as the county holds them."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from agencies.county import CountyConfig, Programme, make_county
from agencies.county.calibration import calibrate, issue_thresholds
from agencies.county.districts import extrapolate
from agencies.county.issues import CARRIERS, ISSUES, NEED
from agencies.register import load_register

FIGURES = (
    "three or more children",
    "four or more children",
    "lone parent",
    "no parent working",
    "parents with low attainment",
    "parental substance misuse",
    "an offender",
    "reported a grievance to police",
    "on out-of-work or low-income benefits",
    "known to housing benefits",
    "known to children's centres",
    "known to probation",
    "DWP benefits a year, two districts",
    "health cost a year of families in long-term placement",
    "type: disaffected_young_people",
    "type: disengaged_young_people",
    "type: early_support",
    "type: isolated_specialist",
    "families estimated, complex needs, low",
    "families estimated, complex needs, median",
    "families estimated, complex needs, high",
    "families estimated, at risk, low",
    "families estimated, at risk, median",
    "families estimated, at risk, high",
)


@pytest.fixture(scope="module")
def compared(whole):
    return {line.figure: line for line in calibrate(whole)}


@pytest.mark.parametrize("figure", FIGURES)
def test_a_published_figure_holds_in_truth(compared, figure):
    line = compared[figure]
    assert line.holds, f"published {line.published}, true {line.true}, tolerance {line.tolerance}"


def test_no_published_figure_is_left_out(compared):
    assert set(compared) == set(FIGURES)


@pytest.mark.parametrize(
    "figure",
    [
        "no parent working",
        "parental substance misuse",
        "an offender",
        "reported a grievance to police",
        "on out-of-work or low-income benefits",
        "known to housing benefits",
    ],
)
def test_what_a_dataset_carries_shows_in_the_records(compared, figure):
    assert compared[figure].recorded == pytest.approx(compared[figure].true, abs=0.01)


@pytest.mark.parametrize("figure", ["known to children's centres", "known to probation"])
def test_what_no_dataset_carries_has_no_recorded_figure_and_says_so(compared, figure):
    assert compared[figure].recorded is None
    assert "in the truth only" in compared[figure].note


@pytest.mark.parametrize("seed", [1, 2])
def test_figures_hold_for_a_smaller_county_too(seed):
    county = make_county(CountyConfig(families=900, seed=seed))
    assert [line.figure for line in calibrate(county) if not line.holds] == []


def test_recorded_issues_separate_the_groups_at_the_published_sizes(whole):
    thresholds = {row[0]: row[1:] for row in issue_thresholds(whole).iter_rows()}
    complex_needs = thresholds[5][1]
    at_risk = thresholds[2][0] - thresholds[5][0]
    assert complex_needs == pytest.approx(1000, rel=0.05)
    assert at_risk == pytest.approx(3000, rel=0.10)


def test_records_show_no_issue_that_the_family_does_not_have(whole):
    names = pl.col("issues_recorded").str.split(" ")
    true = whole.families.select("family", names)
    shown = whole.recorded_issues.join(true, on="family")
    assert shown.select(pl.col("issue").is_in(pl.col("issues_recorded"))).to_series().all()
    assert shown.select("family", "issue").n_unique() >= 0.999 * whole.families["issue_count"].sum()


def test_all_25_issues_are_those_of_the_catalogue_and_occur(whole):
    assert set(ISSUES) == set(load_register().issues) == set(whole.recorded_issues["issue"])
    assert len(ISSUES) == 25
    assert set(CARRIERS) == set(ISSUES)


def test_needs_of_early_help_have_a_code(whole):
    codes = load_register().dataset("council", "early_help").columns["need_1"].codes.values()
    assert {issue for issue, table in CARRIERS.items() if NEED in table} <= set(codes)


def test_an_index_by_which_mapped_districts_are_needier_gives_a_lower_estimate():
    estimates = [extrapolate(241, index) for index in ("index_low", "index_median", "index_high")]
    assert estimates == sorted(estimates)
    assert [round(e, -1) for e in estimates] == [750, 1000, 1200]


@pytest.mark.parametrize("effect", [0.65, 1.0])
def test_service_costs_of_accepted_families_fall_by_the_known_factor(effect):
    """A year after the start against the year before, accepted against comparison families, over two seeds."""
    sums = {(arm, after): 0 for arm in ("accepted", "comparison") for after in (False, True)}
    for seed in (1, 2):
        config = CountyConfig(seed=seed, programme=Programme(effect=effect))
        for arm, after, count in _events_around_the_start(make_county(config)).iter_rows():
            sums[arm, after] += count
    ratio = {arm: sums[arm, True] / sums[arm, False] for arm in ("accepted", "comparison")}
    assert ratio["accepted"] / ratio["comparison"] == pytest.approx(effect, rel=0.08)


def _events_around_the_start(county) -> pl.DataFrame:
    """arm, after, number of dated service events (police, health, benefit spells, social care) within a year."""
    dates = {
        "police": "contact_on",
        "health": "arrived_on",
        "dwp": "claim_from",
        "council": "opened_on",
    }
    parts = [
        e.service.select("person", on=dates[e.dataset.agency])
        for e in county.recorded
        if e.dataset.agency in dates and e.dataset.name != "early_help"
    ]
    family = county.people.select("person", "family")
    arms = county.families.select("family", "arm", "programme_start")
    events = pl.concat(parts).join(family, on="person").join(arms, on="family")
    days = (pl.col("on") - pl.col("programme_start")).dt.total_days()
    events = events.with_columns(days=days).filter(pl.col("days").is_between(-365, 364))
    events = events.filter(pl.col("arm").is_in(["accepted", "comparison"]))
    return events.group_by("arm", after=pl.col("days") >= 0).len()


def test_starts_are_staggered_by_quarter(whole):
    starts = whole.families["programme_start"].drop_nulls()
    assert starts.min() >= date(2024, 4, 1)
    assert starts.dt.truncate("1q").n_unique() == whole.config.programme.quarters
