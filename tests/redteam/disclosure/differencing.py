"""One-family differencing: two questions whose families differ by one family or by nobody; which is it?

Source: Dwork (ICALP 2006) for the game; Asghar and Kaafar, "Averaging attacks on bounded noise-based disclosure control
algorithms" (PoPETs 2020), for keyed noise, where equal sets have equal figures, so that a figure that differs gives the family
away; and Kenthapadi, Mishra and Nissim, "Simulatable auditing" (PODS 2005), for refusals that depend on the data. Background
knowledge: everybody else, and the method. The attacker plays the game with people and a key of the attacker's own first and
learns what each pair of answers means: shown or withheld, more or less or equal, in counts and in costs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.redteam.disclosure.asker import Answers, Asker
from tests.redteam.disclosure.game import PAIRS, Trial
from tests.redteam.disclosure.judge import Score, accuracy

Feature = tuple[object, ...]
Seen = list[tuple[Feature, bool]]


def attack(asker: Asker, trials: Sequence[Trial], *, smaller_first: bool = False) -> Seen:
    """What the answers look like for each trial, with its coin, which only the learner and the judge may read.

    `smaller_first`: the question without the family is asked before the one with it.
    """
    answers = Answers(asker)
    for kind in dict.fromkeys(trial.kind for trial in trials):
        one, two = PAIRS[kind]
        for number, asked in enumerate((two, one) if smaller_first else (one, two)):
            answers.table(asked, number)
    return [(_feature(answers, trial), trial.is_in) for trial in trials]


def _feature(answers: Answers, trial: Trial) -> Feature:
    first, second = PAIRS[trial.kind]
    feature: list[object] = [trial.kind]
    for measure in ("families", "people", "cost"):
        if measure not in first["measures"]:
            continue
        one = answers.value(first, measure, trial.place)
        two = answers.value(second, measure, trial.place, 1)
        feature += [one is None, two is None]
        if one is not None and two is not None:
            step = max(answers.asker.method.cost_reach * 2, 1.0) if measure == "cost" else 1.0
            feature.append(max(-2, min(2, round((one - two) / step))) if one != two else 0)
    return tuple(feature)


def judged(learnt: Sequence[Seen], played: Sequence[Seen]) -> Score:
    """Right guesses in the games played, by what was learnt in other games; a tie is decided for "in"."""
    score: Counter[Feature] = Counter()
    for game in learnt:
        for feature, is_in in game:
            score[feature] += 1 if is_in else -1
    guesses = [(score[feature] >= 0) == is_in for game in played for feature, is_in in game]
    return accuracy("differencing", guesses)


def across(games: Sequence[Seen]) -> Score:
    """Each half of the games is played by what was learnt in the other half."""
    half = len(games) // 2
    one, two = games[:half], games[half:]
    first, second = judged(two, one), judged(one, two)
    tried = first.tried + second.tried
    right = round(first.rate * first.tried) + round(second.rate * second.tried)
    return accuracy("differencing", [True] * right + [False] * (tried - right))
