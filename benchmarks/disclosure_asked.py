"""A county that was asked hundreds of questions: what the nightly attack then finds, and how many cells are still served.

In: how many families, questions, seeds. Out: groups drawn and passed by what is known of whom, and the worst share of a limit.
The questions are drawn from the shipped catalogue: any breakdown, cohort, period and agencies that are offered. Some minutes, so no
part of `make bench`. Run: python -m benchmarks.disclosure_asked [--families N] [--questions N] [--json]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.progress import track

from gateway.disclosure import Ledger, Rules, Unprotectable, protect_table
from gateway.disclosure.attack import Effort, Notebook, attack
from gateway.disclosure.attack.attack import PINNED
from gateway.disclosure.ledger import served_cells
from gateway.evaluation import exact_table
from gateway.questions import Question
from tests.redteam.disclosure.population import as_arrow, make_population, order_key
from tests.redteam.disclosure.random_questions import questions_of

KEY = b"a key that is at least 32 bytes ."
FAMILIES, QUESTIONS, ATTACKS = 3_000, 400, 6


def measure_asked(
    families: int = FAMILIES, questions: int = QUESTIONS, seed: int = 1
) -> dict[str, Any]:
    """Answered questions, the share of cells served, and by line of the attack the groups drawn, passed and the worst share."""
    vintage = as_arrow(make_population(families, seed).frozen(order_key(seed)).tables)
    ledger, left = Ledger(), Notebook()
    drawn, cells, served, answered = questions_of(seed), 0, 0, 0
    for number in track(range(questions), "asking", console=Console(stderr=True)):
        try:
            exact = exact_table(vintage, Question.from_mapping(next(drawn)), members=True)
            protected = protect_table(exact, Rules(), KEY, ledger)
        except Unprotectable:
            continue
        shown = served_cells(exact, protected)
        ledger.enter(exact, shown)
        left.write(number, exact, protected)
        answered += 1
        cells += sum(flags.size for flags in shown.values())
        served += sum(int(flags.sum()) for flags in shown.values())
    return {
        "families": families,
        "answered": answered,
        "served": served / cells,
        "lines": dict(_found(left)),
    }


def _found(left: Notebook) -> Iterator[tuple[str, dict[str, float]]]:
    """Several attacks, each with a draw of its own; bounds are left out, which would be programmes for minutes."""
    lines: dict[str, list[Any]] = {}
    for seed in range(ATTACKS):
        for each in attack(left, seed, Effort(programmes=0)):
            if each.of != PINNED:
                lines.setdefault(f"{each.of}: {each.about}", []).append(each)
    for name, each_of in lines.items():
        yield (
            name,
            {
                "drawn": sum(each.drawn for each in each_of),
                "passed": sum(each.passed for each in each_of),
                "most": max(each.most for each in each_of),
            },
        )


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.disclosure_asked")
    parser.add_argument("--families", type=int, default=FAMILIES)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    told = measure_asked(given.families, given.questions)
    if given.json:
        print(json.dumps(told, indent=2))
        return
    print(f"{told['answered']} questions answered, {told['served']:.1%} of cells served")
    for name, line in told["lines"].items():
        most = f"{line['most']:.1%} of the limit"
        print(f"{name}: {line['passed']} of {line['drawn']} passed, the nearest at {most}")


if __name__ == "__main__":
    main()
