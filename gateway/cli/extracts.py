"""Commands of a data officer: `check`, `template`, `send`, `submissions` (`prepare` stands apart).

In: an extract file; out: its report by row, column and rule. Never shows a value of the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import findings, output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX or Parquet.")]
Agency = Annotated[
    str, typer.Option("--agency", "-a", help="Agency that sends it, as in the catalogue.")
]
DatasetName = Annotated[str, typer.Option("--dataset", "-d", help="Dataset, as in the catalogue.")]
Folders = Annotated[
    list[Path] | None,
    typer.Option("--catalogue", help="Folder with declarations of further agencies."),
]

Sent = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, help="CSV, XLSX, Parquet, or a bundle of `gateway prepare`."
    ),
]
SaidAgency = Annotated[
    str | None,
    typer.Option("--agency", "-a", help="Agency that sends it; a bundle says so itself."),
]
SaidDataset = Annotated[
    str | None,
    typer.Option("--dataset", "-d", help="Dataset, as in the catalogue; a bundle says so itself."),
]
AttestedOn = Annotated[
    str | None,
    typer.Option(
        "--attested-on",
        help="Day on which opt-outs were applied (YYYY-MM-DD), where the protocol asks for it.",
    ),
]
# How a bundle begins; told here, so that sending an extract need not know what a bundle is.
BUNDLE = b'{"format":"families-data-gateway-bundle",'
BUNDLE_SUFFIX = ".fdg"


def require_new(target: Path, option: str) -> None:
    """Wrong usage unless a file can be made there: what would be written must not be lost, nor take another's place."""
    if target.exists():
        raise typer.BadParameter(f"{target} exists already", param_hint=option)
    if not target.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {target.parent}", param_hint=option)


def check(
    file: File,
    agency: Agency,
    dataset: DatasetName,
    catalogue: Folders = None,
    as_json: Json = False,
) -> None:
    """Check an extract here, on this machine; nothing is sent or stored."""
    from agencies.intake import take_in
    from agencies.register import load_register

    declared = load_register(*(catalogue or [])).dataset(agency, dataset)
    with output.progress("checking", quiet=as_json) as report:
        intake = take_in(
            file.read_bytes(), file.suffix, declared, progress=lambda share: report("rows", share)
        )
    found = intake.report.to_dict()
    _show(found, as_json)
    if found["rows_refused"]:
        raise typer.Exit(1)


def template(
    agency: Agency,
    dataset: DatasetName,
    to: Annotated[Path, typer.Argument(help="Where to write it: .xlsx or .csv.")],
    catalogue: Folders = None,
) -> None:
    """Write the empty file that an officer fills in, with a note on every column."""
    from agencies.register import load_register
    from agencies.templates import csv_template, xlsx_template

    makers = {".xlsx": xlsx_template, ".csv": csv_template}
    if to.suffix not in makers:
        raise typer.BadParameter("a template is written as .xlsx or .csv")
    declared = load_register(*(catalogue or [])).dataset(agency, dataset)
    to.write_bytes(makers[to.suffix](declared))
    output.errors.print(f"wrote {to}", highlight=False)


def send(
    file: Sent,
    agency: SaidAgency = None,
    dataset: SaidDataset = None,
    attested_on: AttestedOn = None,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Send an extract or a bundle; good rows are stored, bad rows come back with row, column, rule and fix."""
    content, suffix = file.read_bytes(), file.suffix.lower()
    if content.startswith(BUNDLE):
        from gateway.pipeline.bundle_form import outside_of

        stated, suffix = outside_of(content), BUNDLE_SUFFIX
        agency, dataset = agency or stated.agency, dataset or stated.dataset
    if not agency or not dataset:
        raise typer.BadParameter("say whose extract it is with --agency and --dataset")
    with (
        connect(url, credential_file) as gateway,
        output.progress("sending", quiet=as_json) as report,
    ):
        result = gateway.send_bytes(
            content, suffix, agency, dataset, attested_on=attested_on, progress=report
        )
    _show(result, as_json)


def submissions(
    url: Url = DEFAULT_URL, credential_file: CredentialFile = None, as_json: Json = False
) -> None:
    """Your agency's submissions and what became of them."""
    with connect(url, credential_file) as gateway:
        listed = gateway.call("GET", "/v1/submissions")["items"]
    if as_json:
        output.emit_json(listed)
        return
    columns = ["submission", "dataset", "status", "rows_accepted", "rows_refused"]
    rows = [
        [*(item[column] for column in columns), output.moment(item["received_at"])]
        for item in listed
    ]
    heads = ["submission", "dataset", "status", "accepted", "returned", "received"]
    output.table("Submissions (times in UTC)", heads, rows)


def _show(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.emit_json(report)
    else:
        findings.show(report)
