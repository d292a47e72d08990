"""`gateway review`: pairs near the threshold as agreement patterns, verdicts on them, and what those say.

Goes in: a form filled in (CSV). Comes out: the form to fill in, or a table. It shows how two records agree, never what
they say.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect
from gateway.cli.report import RunNumber, between, latest_run

VERDICTS = ("match", "not", "unsure")


def review(
    run: RunNumber = None,
    form: Annotated[
        Path | None, typer.Option("--form", help="Write a form (CSV) to fill in here.")
    ] = None,
    verdicts: Annotated[
        Path | None,
        typer.Option("--verdicts", exists=True, dir_okay=False, help="A form that was filled in."),
    ] = None,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Look at pairs near the threshold, or send verdicts: match, not, or unsure."""
    given = read_form(verdicts) if verdicts else {}
    with connect(url, credential_file) as gateway:
        path = f"/v1/links/{run or latest_run(gateway)}/review"
        if given:
            gateway.call("POST", path, json={"verdicts": given})
        told = gateway.call("GET", path)
    if form:
        _write_form(form, told)
    if as_json:
        output.emit_json(told)
        return
    if form:
        output.out.print(
            f"wrote {form}; fill in its column verdict", highlight=False, soft_wrap=True
        )
    elif not given:
        _show_sample(told)
    _show_estimate(told["estimate"])


def read_form(form: Path) -> dict[int, str]:
    """Number -> verdict of every line that has one. Wrong usage names the line, never its content."""
    said = {}
    with form.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            verdict = (row.get("verdict") or "").strip().lower()
            number = (row.get("number") or "").strip()
            if verdict and (verdict not in VERDICTS or not number.isdecimal()):
                raise typer.BadParameter(f"line {line}: a verdict is one of {', '.join(VERDICTS)}")
            if verdict:
                said[int(number)] = verdict
    if not said:
        raise typer.BadParameter("the form has no verdict in its column verdict")
    return said


def _rows(told: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    fields = list(told["sample"][0]["fields"]) if told["sample"] else []
    rows = [
        [
            str(pair["number"]),
            " - ".join(pair["agencies"] or ["withheld"]),
            f"{pair['band'][0]:g} to {pair['band'][1]:g}",
            *(pair["fields"][field] for field in fields),
            pair["verdict"] or "",
        ]
        for pair in told["sample"]
    ]
    return ["number", "agencies", "probability", *fields, "verdict"], rows


def _write_form(form: Path, told: Mapping[str, Any]) -> None:
    columns, rows = _rows(told)
    with form.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def _show_sample(told: Mapping[str, Any]) -> None:
    columns, rows = _rows(told)
    output.table(f"Review of linkage run {told['run']}", columns, rows)
    for grade, meaning in told["legend"].items():
        output.out.print(f"{grade}: {meaning}", style="dim", highlight=False, markup=False)


def _show_estimate(said: Mapping[str, Any]) -> None:
    if not said["judged"]:
        output.out.print("No verdict yet, so nothing is estimated from them.", highlight=False)
        return
    title = f"{said['judged']} of {said['sampled']} judged, {said['unsure']} of them unsure"
    rows = [["as this run linked", between(said["precision"]), between(said["recall"])]]
    rows += [
        [f"{row['threshold']:g}", between(row["precision"]), between(row["recall"])]
        for row in said["trade_off"]
    ]
    columns = ["linked from", "precision", "recall near the threshold"]
    output.table(title, columns, rows)
