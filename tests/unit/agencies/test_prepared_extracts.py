"""What an agency tells of an extract, and what the other side makes of it without seeing the file."""

import io
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agencies.county import CountyConfig, ExtractFile, make_county
from agencies.intake import ExtractRejected, Report, take_in
from agencies.intake.rules import NOTES, ROW_RULES
from agencies.prepared import (
    digest_of,
    read_frame,
    record_schema,
    report_of,
    require_records,
    told,
)
from agencies.register import Dataset, load_register

REGISTER = load_register()
NAMES = [(dataset.agency, dataset.name) for dataset in REGISTER.datasets]
COLUMNS = pl.Schema({"row": pl.UInt32, "word": pl.String, "near": pl.List(pl.UInt64)})


@pytest.fixture(scope="module")
def files() -> dict[tuple[str, str], ExtractFile]:
    county = make_county(CountyConfig(families=150, seed=3))
    return {(file.agency, file.dataset): file for file in county.extracts()}


@pytest.mark.parametrize(("agency", "name"), NAMES)
def test_whatever_intake_accepts_is_accepted_again(
    files: dict[tuple[str, str], ExtractFile], agency: str, name: str
) -> None:
    """The two sides may never differ: an honest bundle of every dataset goes through."""
    dataset = REGISTER.dataset(agency, name)
    intake = take_in(files[agency, name].content, "", dataset)
    assert intake.records.schema == record_schema(dataset)
    require_records(intake.records, dataset, intake.report, date.today())
    assert report_of(told(intake.report), dataset) == intake.report


def test_the_digest_is_of_what_decides_how_a_row_is_read() -> None:
    dataset = REGISTER.dataset("police", "contacts")
    assert len({digest_of(each) for each in REGISTER.datasets}) == len(NAMES)
    reworded = dataset.model_copy(update={"help": "Other words.", "title": "Other"})
    assert digest_of(reworded) == digest_of(dataset)
    for changes in ({"date_format": "%Y-%m-%d"}, {"clean_list": not dataset.clean_list}):
        assert digest_of(dataset.model_copy(update=changes)) != digest_of(dataset)
    assert digest_of(with_column(dataset, "role", required=False)) != digest_of(dataset)
    assert digest_of(with_column(dataset, "role", help="Other words.")) == digest_of(dataset)


def with_column(dataset: Dataset, name: str, **changes: Any) -> Dataset:
    column = dataset.columns[name].model_copy(update=changes)
    return dataset.model_copy(update={"columns": {**dataset.columns, name: column}})


def test_a_report_brings_rules_and_headers_and_no_word_of_the_senders() -> None:
    dataset = REGISTER.dataset("police", "contacts")
    said = {
        "rows_read": 5,
        "rows_accepted": 3,
        "rows_refused": 2,
        "counts": dict.fromkeys((*ROW_RULES, *NOTES), 1),
        "findings": [[1, "SURNAME", rule] for rule in (*ROW_RULES, *NOTES)]
        + [[None, None, "empty_row"]],
    }
    report = report_of(said, dataset)
    assert isinstance(report, Report)
    assert all(each.message and each.fix for each in report.findings)
    assert told(report) == {**said, "counts": dict(sorted(said["counts"].items()))}


NOT_REPORTS: dict[str, Any] = {
    "nothing": {},
    "counts that are a list": {"counts": []},
    "a count that is a text": {"counts": {"too_long": "many"}},
    "a yes for a count": {"rows_refused": False},
    "a huge count": {"rows_read": 10**12, "rows_refused": 10**12 - 3},
    "findings that are a mapping": {"findings": {}},
    "a finding of two": {"findings": [[1, "SURNAME"]]},
    "a finding that is a text": {"findings": ["too_long"]},
    "a list for a rule": {"findings": [[1, "SURNAME", ["too_long"]]]},
    "a list for a header": {"findings": [[1, ["SURNAME"], "too_long"]]},
    "a text for a row": {"findings": [["first", "SURNAME", "too_long"]]},
    "too many findings": {"findings": [[1, "SURNAME", "too_long"]] * 1002},
}


@pytest.mark.parametrize("what", NOT_REPORTS)
def test_a_report_of_another_form_is_refused(what: str) -> None:
    sound = {"rows_read": 3, "rows_accepted": 3, "rows_refused": 0, "counts": {}, "findings": []}
    changes = NOT_REPORTS[what]
    with pytest.raises(ExtractRejected) as refused:
        report_of({**sound, **changes} if changes else {}, REGISTER.dataset("police", "contacts"))
    assert refused.value.rule == "report_form"


def accepted(rows: int) -> Report:
    return Report(rows, rows, 0, (), {})


def parquet(table: pa.Table, **options: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


SOUND = {"row": pa.array([1, 2], pa.uint32()), "word": pa.array(["a", None])}
NEAR = pa.array([[1, 2], None], pa.list_(pa.uint64()))
FRAMES: dict[str, tuple[str, bytes]] = {
    "nothing": ("frame_damaged", b""),
    "no Parquet": ("frame_damaged", b"PAR1 Quistgaard PAR1"),
    "cut short": ("frame_damaged", parquet(pa.table(SOUND))[:-9]),
    "its head cut off": ("frame_damaged", parquet(pa.table(SOUND))[9:]),
    "a bit changed": (
        "frame_damaged",
        parquet(pa.table(SOUND), write_page_checksum=True, compression="none").replace(
            b"\x01\x00\x00\x00a", b"\x01\x00\x00\x00b"
        ),
    ),
    "a column more": ("undeclared_column", parquet(pa.table({**SOUND, "surname": ["x", "y"]}))),
    "a column less": ("missing_column", parquet(pa.table({"word": ["a"]}))),
    "numbers for words": ("column_type", parquet(pa.table({**SOUND, "word": [1, 2]}))),
    "lists of words": ("column_type", parquet(pa.table({**SOUND, "near": [["x"], ["y"]]}))),
    "more rows": ("rows_disagree", parquet(pa.table({"row": pa.array([1, 2, 3], pa.uint32())}))),
}


@pytest.mark.parametrize("what", FRAMES)
def test_a_frame_that_is_not_as_expected_is_refused_by_its_rule(what: str) -> None:
    rule, content = FRAMES[what]
    with pytest.raises(ExtractRejected) as refused:
        read_frame(content, "records", COLUMNS, {"row"}, accepted(2))
    assert refused.value.rule == rule
    assert "Quistgaard" not in str(refused.value)


def test_a_frame_as_expected_is_read_and_may_lack_what_is_optional() -> None:
    whole = read_frame(
        parquet(pa.table({**SOUND, "near": NEAR})), "tokens", COLUMNS, {"row"}, accepted(2)
    )
    assert whole.schema == COLUMNS
    assert whole["near"].to_list() == [[1, 2], None]
    less = read_frame(parquet(pa.table(SOUND)), "tokens", COLUMNS, {"row"}, accepted(2))
    assert less["word"].to_list() == ["a", None]


def test_a_long_word_named_a_thousand_times_is_not_unpacked() -> None:
    word = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), ["a" * (1 << 23)])
    table = pa.table({"row": pa.array(range(1000), pa.uint32()), "word": word})
    content = parquet(table, compression="zstd")
    assert len(content) < 1 << 20
    with pytest.raises(ExtractRejected) as refused:
        read_frame(content, "records", COLUMNS, {"row"}, accepted(1000))
    assert refused.value.rule == "expands_too_far"


def test_a_set_of_billions_is_not_unpacked() -> None:
    """A run of one value is a few bytes in the file; its length is counted before it is read."""
    many = 1 << 22
    near = pa.ListArray.from_arrays(
        [0, many], pa.array([7], pa.uint64()).take(pa.array([0] * many))
    )
    content = parquet(
        pa.table({"row": pa.array([1], pa.uint32()), "near": near}), compression="zstd"
    )
    assert len(content) < 1 << 16
    from agencies.intake.columnar import read_in_groups
    from agencies.intake.limits import Limits

    with pytest.raises(ExtractRejected) as refused:
        read_in_groups(content, Limits(expanded_bytes=many - 1))
    assert refused.value.rule == "expands_too_far"
