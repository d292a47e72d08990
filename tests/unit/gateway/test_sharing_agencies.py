"""The agencies of the question catalogue are those that are declared; no list of them is kept twice."""

from __future__ import annotations

import pytest

from agencies.register import load_register
from gateway.questions import (
    CatalogueFaulty,
    Question,
    QuestionRefused,
    load_catalogue,
    shipped_catalogue,
)

title = "A new agency can be asked about once it is declared and shares"


def test_the_shipped_catalogue_asks_about_the_shipped_agencies():
    assert set(shipped_catalogue().categories("agency", "agency")) == set(load_register().agencies)


def test_other_agencies_take_their_place_and_form_their_own_combinations():
    catalogue = load_catalogue(agencies=("museum", "record_office"))

    assert catalogue.categories("agency", "agency") == ("museum", "record_office")
    combinations = catalogue.categories("known_to", "combination")
    assert combinations == ("museum", "record_office", "museum+record_office")


def test_a_question_about_an_agency_that_does_not_share_is_refused():
    body = {
        "purpose": "sf-evaluation",
        "cohort": "all-families",
        "unit": "family",
        "measures": ["families"],
        "where": {"agency": ["police"]},
    }
    Question.from_mapping(body, shipped_catalogue())
    with pytest.raises(QuestionRefused, match="where.agency"):
        Question.from_mapping(body, load_catalogue(agencies=("museum",)))


def test_a_level_of_unknown_names_is_a_fault_of_the_catalogue():
    with pytest.raises(CatalogueFaulty):
        load_catalogue(catalogue="dimensions: {agency: {levels: {agency: {categories_of: towns}}}}")
