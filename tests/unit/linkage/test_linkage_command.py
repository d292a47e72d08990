"""`python -m linkage`: what a stranger types, what is printed, and how it fails."""

import json
import subprocess
import sys

import polars as pl
import pytest

MAPPING = """
first: forename
last: surname
born: date_of_birth
home: postcode
"""
ROWS = """first,last,born,home
Margaret,Thistlewood,1958-03-12,LE13 0AB
Oluwaseun,Adeyemi,1990-11-02,LE2 7QQ
Piotr,Wisniewski,1984-07-29,LE67 3FD
"""
OTHER = """first,last,born,home
Magaret,Thistlewood,1958-03-12,LE13 0AB
Siobhan,Gallagher,1971-01-30,LE65 1AA
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "one.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "two.csv").write_text(OTHER, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "linkage", *words], capture_output=True, text=True, cwd=folder
    )


def told(*words):
    """A command in this process, so that only one test pays for starting Python."""
    from typer.testing import CliRunner

    from linkage.__main__ import app

    return CliRunner().invoke(app, [str(word) for word in words])


def groups(path, rows):
    pl.DataFrame(rows, schema=["record", "person"], orient="row").write_csv(path)
    return path


def test_two_files_are_linked_and_the_links_measured(folder):
    ran = run(folder, "link", "one.csv", "two.csv", "--map", "mapping.yaml", "--out", "who.csv")
    assert ran.returncode == 0, ran.stderr
    assert "5 rows are 4 persons, 1 pairs linked" in ran.stdout
    assert "reference" in ran.stdout
    assert "Thistlewood" not in ran.stdout + ran.stderr
    who = pl.read_csv(folder / "who.csv")
    assert who.columns == ["frame", "record", "person"]
    assert who["person"][0] == who["person"][3]

    true = who.with_columns(person=pl.Series([1, 2, 3, 1, 4]))
    true.write_csv(folder / "truth.csv")
    measured = told("evaluate", folder / "who.csv", folder / "truth.csv", "--json")
    assert json.loads(measured.stdout)["pairs"]["f1"] == 1.0


def test_an_error_is_one_line_with_a_name_and_exit_code_1(folder):
    (folder / "mapping.yaml").write_text("nowhere: surname\n", encoding="utf-8")
    ran = run(folder, "link", "one.csv", "--map", "mapping.yaml", "--out", "who.csv")
    assert ran.returncode == 1
    assert ran.stderr.strip() == "FramesInvalid: Frame one has no column with an identifier role"
    assert not (folder / "who.csv").exists()


@pytest.mark.parametrize(
    ("files", "mapping", "says"),
    [
        ("missing.csv", MAPPING, "missing.csv cannot be read"),
        ("noise.parquet", MAPPING, "noise.parquet cannot be read"),
        ("one.csv", "first: forename\nfirst: surname\n", "not valid YAML: DuplicateKeyError"),
        ("one.csv", "[first]", "does not say which column is what"),
        ("one.csv", "first: nickname", "no such role: nickname"),
    ],
)
def test_what_cannot_be_read_is_named_and_never_quoted(folder, files, mapping, says):
    (folder / "noise.parquet").write_bytes(b"Thistlewood")
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    found = told(
        "link", folder / files, "--map", folder / "mapping.yaml", "--out", folder / "who.csv"
    )
    assert says in str(found.exception)
    assert "Thistlewood" not in str(found.exception)


def test_a_key_comes_from_a_file_of_32_bytes_and_nowhere_else(folder):
    (folder / "key").write_bytes(b"short")
    words = [
        "link",
        folder / "one.csv",
        "--map",
        folder / "mapping.yaml",
        "--out",
        folder / "who.csv",
    ]
    assert "32 bytes" in str(told(*words, "--key-file", folder / "key").exception)
    (folder / "key").write_bytes(b"k" * 32)
    assert told(*words, "--key-file", folder / "key").exit_code == 0
    assert told(*words, "--key", "k" * 32).exit_code == 2


def test_quality_is_told_as_a_table_by_group_and_with_what_was_left_out(tmp_path):
    found = groups(tmp_path / "found.csv", [("a", 1), ("b", 1), ("c", 2), ("x", 3)])
    true = tmp_path / "true.csv"
    pl.DataFrame(
        {"record": ["a", "b", "c", "d"], "sex": ["F", "F", "M", "M"], "person": [7, 7, 7, 8]}
    ).write_csv(true)
    printed = told("evaluate", found, true, "--by", "sex").stdout
    assert "Pairs: 1 found, 3 true, 1 both" in printed
    assert "0.3333" in printed
    assert "adjusted Rand" in printed
    assert "1 only in predicted, 1 only in truth" in printed
    parts = json.loads(told("evaluate", found, true, "--by", "sex", "--json").stdout)["pairs"]
    assert parts["by_group"]["M"]["recall"] == 0.0
    assert parts["by_group"]["F"]["found"] == 1


@pytest.mark.parametrize(
    ("rows", "words", "says"),
    [
        ([("a", 1), ("a", 2)], [], "not unique"),
        ([("a", 1), ("b", None)], [], "is empty in some rows"),
        ([("a", 1)], ["--record", "id"], "needs a column for the record"),
        ([("a", 1)], ["--by", "sex"], "has no column sex"),
        ([("z", 1)], [], "No record is in both frames"),
    ],
)
def test_groups_that_cannot_be_measured_are_refused_by_name(tmp_path, rows, words, says):
    found = groups(tmp_path / "found.csv", rows)
    true = groups(tmp_path / "true.csv", [("a", 1), ("b", 2)])
    assert says in str(told("evaluate", found, true, *words).exception)


def test_a_parquet_file_and_a_csv_file_of_one_truth_are_compared(tmp_path):
    rows = pl.DataFrame({"record": [1, 2], "person": [1, 1]})
    rows.write_parquet(tmp_path / "found.parquet")
    rows.write_csv(tmp_path / "true.csv")
    found = told("evaluate", tmp_path / "found.parquet", tmp_path / "true.csv", "--json")
    assert json.loads(found.stdout)["pairs"]["recall"] == 1.0
