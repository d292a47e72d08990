"""A report as it travels: numbers and the names of rules, from which the words are made again on the other side.

In: a Report, or what was told of one. Out: the other. Whatever a sender writes into it, no text of theirs comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agencies.declaration import Dataset
from agencies.intake.limits import Limits
from agencies.intake.outcome import Finding, Report
from agencies.intake.rules import NOTES, ROW_RULES, finding
from agencies.prepared.rules import refusal

TOLD: Final = ("rows_read", "rows_accepted", "rows_refused", "counts", "findings")
_KNOWN: Final = ROW_RULES.keys() | NOTES.keys()
_MOST_ROWS: Final = Limits().rows
# One more than is kept: the note on empty rows comes on top.
_MOST_FINDINGS: Final = Limits().findings + 1


def told(report: Report) -> dict[str, Any]:
    """Plain numbers and names; each finding as row, header and rule."""
    return {
        "rows_read": report.rows_read,
        "rows_accepted": report.rows_accepted,
        "rows_refused": report.rows_refused,
        "counts": dict(report.counts),
        "findings": [[each.row, each.column, each.rule] for each in report.findings],
    }


def report_of(said: Mapping[str, Any], dataset: Dataset) -> Report:
    """The report again, in this program's own words. Raises ExtractRejected: report_form."""
    read, accepted, refused = (_count(said.get(name)) for name in TOLD[:3])
    counts, listed = said.get("counts"), said.get("findings")
    if not isinstance(counts, dict) or not isinstance(listed, list) or said.keys() != set(TOLD):
        raise refusal("report_form")
    if read != accepted + refused or not counts.keys() <= _KNOWN or len(listed) > _MOST_FINDINGS:
        raise refusal("report_form")
    kept = {rule: _count(counts[rule]) for rule in sorted(counts)}
    findings = tuple(_finding(each, dataset) for each in listed)
    return Report(read, accepted, refused, findings, kept)


def last_row(report: Report) -> int:
    """The highest number that a row of this extract can have: empty rows are numbered as well."""
    return report.rows_read + report.counts.get("empty_row", 0)


def _finding(said: Any, dataset: Dataset) -> Finding:
    if not isinstance(said, list) or len(said) != 3:
        raise refusal("report_form")
    row, header, rule = said
    headers = {column.header: column for column in dataset.columns.values()}
    is_known = isinstance(rule, str) and rule in _KNOWN
    is_placed = header is None or (isinstance(header, str) and header in headers)
    if not is_known or not is_placed:
        raise refusal("report_form")
    return finding(None if row is None else _count(row), rule, headers.get(header), dataset)


def _count(said: Any) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said <= 2 * _MOST_ROWS:
        raise refusal("report_form")
    return said
