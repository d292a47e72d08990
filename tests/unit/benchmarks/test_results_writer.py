"""What RESULTS.md says: every line, its target, and a miss called a miss."""

from __future__ import annotations

import importlib
import platform
import socket
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
# The benchmarks are no installed package.
sys.path.insert(0, str(PROJECT))

from benchmarks.results import Line, Machine, Section, markdown, this_machine  # noqa: E402
from benchmarks.sections import SECTIONS  # noqa: E402

title = "The results of benchmarks hide nothing"

MACHINE = Machine("2026-11-22", "a processor", 2, 8.0, 0.2, "3.11.7", (("polars", "2.1.0"),))
FIGURES = {
    "rows": 1000,
    "columns": 15,
    "seed": 7,
    "file_mb": 0.1,
    "seconds": 3.2,
    "polars_read_s": 0.1,
    "check_s": 1.0,
    "tokenise_and_store_s": 2.2,
    "polars_peak_gb": 0.5,
}


def rows_of(document: str) -> dict[str, list[str]]:
    """What stands in each row of the document's tables, by its first cell."""
    tables = [line.split("|")[1:-1] for line in document.splitlines() if line[:1] == "|"]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in tables}


def written(*lines: Line) -> str:
    return markdown([Section("door", "The door", "As it is.", lines)], MACHINE, 61.0)


@pytest.mark.parametrize(("ratio", "verdict"), [(15.9, "met"), (16.0, "met"), (16.1, "**missed**")])
def test_the_verdict_turns_at_the_target(ratio, verdict):
    section = SECTIONS["intake"]({**FIGURES, "ratio": ratio, "peak_gb": 1.0})
    row = rows_of(markdown([section], MACHINE, 1.0))["1,000 rows x 15 columns taken in"]
    assert row == ["3.20 s", "0.10 s (Polars reads)", f"{ratio:.2f}x", "at most 16x", verdict]


def test_each_target_is_judged_by_itself():
    section = SECTIONS["intake"]({**FIGURES, "ratio": 20.0, "peak_gb": 2.4})
    assert [line.met for line in section.lines if line.target] == [False, True]


def test_missed_targets_are_counted_and_named_at_the_top():
    document = written(
        Line("slow thing", "9 s", target="at most 1 s", met=False),
        Line("fast thing", "0.5 s", target="at most 1 s", met=True),
        Line("mere figure", "3"),
    )
    assert "1 of 2 targets met. Missed: slow thing." in document


def test_nothing_is_said_to_be_missed_when_nothing_is():
    document = written(Line("fast thing", "0.5 s", target="at most 1 s", met=True))
    assert "1 of 1 targets met: all." in document
    assert "missed" not in document.lower()


def test_what_could_not_be_measured_is_said_as_well():
    assert "Could not be measured: demo." in markdown([], MACHINE, 1.0, ["demo"])


def test_a_figure_without_a_target_has_no_verdict():
    assert rows_of(written(Line("mere figure", "3")))["mere figure"] == ["3", "", "", "", ""]


def test_versions_cores_day_and_command_are_stated():
    document = written(Line("mere figure", "3"))
    for said in ("2026-11-22", "2 cores", "a processor", "polars 2.1.0", "61 s", "benchmarks door"):
        assert said in document


def test_the_machine_is_described_and_not_named():
    section = Section("door", "The door", "As it is.", (Line("a", "b"),))
    document = markdown([section], this_machine(), 1.0)
    names = {socket.gethostname(), platform.node()}
    assert not [name for name in names if name in document]
    assert str(PROJECT) not in document
    assert str(Path.home()) not in document


@pytest.mark.parametrize("name", SECTIONS)
def test_every_benchmark_can_be_measured_by_its_name(name):
    assert callable(importlib.import_module(f"benchmarks.{name}").measure)


def test_what_the_log_measures_is_what_its_section_reads():
    audit = importlib.import_module("benchmarks.audit")
    section = SECTIONS["audit"](audit.measure(writers=2, events=20))
    assert rows_of(markdown([section], MACHINE, 1.0))["durable events a second"][0]


def test_what_the_cost_table_measures_is_what_its_section_reads():
    cost_table = importlib.import_module("benchmarks.cost_table")
    figures = cost_table.measure_here(families=2_000, events=20_000)
    section = SECTIONS["cost_table"](figures)
    assert figures["cells"] == 7 * 8 * 6
    rows = rows_of(markdown([section], MACHINE, 1.0))
    assert rows["a new cost table"][0]
    assert rows["the cost table asked again"][0]
