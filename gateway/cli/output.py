"""What the commands show. In: answers of the gateway; out: rich tables and progress on the terminal, or JSON.

Progress and errors go to standard error, so that standard output holds the answer and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from gateway.client.http import Progress as Report

# Set behind a figure that is no good one; "[u]" is the Government Analysis Function's mark for low reliability.
ROUGH = {"medium": "[m]", "low": "[u]"}
ID = re.compile(r"[a-z]+-[0-9a-f]{16}")
OFFERS = {
    "nearest": "the nearest question that would be permitted",
    "coarser": "a coarser question that would be answered",
}

out = Console()
errors = Console(stderr=True)


def emit_json(document: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def heading(text: str) -> None:
    """The title of a chapter."""
    out.print()
    out.rule(f"[bold]{text}[/bold]", align="left")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A plain table; numbers stand to the right."""
    kept = [[_cell(value) for value in row] for row in rows]
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for place, column in enumerate(columns):
        numeric = bool(kept) and all(_is_figure(row[place]) for row in kept)
        shown.add_column(
            column,
            justify="right" if numeric else "left",
            overflow="fold",
            # An id that is cut in two cannot be copied.
            no_wrap=any(ID.fullmatch(row[place]) for row in kept),
        )
    for row in kept:
        # As text: a mark such as [c] would be taken for a style.
        shown.add_row(*(Text(cell) for cell in row))
    out.print(shown)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.3f}"
    return (
        f"{value:,.0f}"
        if isinstance(value, int | float) and not isinstance(value, bool)
        else str(value)
    )


def _is_figure(text: str) -> bool:
    text = text.removesuffix("[m]").removesuffix("[u]").rstrip()
    return (
        text in ("", "[c]", "[low]")
        or text.strip("£%").replace(",", "").replace(".", "", 1).lstrip("-").isdigit()
    )


@contextmanager
def progress(label: str, *, quiet: bool = False) -> Iterator[Report]:
    """A bar that follows `report(step, share)` and goes at the end; nothing when quiet or not on a terminal."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[step]}"),
        console=errors,
        transient=True,
        disable=quiet or not errors.is_terminal,
    )
    with bar:
        task: TaskID = bar.add_task(label, total=1.0, step="")

        def report(step: str, share: float) -> None:
            bar.update(task, completed=share, step=step)

        yield report
        bar.update(task, completed=1.0, step="done")


def released(release: Mapping[str, Any]) -> None:
    """A released table as a person reads it: dimensions down, measures across, marks where figures are withheld."""
    protected = release["table"]
    dimensions = [each["name"] for each in protected["dimensions"]]
    measures = protected["measures"]
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for cell in protected["cells"]:
        keys = tuple(cell["keys"][name] for name in dimensions)
        rows.setdefault(keys, {})[cell["measure"]] = figure(cell)
    table(
        f"Release {release['number']}: {release['question']['cohort']}",
        [*dimensions, *measures],
        [[*keys, *(row[measure] for measure in measures)] for keys, row in rows.items()],
    )
    if release.get("coarser"):
        out.print("Most of this is withheld. A coarser question that would lose less:")
        out.print(question(release["coarser"], "  "), highlight=False, markup=False)
    terms = f"linkage run {release['run']}, {release['vintage']}, protocol {release['protocol_digest'][:12]}"
    qualities = protected.get("qualities", {})
    says = [f"{mark} {qualities[band]}" for band, mark in ROUGH.items() if band in qualities]
    # Releases of an older version do not say how they were made.
    made = [protected["rules"]["explained"]] if "explained" in protected["rules"] else []
    legend = (" ".join(each) for each in protected["legend"].items())
    for line in (*legend, *says, *made, terms):
        out.print(line, style="dim", highlight=False, markup=False)


def refused(problem: Mapping[str, Any]) -> None:
    """A problem document as a person reads it: what, every clause, what would help, and the nearest question."""
    errors.print(problem.get("title", "refused"), style="red", end=": ", markup=False)
    _line(str(problem.get("detail", "")))
    for clause in problem.get("clauses", ()):
        _line(f"  clause {clause['clause']}: {clause['text']} {clause['fix']}".rstrip())
    if problem.get("fix"):
        _line(f"  what to do: {problem['fix']}")
    for name, says in OFFERS.items():
        if problem.get(name):
            _line(f"  {says}:")
            errors.print(question(problem[name], "    "), highlight=False, markup=False)


def _line(text: str) -> None:
    # As text: a message may hold brackets, which would be taken for a style.
    errors.print(text, highlight=False, markup=False, soft_wrap=True)


def question(body: Mapping[str, Any], indent: str = "") -> str:
    """A question as its author writes it."""
    return "\n".join(f"{indent}{name}: {_flow(value)}" for name, value in body.items())


def _flow(value: Any) -> str:
    """A value in YAML's flow style; registered names and months only, so nothing needs quotes."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def moment(at: str) -> str:
    """An instant to the second, in UTC: 2026-11-22 09:00:00."""
    return at[:19].replace("T", " ")


def figure(cell: Mapping[str, Any]) -> str:
    """One figure with its unit and how rough it is, or the mark that stands in its place."""
    if cell["value"] is None:
        return str(cell["mark"])
    return f"{amount(cell)} {ROUGH.get(str(cell.get('quality')), '')}".rstrip()


def amount(cell: Mapping[str, Any]) -> str:
    """The figure of a cell that has one, with its unit."""
    value, measure = cell["value"], cell["measure"]
    if measure.startswith("cost"):
        return f"£{value:,.0f}"
    return f"{100 * value:.0f}%" if measure.endswith("prevalence") else f"{value:,.0f}"
