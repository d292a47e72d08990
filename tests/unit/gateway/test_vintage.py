"""Freezing linked facts into the four tables that questions are asked of."""

from datetime import date

import polars as pl
import pytest

from gateway.pipeline.vintage import COLUMNS, Facts, VintageKeys, costs_by_year, freeze

NOISE = b"n" * 32
MARCH, APRIL = date(2024, 3, 1), date(2024, 4, 1)
WHO = {"person": ["ann", "bob", "cat"], "family": ["oak", "oak", "elm"]}


def facts(agency: str, *, events=(), issues=(), attributes=(), known=("ann", "bob", "cat")):
    """One submission: `known` people, and rows (person, ...) of each kind of fact."""
    who = pl.DataFrame(WHO)

    def frame(rows, columns):
        given = pl.DataFrame(rows, schema={"person": pl.String, **columns}, orient="row")
        return given.join(who, on="person")

    return Facts(
        agency,
        "extract",
        known=frame([(each,) for each in known], {}),
        events=frame(events, {"event": pl.String, "on": pl.Date, "cost_pence": pl.Int64}),
        issues=frame(issues, {"issue": pl.String, "on": pl.Date}),
        attributes=frame(attributes, {"on": pl.Date, "attribute": pl.String, "value": pl.String}),
    )


@pytest.fixture
def said() -> list[Facts]:
    return [
        facts(
            "police",
            known=("ann",),
            events=[("ann", "contact", MARCH, 10_000)],
            issues=[("ann", "crime_victim", MARCH), ("ann", "crime_victim", APRIL)],
            attributes=[("ann", MARCH, "district", "blaby"), ("ann", MARCH, "age_band", "25-64")],
        ),
        facts(
            "schools",
            known=("bob", "cat"),
            events=[("bob", "term", APRIL, 20_000), ("cat", "term", APRIL, 30_000)],
            issues=[("bob", "low_education", APRIL)],
            attributes=[
                ("bob", APRIL, "district", "melton"),
                ("bob", APRIL, "age_band", "5-10"),
                ("cat", APRIL, "age_band", "11-15"),
            ],
        ),
    ]


def frozen(said: list[Facts], order: bytes = b"a" * 32) -> dict[str, pl.DataFrame]:
    return dict(freeze(said, VintageKeys(order=order, noise=NOISE)).tables)


def the_family(tables: dict[str, pl.DataFrame], people: int) -> dict:
    return tables["families"].filter(people=people).row(0, named=True)


def test_every_table_has_its_columns_and_no_id_of_the_run(said):
    tables = frozen(said)
    assert {name: tuple(frame.columns) for name, frame in tables.items()} == COLUMNS
    for frame in tables.values():
        assert frame["family"].dtype == pl.Int64


def test_a_family_is_summed_up_from_all_agencies(said):
    oak = the_family(frozen(said), people=2)
    assert oak["known_to"] == "police+schools"
    assert oak["agency_count"] == 2
    assert oak["issue_count"] == 2
    assert oak["children"] == 1


def test_the_latest_district_counts_and_none_is_said_to_be_unknown(said):
    tables = frozen(said)
    assert the_family(tables, people=2)["district"] == "melton"
    assert the_family(tables, people=1)["district"] == "unknown"


def test_a_person_is_known_to_the_agencies_that_sent_them(said):
    people = frozen(said)["people"]
    assert sorted(people["known_to"]) == ["police", "schools", "schools"]


def test_two_vintages_draw_the_same_noise_for_a_family_under_other_numbers(said):
    one, two = frozen(said, b"a" * 32), frozen(said, b"b" * 32)
    by_cost = [each["events"].sort("cost_pence")["perturbed_pence"] for each in (one, two)]
    assert by_cost[0].equals(by_cost[1])
    assert set(one["families"]["key_lo"]) == set(two["families"]["key_lo"])


def test_the_numbers_of_a_vintage_are_in_an_order_that_only_its_key_knows(said):
    keys = (bytes([n]) * 32 for n in range(16))
    first = {frozen(said, key)["families"].sort("people")["family"][0] for key in keys}
    assert first == {0, 1}


def test_no_cost_leaves_as_it_was(said):
    events = frozen(said)["events"]
    off = (events["perturbed_pence"] - events["cost_pence"]).abs() / events["cost_pence"]
    assert off.min() >= 0.1
    assert off.max() <= 0.2001


def test_quarters_are_numbered_as_the_evaluation_reads_them(said):
    quarter = dict(frozen(said)["events"].select("on", "quarter").iter_rows())
    assert quarter == {MARCH: 4 * 2024, APRIL: 4 * 2024 + 1}


def test_a_year_goes_from_april_to_march() -> None:
    days = [date(2024, 3, 31), date(2024, 4, 1), date(2025, 3, 31), date(2025, 4, 1)]
    events = pl.DataFrame({"family": ["oak"] * 4, "on": days, "cost_pence": [1, 10, 100, 1000]})
    assert costs_by_year(events).drop("family").row(0) == (1, 110, 1000)


def test_nothing_that_costs_is_no_year() -> None:
    events = pl.DataFrame(
        schema={"family": pl.String, "on": pl.Date, "cost_pence": pl.Int64},
    )
    assert costs_by_year(events).columns == ["family"]
