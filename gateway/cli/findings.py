"""The report on an extract as an officer reads it. In: the report; out: each rule once a column, with the rows it is about.

A thousand rows with one mistake are one paragraph. Shows row, column, rule, message and fix, never a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.cli import output

ROWS_SHOWN = 8


def show(report: Mapping[str, Any]) -> None:
    """The report on the terminal."""
    read, kept, returned = (report[f"rows_{which}"] for which in ("read", "accepted", "refused"))
    _say(
        f"{read:,} {'row' if read == 1 else 'rows'} read, {kept:,} accepted, {returned:,} returned"
    )
    for (column, rule), found in _by_place(report["findings"]).items():
        _say()
        _say(f"{rule}{f' in {column}' if column else ''}: {found[0]['message']}")
        _say(f"  {_rows([each['row'] for each in found])}{_fate(found[0])}")
        _say(f"  what to do: {found[0]['fix']}")
    total = sum(report["counts"].values())
    if total > len(report["findings"]):
        _say()
        _say(f"{total:,} findings in all; the first {len(report['findings']):,} are told here.")


def _by_place(findings: Sequence[Mapping[str, Any]]) -> dict[tuple[Any, str], list[Any]]:
    places: dict[tuple[Any, str], list[Any]] = {}
    for each in findings:
        places.setdefault((each["column"], each["rule"]), []).append(each)
    return places


def _rows(rows: Sequence[int | None]) -> str:
    numbers = [f"{row}" for row in rows if row is not None]
    if not numbers:
        return "the file as a whole"
    more = len(numbers) - ROWS_SHOWN
    listed = ", ".join(numbers[:ROWS_SHOWN])
    return f"{'row' if len(numbers) == 1 else 'rows'} {listed}{f' and {more:,} more' if more > 0 else ''}"


def _fate(finding: Mapping[str, Any]) -> str:
    return "" if finding.get("refuses", True) else " (kept, without this cell)"


def _say(text: str = "") -> None:
    # As text: a header may hold brackets, which would be taken for a style.
    output.out.print(text, highlight=False, markup=False, soft_wrap=True)
