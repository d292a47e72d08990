"""`python -m agencies.county OUT --families N --seed S`: write a synthetic county, extracts and truth apart.

In: a folder and two numbers. Out: OUT/extracts and OUT/truth. Never: an extract into the folder of the truth.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from agencies.county.config import CountyConfig, CountyTooSmall
from agencies.county.county import make_county

_FILES = 15  # eight extracts and seven tables of truth
_DEFAULTS = CountyConfig()


def write(
    out: Annotated[Path, typer.Argument(help="Folder that gets extracts/ and truth/.")],
    families: Annotated[int, typer.Option(help="How many families.")] = _DEFAULTS.families,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same county.")
    ] = _DEFAULTS.seed,
) -> None:
    """Make a synthetic county and write it."""
    columns = (TextColumn("{task.description:28}"), BarColumn(), TimeElapsedColumn())
    try:
        config = CountyConfig(seed=seed, families=families)
    except CountyTooSmall as error:
        raise typer.BadParameter(str(error), param_hint="--families") from error
    with Progress(*columns) as progress:
        task = progress.add_task("people and services", total=_FILES)
        county = make_county(config)
        county.write(out, lambda what: progress.update(task, description=what, advance=1))
        progress.update(task, description="done")
    typer.echo(
        f"{county.truth_rows.height:,} rows about {county.people.height:,} people in {families:,} families"
    )


if __name__ == "__main__":
    typer.run(write)
