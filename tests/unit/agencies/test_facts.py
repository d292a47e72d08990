"""Events, costs, issues and attributes from records, by the declaration."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from agencies.facts import ATTRIBUTES, EVENTS, ISSUES, derive_facts
from agencies.intake import take_in
from agencies.register import load_register

CLINIC = Path(__file__).parents[2] / "spec" / "intake" / "clinic"
REGISTER = load_register(CLINIC)
VISITS = REGISTER.dataset("clinic", "visits")


def facts(*rows: dict[str, str], dataset=VISITS, as_of=date(2024, 12, 31)):
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.header for column in dataset.columns.values()])
    writer.writeheader()
    base = {"Ref": "a", "Seen": "01/01/2024"} if dataset is VISITS else {}
    writer.writerows(base | row for row in rows)
    intake = take_in(text.getvalue().encode(), "x", dataset, today=date(2026, 1, 31))
    assert intake.report.findings == ()
    return derive_facts(intake.records, dataset, REGISTER.unit_costs, as_of=as_of)


def event(found, name):
    return found.events.filter(pl.col("event") == name).row(0, named=True)


@pytest.mark.parametrize(
    ("cells", "quantity", "pence"),
    [
        ({}, 1.0, 1050),
        ({"Days": "3"}, 3.0, 3150),
        ({"Days": "0"}, 0.0, 0),
        ({"Fee": "99.99"}, 1.0, 9999),
        ({"Days": "3", "Fee": "0"}, 3.0, 0),
    ],
)
def test_an_actual_cost_beats_unit_cost_times_quantity(cells, quantity, pence):
    found = event(facts(cells), "visit")
    assert (found["quantity"], found["cost_pence"]) == (quantity, pence)


@pytest.mark.parametrize(
    ("left", "weeks", "pence"),
    [
        ("15/01/2024", 2.0, 14_000),
        ("04/01/2024", 3 / 7, 3_000),
        ("01/01/2024", 0.0, 0),
        ("", 365 / 7, 365_000),  # open: up to the given day, 31 December 2024
    ],
)
def test_a_spell_costs_by_its_length(left, weeks, pence):
    found = event(facts({"Urgent": "Y", "Left": left}), "stay")
    assert found["quantity"] == pytest.approx(weeks)
    assert found["cost_pence"] == pence
    assert found["until"] == (None if left == "" else date(2024, 1, int(left[:2])))


def test_an_open_spell_is_counted_up_to_the_latest_day_of_the_extract():
    rows = {"Urgent": "Y"}, {"Ref": "b", "Seen": "29/01/2024"}
    assert event(facts(*rows, as_of=None), "stay")["quantity"] == 4.0


def test_an_event_happens_only_under_its_condition():
    assert facts({}).events["event"].to_list() == ["visit"]
    assert facts({"Urgent": "N"}).events["event"].to_list() == ["visit"]
    assert facts({"Urgent": "Y"}).events["event"].to_list() == ["stay", "visit"]


@pytest.mark.parametrize(
    ("cells", "issues"),
    [
        ({}, []),
        ({"Reason": "C"}, ["mental_health"]),
        ({"Reason": "A"}, []),
        ({"Reason": "A", "Days": "2"}, []),
        ({"Reason": "A", "Days": "3"}, ["physical_health"]),
        ({"Days": "3"}, []),
        ({"Fee": "12.49"}, []),
        ({"Fee": "12.50"}, ["poverty_debt"]),
    ],
)
def test_an_issue_needs_all_its_conditions(cells, issues):
    found = facts(cells).issues
    assert found["issue"].to_list() == issues
    assert set(found["on"]) <= {date(2024, 1, 1)}


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("01/01/2024", "0-4"),
        ("02/01/2019", "0-4"),
        ("01/01/2019", "5-10"),
        ("01/01/2013", "11-15"),
        ("01/01/2008", "16-17"),
        ("01/01/2006", "18-24"),
        ("02/01/1959", "25-64"),
        ("01/01/1959", "65+"),
        ("29/02/1920", "65+"),
    ],
)
def test_the_age_band_is_that_of_the_day_of_the_record(born, band):
    found = facts({"Born": born}).attributes
    assert found.rows() == [(1, date(2024, 1, 1), "age_band", band)]


def test_an_unknown_attribute_is_no_attribute():
    found = facts({"Sex": "Unknown"}, {"Ref": "b", "Sex": "F"}).attributes
    assert found.rows() == [(2, date(2024, 1, 1), "sex", "F")]


def test_facts_hold_no_identifier_and_have_their_schemas():
    found = facts({"Given": "Ann", "Family": "Lee", "Born": "01/02/1990", "Sex": "F"})
    assert found.events.schema == EVENTS
    assert found.issues.schema == ISSUES
    assert found.attributes.schema == ATTRIBUTES
    cells = {str(cell) for frame in vars(found).values() for row in frame.rows() for cell in row}
    assert not cells & {"Ann", "Lee", "a", "1990-02-01"}


def test_needs_programme_and_benefit_become_facts():
    early_help = REGISTER.dataset("council", "early_help")
    person = {"Case Number": "c1", "First Name": "Ann", "Family Name": "Lee"}
    needs = {"Need 1": "110", "Need 2": "206", "Need 3": "110", "No Adult Working": "Yes"}
    stage = {
        "Referral Date": "03-Feb-2024",
        "Programme Start": "04-Mar-2024",
        "Programme Status": "Accepted",
    }
    found = facts(person | needs | stage, dataset=early_help)
    assert found.issues["issue"].to_list() == [
        "domestic_violence",
        "low_self_esteem",
        "no_adult_in_work",
    ]
    assert found.events["event"].to_list() == ["early_help_referral", "early_help_support"]
    attributes = dict(found.attributes.select("attribute", "value").rows())
    assert attributes == {"programme_arm": "accepted", "programme_start": "2024-03-04"}


def test_absence_counts_by_its_share_of_the_term():
    attendance = REGISTER.dataset("schools", "attendance")
    pupil = {"pupilId": "p", "legalForename": "A", "legalSurname": "B", "dateOfBirth": "2010-01-01"}
    term = {"termStart": "2024-01-08", "sessionsPossible": "120"}
    for missed, issues in (("11", []), ("12", ["low_education"])):
        found = facts(pupil | term | {"sessionsMissed": missed}, dataset=attendance)
        assert found.issues["issue"].to_list() == issues


@pytest.mark.parametrize("dataset", REGISTER.datasets, ids=lambda d: f"{d.agency}.{d.name}")
def test_no_records_give_no_facts(dataset):
    header = ",".join(column.header for column in dataset.columns.values())
    bad_row = "\n" + "!" + "," * (len(dataset.columns) - 1)
    intake = take_in((header + bad_row).encode(), "x", dataset)
    assert intake.report.rows_accepted == 0
    found = derive_facts(intake.records, dataset, REGISTER.unit_costs)
    assert (found.events.schema, found.issues.schema) == (EVENTS, ISSUES)
    assert found.events.is_empty()
    assert found.issues.is_empty()
    assert found.attributes.is_empty()
