"""Group disclosure: that all of a group have something, or none of them, says it of each member.

Source: Hundepool et al., "Statistical Disclosure Control" (2012), 2.3.3 (group attribute disclosure; zeros and full cells).
Background knowledge: to which group a family belongs. The attack names a group only where what was released leaves no other
way: everybody has the difficulty, or nobody has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.redteam.disclosure.asker import Answers, Asker
from tests.redteam.disclosure.judge import Judge, Score, compare
from tests.redteam.disclosure.knowledge import COHORTS, categories, dropped, table
from tests.redteam.disclosure.sums import Target, cell, minus, total_of

TABLES = (("issue", "issues"), ("district", "issue"))


def attack(asker: Asker) -> list[tuple[Target, bool]]:
    """(families of the group without the difficulty, or with it; whether that is known to be none) for every group."""
    answers = Answers(asker)
    return [each for cohort in COHORTS for by in TABLES for each in _named(answers, by, cohort)]


def _named(answers: Answers, by: tuple[str, str], cohort: str) -> Iterator[tuple[Target, bool]]:
    asked = table("families", by=by, cohort=cohort)
    axis = next(d for d in by if d != "issue")
    whole = table("families", by=(axis,), cohort=cohort)
    for place, _ in list(answers.cells(asked, "families")):
        have = cell(asked, "families", place)
        group = cell(whole, "families", dropped(place, "issue"))
        lack = minus(group, have)
        yield lack, _is_none(answers, [lack])
        shown_by_line = []
        if axis == "issues":
            total = cell(
                table("families", by=("issue",), cohort=cohort), "families", dropped(place, axis)
            )
            here = dict(place)
            others = [
                cell(asked, "families", tuple(sorted({**here, axis: c}.items())))
                for c in categories(axis)
                if c != here[axis]
            ]
            shown_by_line.append(minus(total, *others))
        yield have, _is_none(answers, [have, *shown_by_line])


def _is_none(answers: Answers, routes: list[Target]) -> bool:
    """Whether some route leaves less than one family."""
    for route in routes:
        total = total_of(answers, route)
        if total is not None and total + answers.asker.method.count_reach * len(route) < 1:
            return True
    return False


def judged(judge: Judge, named: list[tuple[Target, bool]]) -> Score:
    """Of groups that truly all have it or all lack it, how many were named. A guess without releases names none."""
    full = [is_known for target, is_known in named if judge.truth(target)[0] == 0]
    return compare("group", full, [False] * len(full), full)
