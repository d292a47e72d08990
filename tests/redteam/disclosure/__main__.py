"""The matrix: every attack against every method. Usage: python -m tests.redteam.disclosure [--quick] [--json] [--only NAME].

Out: a table of rates; exit 0 if every line of ours meets its target and every attack works against some baseline, else 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.redteam.disclosure.attacks import ATTACKS, Attack, Scores, lines_of
from tests.redteam.disclosure.baselines import METHODS
from tests.redteam.disclosure.judge import Score
from tests.redteam.disclosure.one_attack import Judged, run_one
from tests.redteam.disclosure.stage import OURS

COLUMNS = (OURS, *METHODS)
AT_ONCE = 2
# Begun first, so that no processor waits for them at the end.
LONGEST = ("adaptive", "random questions", "reconstruction", "costs of few")


def main() -> int:
    """Print the matrix; 0 if it is as it has to be."""
    parser = argparse.ArgumentParser(prog="python -m tests.redteam.disclosure")
    parser.add_argument("--quick", action="store_true", help="one vintage, few questions")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", action="append", default=[], help="attacks whose name holds this")
    asked = parser.parse_args()
    chosen = [a for a in ATTACKS if not asked.only or any(each in a.name for each in asked.only)]
    judged = list(_all_run(chosen, quick=asked.quick))
    found = {each.name: each.scores for each in judged}
    served = {each.name: each.served for each in judged}
    lines = {
        name: methods for attack in chosen for name, methods in lines_of(attack, found[attack.name])
    }
    if asked.json:
        told = {n: {m: s.to_dict() for m, s in each.items()} for n, each in lines.items()}
        print(json.dumps({"lines": told, "served": served}, indent=2))
    else:
        Console(width=150).print(_table(lines, served))
    return 0 if _is_as_it_has_to_be(chosen, found, served) else 1


def _all_run(chosen: list[Attack], *, quick: bool) -> Iterator[Judged]:
    """Two at a time, each in a process and a gateway of its own: the clock of one must not hurry another."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with (
        Progress(*columns, console=console, transient=True) as progress,
        ProcessPoolExecutor(AT_ONCE, get_context("spawn"), max_tasks_per_child=1) as pool,
    ):
        task = progress.add_task(f"{len(chosen)} attacks, {AT_ONCE} at a time")
        names = sorted((attack.name for attack in chosen), key=_turn)
        begun = [pool.submit(run_one, name, quick=quick) for name in names]
        for number, ended in enumerate(as_completed(begun), 1):
            judged = ended.result()
            progress.update(task, description=f"{number} of {len(chosen)} attacks")
            broke = f", the gateway broke: {judged.broke}" if judged.broke else ""
            console.print(f"{judged.name}, {judged.seconds:.0f} s{broke}")
            yield judged


def _turn(name: str) -> int:
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def _table(lines: Mapping[str, Mapping[str, Score]], served: Mapping[str, float | None]) -> Table:
    table = Table(
        title="What each attack attains (known for certain | right guess, beside the honest guess)",
        caption="n: targets. + the target is met, ! it is not, - no such figures. "
        "Differencing: share of right answers, 0.5 is guessing.",
    )
    for name in ("attack", *COLUMNS, "served by ours"):
        table.add_column(name)
    for name, methods in lines.items():
        share = served.get(name.partition(":")[0])
        cells = [_cell(methods.get(column)) for column in COLUMNS]
        table.add_row(name, *cells, "-" if share is None else f"{share:.0%}")
    return table


def _cell(score: Score | None) -> str:
    if score is None or not score.tried:
        return "-"
    mark = "[green]+[/green]" if score.holds else "[red]![/red]"
    if score.kind == "differencing":
        return f"{mark} {score.rate:.3f} ±{score.margin:.3f} n={score.tried}"
    known = "" if score.kind == "attribute" else f"{score.known:.0%} | "
    return f"{mark} {known}{score.rate:.3f} : {score.honest:.3f} n={score.tried}"


def _is_as_it_has_to_be(
    chosen: list[Attack], found: Mapping[str, Scores], served: Mapping[str, float | None]
) -> bool:
    """Ours holds in every line though it answers, and no attack fails everywhere."""
    as_it_has_to_be = True
    for attack in chosen:
        scores = found[attack.name]
        if not scores or served.get(attack.name) == 0:
            print(f"{attack.name}: not judged, nothing was answered", file=sys.stderr)
            as_it_has_to_be = False
            continue
        broken = [name for name, m in lines_of(attack, scores) if not m[OURS].holds]
        works = any(
            not score.holds
            for methods in scores.values()
            for method, score in methods.items()
            if method != OURS
        )
        if broken or not works:
            said = f"does not hold: {', '.join(broken)}" if broken else "works nowhere: a bad test"
            print(f"{attack.name}: {said}", file=sys.stderr)
            as_it_has_to_be = False
    return as_it_has_to_be


if __name__ == "__main__":
    sys.exit(main())
