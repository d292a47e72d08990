"""The report of an intake: findings from the rows that break a rule, capped; counts per rule, never capped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from agencies.declaration import Dataset
from agencies.intake.check import Breach
from agencies.intake.outcome import Finding, Report
from agencies.intake.rules import finding


def report_on(
    breaches: Mapping[Breach, pl.Series],
    accepted: pl.Series,
    rows: pl.Series,
    dataset: Dataset,
    at_most: int,
) -> Report:
    """`rows` are the row numbers that go with the masks; each broken rule gets a fair share of `at_most`."""
    share = max(1, at_most // max(1, len(breaches)))
    counts: Counter[str] = Counter()
    findings: list[Finding] = []
    for (name, rule), mask in breaches.items():
        counts[rule] += int(mask.sum())
        column = dataset.columns[name] if name is not None else None
        broken = rows.filter(mask).head(share)
        findings += [finding(row, rule, column, dataset) for row in broken.to_list()]
    findings.sort(key=lambda each: (each.row or 0, each.column or "", each.rule))
    good = int(accepted.sum())
    return Report(
        rows_read=len(rows),
        rows_accepted=good,
        rows_refused=len(rows) - good,
        findings=tuple(findings[:at_most]),
        counts=dict(sorted(counts.items())),
    )


def with_empty_rows(report: Report, number: int, dataset: Dataset) -> Report:
    """The report, with a note on rows that were passed over because they hold nothing."""
    note = finding(None, "empty_row", None, dataset)
    counts = dict(sorted({**report.counts, "empty_row": number}.items()))
    return replace(report, counts=counts, findings=(*report.findings, note))
