"""The family rule household-and-kin@1, one sentence of it at a time."""

from datetime import date

import polars as pl
import pytest

from linkage import FamilyRule
from linkage.errors import SettingsInvalid
from linkage.families import group_families
from linkage.tokens import LinkageKey, tokenise

KEY = LinkageKey(b"\x05" * 32)
HERE, THERE = "12 High Street", "40 Mill Lane"
ROLES = ("surname", "address", "postcode", "uprn", "agency_id", "guardian_id", "partner_id")


def families(*sightings, rule=None):
    """Each sighting: a person, a day (year-month), and identifiers by role."""
    rows = [
        {"row": at, "seen_on": date.fromisoformat(f"{month}-15"), **dict.fromkeys(ROLES), **given}
        for at, (_, month, given) in enumerate(sightings)
    ]
    schema = {"row": pl.UInt32, "seen_on": pl.Date, **dict.fromkeys(ROLES, pl.String)}
    tokens = tokenise(pl.DataFrame(rows, schema=schema), KEY, namespace="housing")
    tokens = tokens.with_columns(record=pl.col("row").cast(pl.String))
    names = sorted({person for person, _, _ in sightings})
    persons = tokens.select("record").with_columns(
        cluster=pl.Series([names.index(p) for p, _, _ in sightings], dtype=pl.UInt32)
    )
    found = group_families(tokens, persons, rule or FamilyRule())
    assert sorted(found["cluster"].to_list()) == list(range(len(names)))
    grouped = found.group_by("family").agg("cluster")["cluster"].to_list()
    return sorted("".join(sorted(names[c] for c in members)) for members in grouped)


def at(address, postcode="LE13 0AB", **more):
    return {"address": address, "postcode": postcode, **more}


def test_persons_at_one_address_at_one_time_are_a_family():
    assert families(("a", "2024-05", at(HERE)), ("b", "2024-05", at("12 High St, Melton"))) == [
        "ab"
    ]


def test_one_uprn_is_one_place_however_the_address_is_written():
    assert families(
        ("a", "2024-05", {"uprn": "10001"}), ("b", "2024-05", at("The Gables", uprn="0010001"))
    ) == ["ab"]


def test_a_record_with_uprn_and_address_joins_those_that_have_only_one_of_them():
    assert families(
        ("a", "2024-05", {"uprn": "10001"}),
        ("b", "2024-05", at(HERE)),
        ("c", "2024-05", at(HERE, uprn="10001")),
    ) == ["abc"]


def test_a_street_one_edit_apart_inside_a_postcode_is_one_place():
    assert families(("a", "2024-05", at("12 Hihg Street")), ("b", "2024-05", at(HERE))) == ["ab"]


@pytest.mark.parametrize("other", ["14 High Street", "Flat 1, 12 High Street", "12 Church Lane"])
def test_another_number_flat_or_street_is_another_place(other):
    assert families(("a", "2024-05", at(HERE)), ("b", "2024-05", at(other))) == ["a", "b"]


def test_the_same_street_and_number_in_another_postcode_is_another_place():
    there = at(HERE, postcode="CV9 2ZZ")
    assert families(("a", "2024-05", at(HERE)), ("b", "2024-05", there)) == ["a", "b"]


def test_postcode_and_surname_alone_are_no_family():
    named = {"postcode": "LE13 0AB", "surname": "Quux"}
    assert families(("a", "2024-05", named), ("b", "2024-05", named)) == ["a", "b"]


def test_stays_a_few_months_apart_are_together_and_years_apart_are_not():
    assert families(("a", "2024-01", at(HERE)), ("b", "2024-04", at(HERE))) == ["ab"]
    assert families(("a", "2022-01", at(HERE)), ("b", "2024-04", at(HERE))) == ["a", "b"]


def test_a_shared_surname_supports_stays_further_apart():
    early, late = at(HERE, surname="Quux"), at(HERE, surname="Quuxx")
    assert families(("a", "2022-06", early), ("b", "2024-04", late)) == ["ab"]
    assert families(("a", "2018-06", early), ("b", "2024-04", late)) == ["a", "b"]


def test_a_surname_does_not_join_those_who_moved_in_after_others_moved_out():
    early, late = at(HERE, surname="Smith"), at(HERE, surname="Smith")
    assert families(
        ("a", "2022-06", early), ("a", "2022-09", at(THERE, "CV9 2ZZ")), ("b", "2024-04", late)
    ) == ["a", "b"]


def test_the_next_occupants_are_not_family_though_an_agency_still_writes_the_old_address():
    assert families(
        ("a", "2023-01", at(HERE)),
        ("a", "2023-06", at(THERE, "CV9 2ZZ")),
        ("b", "2024-01", at(HERE)),
        ("a", "2024-03", at(HERE)),
    ) == ["a", "b"]


def test_a_family_that_moved_stays_whole_when_one_member_is_known_at_one_home_only():
    assert families(
        ("a", "2023-01", at(HERE)),
        ("b", "2023-02", at(HERE)),
        ("b", "2024-01", at(THERE, "CV9 2ZZ")),
        ("c", "2024-02", at(THERE, "CV9 2ZZ")),
    ) == ["abc"]


def test_more_persons_than_a_household_holds_are_no_family():
    crowd = [(chr(97 + n), "2024-05", at(HERE)) for n in range(5)]
    assert families(*crowd, rule=FamilyRule(largest_household=5)) == ["abcde"]
    assert families(*crowd, rule=FamilyRule(largest_household=4)) == list("abcde")


def test_declared_kin_are_a_family_wherever_they_live():
    assert families(
        ("a", "2024-05", at(HERE, agency_id="H1")),
        ("b", "2024-05", at(THERE, agency_id="H2", guardian_id="H-1")),
        ("c", "2020-05", {"agency_id": "H3", "partner_id": "h2"}),
        ("d", "2024-05", {"agency_id": "H4", "guardian_id": "H9"}),
    ) == ["abc", "d"]


def test_a_reference_that_stands_for_two_persons_declares_nothing():
    assert families(
        ("a", "2024-05", {"agency_id": "H1"}),
        ("b", "2024-05", {"agency_id": "H1"}),
        ("c", "2024-05", {"guardian_id": "H1"}),
    ) == ["a", "b", "c"]


def test_a_person_with_no_link_is_a_family_of_one():
    assert families(("a", "2024-05", {})) == ["a"]


@pytest.mark.parametrize(
    "wrong", [{"name": "household@9"}, {"near_days": -1}, {"near_days": 9, "far_days": 1}]
)
def test_an_unknown_rule_or_a_parameter_out_of_range_is_refused(wrong):
    with pytest.raises(SettingsInvalid):
        FamilyRule(**wrong)
