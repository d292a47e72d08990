"""`gateway attack`: all that left of the vintage in force is turned on small groups that nobody asked for.

In: how many groups. Out: a table or JSON; exit code 1 where a limit is passed, so that whatever runs it every night can say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect

PASSED = 1
GROUPS = "Groups of each kind that are drawn."
SEED = "Draw the groups of an earlier attack again."
HOLDS = "No group that was drawn is known better than it may be."
WHAT_TO_DO = (
    "A group is known better than it may be. Review the releases that are named (gateway release N --review); "
    "until it is clear what they tell, let nothing more be asked of this vintage."
)
UNITS = {"cost": "cost", "families": "number of families", "people": "number of people"}


def attack(
    groups: Annotated[int | None, typer.Option("--groups", min=1, help=GROUPS)] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help=SEED)] = None,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Attack everything that was released of the vintage in force; ends with 1 if a limit is passed."""
    given = {"groups": groups, "seed": seed}
    params = {name: value for name, value in given.items() if value is not None}
    with (
        connect(url, credential_file) as gateway,
        output.progress("attacking", quiet=as_json) as report,
    ):
        told = gateway.wait(
            gateway.call("POST", "/v1/ledger/attacks", params=params)["job"], report
        )
    if as_json:
        output.emit_json(told)
    else:
        _show(told)
    if not told["holds"]:
        raise typer.Exit(PASSED)


def _show(told: Mapping[str, Any]) -> None:
    rows = [
        [
            line["of"],
            _about(line["about"]),
            line["drawn"],
            f"{line['most']:.0%}",
            line["passed"],
            line["undecided"] or None,
            ", ".join(str(number) for number in line["releases"]),
        ]
        for line in told["lines"]
    ]
    columns = ["known of", "what", "groups", "most, of the limit", "passed", "undecided"]
    title = f"{told['releases']} releases of {told['vintage']} (seed {told['seed']})"
    output.table(title, [*columns, "most from releases"], rows)
    said = HOLDS if told["holds"] else WHAT_TO_DO
    output.out.print(said, highlight=False, markup=False, soft_wrap=True)


def _about(about: str) -> str:
    name, by_people, _ = about.partition("_by_people")
    return f"{UNITS.get(name, name)}{', of people' if by_people else ''}"
