"""How hard the red team tries: the quick form of the matrix and the full one. Out: numbers of vintages, games and questions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How many vintages, games and questions; `each`: the most that one attack asks of one vintage.

    `own_games`: so many of the one-family game are played with ours, where a hundredth counts. `at_random`: random questions.
    """

    vintages: int
    games: int
    own_games: int
    questions: int
    at_random: int
    tables: tuple[int, ...]
    dummies: int
    each: int


QUICK = Effort(
    vintages=1, games=2, own_games=2, questions=200, at_random=40, tables=(30,), dummies=30, each=6
)
FULL = Effort(
    vintages=3,
    games=8,
    own_games=40,
    questions=2000,
    at_random=400,
    tables=(30, 150),
    dummies=100,
    each=10_000,
)
