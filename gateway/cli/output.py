"""What the commands show. In: answers of the gateway; out: rich tables and progress on the terminal, or JSON.

Progress and errors go to standard error, so that standard output holds the answer and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from gateway.client.http import Progress as Report

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
        shown.add_column(column, justify="right" if numeric else "left", overflow="fold")
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
    return (
        text in ("", "[c]", "[low]")
        or text.strip("£%").replace(",", "").replace(".", "", 1).lstrip("-").isdigit()
    )


@contextmanager
def progress(label: str, *, quiet: bool = False) -> Iterator[Report]:
    """A bar that follows `report(step, share)`; nothing when quiet or not on a terminal."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[step]}"),
        console=errors,
        disable=quiet,
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
    for mark, meaning in protected["legend"].items():
        out.print(f"{mark} {meaning}", style="dim", highlight=False, markup=False)


def figure(cell: Mapping[str, Any]) -> str:
    """One figure with its unit, or the mark that stands in its place."""
    value, measure = cell["value"], cell["measure"]
    if value is None:
        return str(cell["mark"])
    if measure.startswith("cost"):
        return f"£{value:,.0f}"
    return f"{100 * value:.0f}%" if measure.endswith("prevalence") else f"{value:,.0f}"
