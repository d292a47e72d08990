"""What intake gives back: the accepted rows, the report on the others, or the refusal of the whole file.

A finding names row, column and rule, and how to mend it. INVARIANT: no message holds a cell's value, nor the
text of a header that is not declared (a file without a header row shows a person there).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from agencies.declaration import Dataset


@dataclass(frozen=True)
class Finding:
    """One thing wrong in one cell or row. `row` counts data rows from 1; `column` is the file's own header.

    `refuses` is False for a note: the row is accepted, without the cell.
    """

    row: int | None
    column: str | None
    rule: str
    message: str
    fix: str
    refuses: bool = True


@dataclass(frozen=True)
class Report:
    """What became of the rows. `findings` may be cut short; `counts` (findings per rule) never is."""

    rows_read: int
    rows_accepted: int
    rows_refused: int
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    def to_dict(self) -> dict[str, object]:
        """The report as plain JSON values."""
        return {
            "rows_read": self.rows_read,
            "rows_accepted": self.rows_accepted,
            "rows_refused": self.rows_refused,
            "counts": dict(self.counts),
            "findings": [vars(finding) for finding in self.findings],
        }


@dataclass(frozen=True)
class Intake:
    """The accepted rows of one extract, identifiers apart from service records, and the report.

    The identifiers are raw: they go to tokenising and nowhere else, so they have no repr.
    """

    dataset: Dataset = field(repr=False)
    rows_read: int
    identifiers: pl.DataFrame = field(repr=False)
    records: pl.DataFrame = field(repr=False)
    report: Report = field(repr=False)


class ExtractRejected(Exception):
    """The whole file is refused: by which rule, why, and what to do."""

    def __init__(self, rule: str, message: str, fix: str) -> None:
        self.rule = rule
        self.message = message
        self.fix = fix
        super().__init__(f"{message} {fix}")
