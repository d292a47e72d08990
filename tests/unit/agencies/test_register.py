"""The register loads what is sound and names every fault of what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agencies.register import UnknownDataset, UnsoundCatalogue, load_register

SOUND = """
agency: library
name: The library
help: For these tests.
datasets:
  loans:
    title: Loans
    help: One row per loan.
    clean_list: false
    date_format: "%d/%m/%Y"
    date: lent
    columns:
      card: {header: CARD, kind: id, identifies: agency_id, required: true, help: "Card."}
      born: {header: BORN, kind: date, identifies: date_of_birth, help: "Born."}
      lent: {header: LENT, kind: date, required: true, help: "Day."}
      shelf: {header: SHELF, kind: code, codes: {F: fiction, M: mental_health}, help: "Shelf."}
      late: {header: LATE, kind: yes_no, help: "Late."}
      fine: {header: FINE, kind: money_gbp, help: "Fine."}
      weeks: {header: WEEKS, kind: number, help: "Weeks."}
    attributes: {age_band: born}
    events:
      - {event: loan, on: lent, activity: police_offence, cost: fine, when: {late: ["yes"]}}
    issues:
      - {issue: isolation, when: {shelf: [fiction]}}
"""

# What is replaced by what, and the fault it makes: column, rule.
FAULTS = [
    ("    title: Loans", "    titel: Loans", None, "unknown_key"),
    ("    title: Loans", "    titel: Loans", None, "missing_key"),
    ("kind: number,", "kind: nummer,", "weeks", "unknown_word"),
    ("{F: fiction,", "{1: fiction,", "shelf", "wrong_type"),
    ("card: {", "Card No: {", "Card No", "bad_name"),
    ("clean_list: false", "clean_list: false\n    agency: library", None, "unknown_key"),
    ("clean_list: false", "clean_list: no", None, "wrong_value"),
    ("help: For these tests.", "help: x\nhelp: y", None, "key_twice"),
    ("datasets:", "datasets: [", None, "not_yaml"),
    ("header: FINE", "header: late", "fine", "header_twice"),
    ("header: FINE", "header: ' FINE'", "fine", "header_spaces"),
    ("weeks: {", "row: {", "row", "reserved_name"),
    ("identifies: agency_id", "identifies: shoe_size", "card", "unknown_role"),
    ("identifies: agency_id", "identifies: surname", "card", "role_kind"),
    ("kind: number,", "kind: id, identifies: agency_id,", "weeks", "role_twice"),
    ("kind: number,", "kind: date, identifies: date_of_birth,", "weeks", "role_twice"),
    ("identifies: agency_id, ", "", None, "nobody_identified"),
    ("kind: yes_no,", "kind: yes_no, codes: {J: ja},", "late", "code_meaning"),
    ("kind: number,", "kind: number, codes: {a: b},", "weeks", "codes_not_expected"),
    ("codes: {F: fiction, M: mental_health}, ", "", "shelf", "codes_missing"),
    ("{F: fiction,", "{F: fiction, f: more,", "shelf", "code_twice"),
    ("kind: number,", "kind: number, not_before: 2000-01-01,", "weeks", "bound_kind"),
    ("kind: yes_no,", "kind: yes_no, minimum: 1,", "late", "bound_kind"),
    ("kind: number,", "kind: number, minimum: 2, maximum: 1,", "weeks", "bound_order"),
    ("date: lent", "date: borrowed", None, "date_column"),
    ("kind: date, required: true", "kind: date", "lent", "date_column"),
    ('"%d/%m/%Y"', '"%d/%m"', None, "date_format"),
    ('"%d/%m/%Y"', '"day/month"', None, "date_format"),
    ("{age_band: born}", "{height: born}", None, "unknown_attribute"),
    ("{age_band: born}", "{age_band: birth}", None, "unknown_column"),
    ("{age_band: born}", "{age_band: lent}", "lent", "attribute_column"),
    ("{age_band: born}", "{district: late}", "late", "attribute_column"),
    ("activity: police_offence", "activity: reading", None, "unknown_activity"),
    ("on: lent", "on: given", None, "unknown_column"),
    ("on: lent", "on: shelf", "shelf", "column_kind"),
    ("on: lent", "on: born", "born", "column_identifies"),
    ("cost: fine", "cost: weeks", "weeks", "column_kind"),
    ("cost: fine", "quantity: fine", "fine", "column_kind"),
    ('{late: ["yes"]}', '{late: ["maybe"]}', "late", "unknown_code"),
    ("{shelf: [fiction]}", "{shelf: [poetry]}", "shelf", "unknown_code"),
    ("{shelf: [fiction]}", "{shelf: []}", "shelf", "unknown_code"),
    ("{shelf: [fiction]}", "{shelf: {at_least: 2}}", "shelf", "column_kind"),
    ("{shelf: [fiction]}", "{weeks: {at_least: 2, of: days}}", None, "unknown_column"),
    ("issue: isolation,", "issue: boredom,", None, "unknown_issue"),
    ("issue: isolation,", "issues_in: shelf,", "shelf", "unknown_issue"),
    ("issue: isolation,", "issue: isolation, issues_in: shelf,", None, "wrong_value"),
]


def _load(folder: Path, text: str):
    (folder / "library.yaml").write_text(text, encoding="utf-8")
    return load_register(folder)


def test_a_sound_declaration_loads_beside_the_shipped_ones(tmp_path):
    register = _load(tmp_path, SOUND)
    assert "library" in register.agencies
    assert len(register.agencies) == 7
    loans = register.dataset("library", "loans")
    assert (loans.agency, loans.name) == ("library", "loans")
    assert loans.roles == {"agency_id": "card", "date_of_birth": "born"}
    assert loans.service_columns == ("lent", "shelf", "late", "fine", "weeks")


@pytest.mark.parametrize(("old", "new", "column", "rule"), FAULTS)
def test_a_fault_names_file_dataset_column_and_rule(tmp_path, old, new, column, rule):
    assert old in SOUND
    with pytest.raises(UnsoundCatalogue) as caught:
        _load(tmp_path, SOUND.replace(old, new, 1))
    faults = caught.value.faults
    assert (column, rule) in [(fault.column, fault.rule) for fault in faults]
    assert {fault.file for fault in faults} == {"library.yaml"}
    if column is not None:
        assert {fault.dataset for fault in faults} == {"loans"}
    assert rule in str(caught.value)


def test_all_faults_are_told_at_once(tmp_path):
    text = SOUND.replace("issue: isolation", "issue: boredom").replace("on: lent", "on: given")
    with pytest.raises(UnsoundCatalogue) as caught:
        _load(tmp_path, text)
    assert {fault.rule for fault in caught.value.faults} == {"unknown_issue", "unknown_column"}


def test_two_files_for_one_agency_are_a_fault(tmp_path):
    (tmp_path / "again.yaml").write_text(SOUND, encoding="utf-8")
    with pytest.raises(UnsoundCatalogue, match="agency_twice"):
        _load(tmp_path, SOUND)


def test_a_county_can_bring_a_catalogue_of_its_own(tmp_path):
    cost = "{activity: police_offence, gbp: 1, per: case, price_year: 2025, source: x, agency: library, illustrative: true}"
    issue = "{id: isolation, name: Isolation, help: x, source: y}"
    (tmp_path / "unit_costs.yaml").write_text(f"unit_costs: [{cost}]")
    (tmp_path / "issues.yaml").write_text(f"issues: [{issue}]")
    (tmp_path / "library.yaml").write_text(SOUND, encoding="utf-8")
    register = load_register(tmp_path, shipped=False)
    assert list(register.agencies) == ["library"]
    assert list(register.issues) == ["isolation"]


def test_a_broken_reference_file_is_a_fault(tmp_path):
    (tmp_path / "unit_costs.yaml").write_text("unit_costs: {a: b}")
    with pytest.raises(UnsoundCatalogue, match="not_a_list"):
        _load(tmp_path, SOUND)
    (tmp_path / "unit_costs.yaml").write_text("unit_costs: [{activity: police_offence}]")
    with pytest.raises(UnsoundCatalogue, match="missing_key"):
        _load(tmp_path, SOUND)


def test_a_folder_without_declarations_is_a_fault(tmp_path):
    with pytest.raises(UnsoundCatalogue, match="no_files"):
        load_register(tmp_path)


def test_an_unknown_dataset_is_refused_by_name():
    register = load_register()
    with pytest.raises(UnknownDataset, match="no agency of that name"):
        register.dataset("fire", "calls")
    with pytest.raises(UnknownDataset, match="it has contacts"):
        register.dataset("police", "calls")
