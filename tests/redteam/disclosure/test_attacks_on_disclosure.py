"""No family in any answer: every attack works against some usual method and not against ours.

The quick form of the matrix (`python -m tests.redteam.disclosure` has all of it): one vintage of 1,000 families for each attack,
through `POST /v1/questions` wherever the question interface is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redteam.disclosure.attacks import ATTACKS, Attack, lines_of
from tests.redteam.disclosure.effort import FULL, QUICK, Effort
from tests.redteam.disclosure.stage import OURS, Stage

title = "No family in any answer"

pytestmark = pytest.mark.xdist_group("redteam-disclosure")

BY_NAME = {attack.name: attack for attack in ATTACKS}
# Many questions, or days that pass: with the long tests only.
HEAVY = {
    "adaptive",
    "other words",
    "reconstruction",
    "costs of few",
    "random questions",
    "objection, next quarter",
    "objection, in other words",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One gateway for all quick attacks; each has a vintage of its own."""
    opened = Stage(tmp_path_factory.mktemp("redteam"), methods=(OURS, "threshold only"))
    yield opened
    opened.close()


def check(attack: Attack, stage: Stage, effort: Effort) -> None:
    """It has to work on some baseline, and ours has to hold."""
    lines = dict(lines_of(attack, attack.scores(stage, effort)))
    assert stage.served() != 0, "who answers nothing withstands everything"
    works = [m for each in lines.values() for m, s in each.items() if m != OURS and not s.holds]
    assert works, "an attack that works nowhere is a bad test"
    broken = {name: each[OURS].to_dict() for name, each in lines.items() if not each[OURS].holds}
    assert broken == {}


@pytest.mark.parametrize("name", [name for name in BY_NAME if name not in HEAVY])
def test_an_attack_works_on_others_and_not_on_ours(name: str, stage: Stage) -> None:
    check(BY_NAME[name], stage, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(BY_NAME))
def test_with_more_vintages_games_and_questions_it_holds_as_well(name: str, tmp_path: Path) -> None:
    attack = BY_NAME[name]
    opened = Stage(tmp_path, methods=(OURS, *attack.against))
    try:
        check(attack, opened, FULL)
    finally:
        opened.close()
