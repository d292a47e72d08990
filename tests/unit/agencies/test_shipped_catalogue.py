"""The shipped catalogue: six agencies, eight datasets, twenty-five issues that all can be found."""

from __future__ import annotations

import pytest

from agencies.register import load_register

REGISTER = load_register()
DATASETS = {
    "police": ["contacts"],
    "council": ["social_care", "early_help"],
    "schools": ["attendance", "exclusions"],
    "housing": ["tenancies"],
    "health": ["ecds"],
    "dwp": ["spells"],
}
DISTRICTS = {
    "blaby",
    "charnwood",
    "harborough",
    "hinckley_bosworth",
    "melton",
    "north_west",
    "oadby_wigston",
}


def _names(dataset):
    return f"{dataset.agency}.{dataset.name}"


def test_the_agencies_and_datasets_are_the_agreed_ones():
    found = {name: list(agency.datasets) for name, agency in REGISTER.agencies.items()}
    assert found == DATASETS


def test_there_are_25_issues_and_each_is_given_by_some_dataset():
    given = {
        issue
        for dataset in REGISTER.datasets
        for rule in dataset.issues
        for issue in (
            [rule.issue] if rule.issue else dataset.columns[rule.issues_in].codes.values()
        )
    }
    assert len(REGISTER.issues) == 25
    assert given == set(REGISTER.issues)


def test_every_unit_cost_is_used_by_its_own_agency():
    used = {(d.agency, rule.activity) for d in REGISTER.datasets for rule in d.events}
    assert used == {(cost.agency, name) for name, cost in REGISTER.unit_costs.items()}


def test_a_cost_without_a_published_source_says_that_it_is_an_illustration():
    for cost in REGISTER.unit_costs.values():
        assert cost.illustrative or cost.source != "Illustration", cost.activity


@pytest.mark.parametrize("dataset", REGISTER.datasets, ids=_names)
def test_a_dataset_names_persons_places_and_days(dataset):
    assert {
        "agency_id",
        "forename",
        "surname",
        "date_of_birth",
        "sex",
        "address",
        "postcode",
    } <= set(dataset.roles)
    assert set(dataset.columns["district"].codes.values()) == DISTRICTS
    assert {"district", "sex", "age_band"} <= set(dataset.attributes)
    assert dataset.events
    assert dataset.issues


def test_agencies_differ_in_headers_codes_and_dates():
    surnames = {d.columns["surname"].header for d in REGISTER.datasets}
    assert len(surnames) == 6
    codes = {d.agency: tuple(d.columns["district"].codes) for d in REGISTER.datasets}
    assert len(set(codes.values())) == 6
    assert len({d.date_format for d in REGISTER.datasets}) >= 5
