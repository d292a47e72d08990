"""`python -m linkage`: link the rows of files, and measure links against a known truth.

In: files. Out: a table for people or JSON, and for `link` a CSV file. An error is one line that names file and column, never a
value; exit code 1, and 2 for wrong usage. No key is ever an argument.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from linkage.cluster_quality import cluster_quality
from linkage.errors import EvaluationInvalid, FramesInvalid, LinkageError
from linkage.evaluate import pair_quality
from linkage.evaluation_tables import print_quality
from linkage.files import read_groups, read_key, read_mapping, read_table
from linkage.frames import LinkedFrames
from linkage.frames import link as link_frames
from linkage.tokens import LinkageKey

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
_Groups = Annotated[Path, typer.Argument(help="CSV or Parquet: record columns, then the group.")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def _about() -> None:
    """Record linkage on keyed tokens."""


@app.command()
def evaluate(
    predicted: _Groups,
    truth: _Groups,
    record: Annotated[
        list[str], typer.Option(help="A column of the record's id; may be repeated.")
    ] = [],  # noqa: B006 - typer's way to say none
    person: Annotated[str, typer.Option(help="The column of the group in PREDICTED.")] = "",
    true_person: Annotated[str, typer.Option(help="The column of the group in TRUTH.")] = "",
    by: Annotated[str, typer.Option(help="A column of TRUTH; pairs are told by its values.")] = "",
    as_json: _AsJson = False,
) -> None:
    """Measure found groups against true ones: pairs, whole groups, sizes."""
    found = read_groups(predicted, record, person)
    true = read_groups(truth, record, true_person, aside=by)
    groups = None
    if by:
        if by not in true.columns:
            raise EvaluationInvalid(f"{truth} has no column {by}")
        groups = true.select("record", by)
    pairs = pair_quality(found, true, groups)
    clusters = cluster_quality(found, true)
    left_out = {"predicted": found.height, "truth": true.height}
    left_out = {side: height - clusters.items for side, height in left_out.items()}
    told = {"pairs": pairs.to_dict(), "clusters": clusters.to_dict(), "only_in_one_file": left_out}
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    else:
        print_quality(pairs, clusters, left_out, by)


@app.command()
def link(
    files: Annotated[list[Path], typer.Argument(help="CSV or Parquet files, one for each list.")],
    mapping: Annotated[Path, typer.Option("--map", help="YAML: column: role.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write: frame, record, person.")],
    key_file: Annotated[
        Path | None, typer.Option(help="32 secret bytes; else fresh ones for this run alone.")
    ] = None,
    clean: Annotated[
        list[str], typer.Option(help="A file (name without ending) free of duplicates.")
    ] = [],  # noqa: B006 - typer's way to say none
    threshold: Annotated[
        float | None, typer.Option(help="Probability from which rows are linked.")
    ] = None,
    date_format: Annotated[
        str | None, typer.Option(help="How dates are written, '%d/%m/%Y' say; else ISO.")
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Find out which rows of the files are one person."""
    frames = {path.stem: read_table(path) for path in files}
    if len(frames) != len(files):
        raise FramesInvalid("Two files have the same name; a list goes by the name of its file")
    key = LinkageKey.random() if key_file is None else read_key(key_file)
    found = link_frames(
        frames,
        read_mapping(mapping),
        key,
        clean_lists=clean,
        threshold=threshold,
        date_format=date_format,
    )
    found.persons.write_csv(out)
    if as_json:
        typer.echo(json.dumps(_summary(found), indent=2))
    else:
        _tell_links(found, out)


def _summary(found: LinkedFrames) -> dict[str, Any]:
    return {
        "persons": found.persons["person"].n_unique(),
        "rows": found.persons.height,
        "pairs": found.pairs.height,
        "model": found.model,
        "notes": list(found.notes),
        "quality": dict(found.quality),
    }


def _tell_links(found: LinkedFrames, out: Path) -> None:
    told = _summary(found)
    typer.echo(
        f"{told['rows']:,} rows are {told['persons']:,} persons, {told['pairs']:,} pairs linked"
    )
    typer.echo(f"model: {found.model}")
    for name in ("expected_precision", "expected_recall"):
        if name in found.quality:
            typer.echo(f"{name.replace('_', ' ')}, without truth: {found.quality[name]:.4f}")
    for note in found.notes:
        typer.echo(f"note: {note}")
    typer.echo(f"written to {out}")


def main() -> int:
    """0, or 1 when something was wrong with the files."""
    try:
        app()
    except LinkageError as wrong:
        typer.echo(f"{type(wrong).__name__}: {wrong}", err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
