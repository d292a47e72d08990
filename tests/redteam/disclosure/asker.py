"""What an attacker has: somebody who answers questions, and what is published about how the answers are made.

In: a question as it is sent to `POST /v1/questions`. Out: the released cells, or `Refused`. Whatever else an attack knows
stands in its own docstring as background knowledge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Body = Mapping[str, Any]
Place = tuple[tuple[str, str], ...]
EVALUATION = "sf-evaluation"


class Refused(Exception):
    """The question was refused; nothing was answered."""


@dataclass(frozen=True)
class Cell:
    """One released place: a value, or a mark that says why there is none."""

    keys: Mapping[str, str]
    measure: str
    value: float | None
    mark: str | None


@dataclass(frozen=True)
class Method:
    """What is public about a method: a fair attacker knows everything but the key.

    `count_reach`, `cost_reach`: a released figure is at most so many families, or pounds, from what it was made of.
    `count_sd`: deviation of a released count. `multiplies`: each family's cost was multiplied by 1 plus or minus 10 to 20 %.
    `least`: families behind every shown cell; 0 where there is no threshold. `withheld_below`: a withheld count is
    certainly under so many; 0 where it may be withheld for another reason.
    """

    name: str
    count_reach: float
    count_sd: float
    cost_reach: float
    multiplies: bool
    least: int
    has_costs: bool = True
    withheld_below: int = 0


class Asker(Protocol):
    """Answers questions by one method; each question is asked in somebody's name for some purpose."""

    method: Method

    def ask(self, question: Body, who: int = 0) -> list[Cell]:
        """The released cells, in the order of the answer. Raises `Refused`."""


class Limited:
    """An asker that answers so many questions and refuses all others, and counts what it shows."""

    def __init__(self, asker: Asker, most: int) -> None:
        self.method = asker.method
        self.cells = self.shown = 0
        self._asker, self._left = asker, most

    def ask(self, question: Body, who: int = 0) -> list[Cell]:
        """The released cells. Raises `Refused`."""
        if self._left <= 0:
            raise Refused("enough")
        self._left -= 1
        answered = self._asker.ask(question, who)
        self.cells += len(answered)
        self.shown += sum(cell.value is not None for cell in answered)
        return answered


@dataclass
class Answers:
    """What an attacker has collected: every question once, refusals as tables without a figure."""

    asker: Asker
    known: dict[str, dict[tuple[str, Place], Cell]] = field(default_factory=dict)

    def table(self, question: Body, who: int = 0) -> dict[tuple[str, Place], Cell]:
        """(measure, place) -> cell; empty where the question was refused."""
        text = json.dumps(question, sort_keys=True)
        if text not in self.known:
            try:
                cells = self.asker.ask(question, who)
            except Refused:
                cells = []
            self.known[text] = {(c.measure, place_of(c.keys)): c for c in cells}
        return self.known[text]

    def value(self, question: Body, measure: str, place: Place = (), who: int = 0) -> float | None:
        """The released figure; None where it is withheld or refused. A low cost counts as 0."""
        cell = self.table(question, who).get((measure, place))
        if cell is None:
            return None
        return 0.0 if cell.mark == "[low]" else cell.value

    def cells(self, question: Body, measure: str, who: int = 0) -> Iterator[tuple[Place, Cell]]:
        """The cells of one measure."""
        for (name, place), cell in self.table(question, who).items():
            if name == measure:
                yield place, cell


def place_of(keys: Mapping[str, str]) -> Place:
    """A place in a form that can be looked up."""
    return tuple(sorted(keys.items()))


def question(
    *measures: str,
    by: Mapping[str, str] | None = None,
    cohort: str = "all-families",
    period: tuple[str, str] | None = ("2024-04", "2026-03"),
    agencies: tuple[str, ...] = (),
    purpose: str = EVALUATION,
) -> dict[str, Any]:
    """The body of a question about families (of `people`, about persons)."""
    body: dict[str, Any] = {
        "purpose": purpose,
        "cohort": cohort,
        "unit": "person" if measures == ("people",) else "family",
        "measures": list(measures),
        "by": dict(by or {}),
    }
    if period:
        body["period"] = {"from": period[0], "to": period[1]}
    if agencies:
        body["where"] = {"agency": list(agencies)}
    return body
