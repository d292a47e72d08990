"""Who counts as a person: whoever a record identifies, not every fragment that linked to nobody."""

from __future__ import annotations

import polars as pl

from linkage.identified import identified_persons

title = "A fragment of a record is not a further person"

FIELDS = ("forename", "surname", "date_of_birth", "postcode")
FULL = dict.fromkeys((f"{field}_exact" for field in FIELDS), 1)


def counted(*records: dict[str, object]) -> list[str]:
    """Who counts among records given as person and whatever else differs from an empty one of a list that repeats."""
    none: dict[str, object] = dict.fromkeys(
        (*FULL, "nhs_number_exact", "agency_id_exact"), None
    ) | {"agency": "museum", "dataset": "sitters", "clean_list": False}
    rows = [{**none, "record": str(n), **record} for n, record in enumerate(records)]
    tokens = pl.DataFrame(rows, infer_schema_length=None)
    persons = tokens.select("record", "person")
    return sorted(identified_persons(tokens.drop("person"), persons).to_list())


def test_a_record_with_name_birth_and_postcode_identifies():
    assert counted({"person": "a", **FULL}) == ["a"]


def test_without_any_one_of_them_it_does_not():
    for missing in FULL:
        fragment = {**FULL, missing: None}
        assert counted({"person": "a", **FULL}, {"person": "b", **fragment}) == ["a"]


def test_a_fragment_that_linked_to_somebody_is_that_person():
    assert counted({"person": "a", **FULL}, {"person": "a", "forename_exact": 1}) == ["a"]


def test_two_fragments_together_identify_nobody():
    halves = {**FULL, "postcode_exact": None}, {**FULL, "date_of_birth_exact": None}
    others = [{"person": "b", **half} for half in halves]
    assert counted({"person": "a", **FULL}, *others) == ["a"]


def test_a_fragment_that_another_agency_knows_too_is_somebody():
    fragment = {"forename_exact": 1}
    elsewhere = {"agency": "record_office", **fragment}
    assert counted({"person": "a", **fragment}, {"person": "a", **elsewhere}) == ["a"]


def test_a_national_number_identifies_alone():
    assert counted({"person": "a", **FULL}, {"person": "b", "nhs_number_exact": 7}) == ["a", "b"]


def test_an_agencys_own_id_identifies_in_its_clean_list_only():
    own = {"agency_id_exact": 9}
    listed = [{"person": "b", "clean_list": True, **own}, {"person": "c", **own}]
    assert counted({"person": "a", **FULL}, *listed) == ["a", "b"]


def test_a_field_that_the_whole_list_lacks_is_not_asked_for():
    plain = {**FULL, "postcode_exact": None, "dataset": "prisoners"}
    assert counted({"person": "a", **FULL}, {"person": "b", **plain}) == ["a", "b"]


def test_a_list_that_fills_nothing_identifies_nobody():
    assert counted({"person": "a"}) == []
