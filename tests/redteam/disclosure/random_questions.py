"""Hundreds of random questions, and what all the costs that were served tell of those that nobody should know.

Source: the regression attack on linear queries of Dinur and Nissim (PODS 2003), with magnitudes and questions of every kind:
breakdowns, cohorts, periods, agencies. Aims: every cost asked for that is of one to nine families; and in every one that is
dominated, what its dearest family paid. Background knowledge, as much as anybody could have: which family met which agency in
which quarter, and so what each cell is made of; which family is the dearest of a dominated one; what a quarter costs at each
agency, in the mean and in its spread, and in the mean of ordinary ones; the method, and so that a figure told twice of nearly
the same families was made of those it was told of first.

The honest guess knows all this and one figure: the exact cost of the smallest group around the cell that may be published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.questions import Question, QuestionRefused
from gateway.questions.period import Period
from tests.redteam.disclosure.adaptive import SPAN
from tests.redteam.disclosure.asker import Answers, Asker, Body, Method
from tests.redteam.disclosure.cost_units import DOMINATED, FEW, CostUnits, Floats, Members
from tests.redteam.disclosure.judge import LARGEST, WITHIN, Score, compare
from tests.redteam.disclosure.knowledge import AGENCIES, COHORTS, LEVELS, WHOLE, table

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Groups = list[Members]
MEASURES = (("families", "cost"), ("families", "cost"), ("cost",), ("people",))
ONLY_COUNTED = ("families",)
# So many pounds a figure is reckoned to be off where an earlier one may stand for it; from 300 to 100,000 this serves best.
STANDING = {FEW: 10_000.0, DOMINATED: 300.0}
# So many figures are joined at most.
MOST_FIGURES = 4_000


@dataclass(frozen=True)
class Collected:
    """`aims` by kind; what `may` be published; what was `told`, and its `figures` in pounds."""

    aims: Mapping[str, Groups]
    may: Groups
    told: Groups
    figures: Floats


def questions_of(seed: int) -> Iterator[Body]:
    """Questions without end, all of them on offer."""
    rng = np.random.default_rng((seed, 7))
    while True:
        body = _drawn(rng)
        try:
            Question.from_mapping(body)
        except QuestionRefused:
            continue
        yield body


def _drawn(rng: np.random.Generator) -> Body:
    by = tuple(rng.choice(list(LEVELS), rng.choice([1, 2, 2, 2, 3]), replace=False).tolist())
    measures = ONLY_COUNTED if "issue" in by else MEASURES[rng.integers(len(MEASURES))]
    first, last = np.sort(rng.integers(SPAN.first, SPAN.last + 1, 2)).tolist()
    is_narrow = bool(rng.random() < 0.4)
    some = rng.choice(AGENCIES, rng.integers(1, len(AGENCIES)), replace=False).tolist()
    has_agencies = {"agency", "issue", "known_to"}.isdisjoint(by) and rng.random() < 0.5
    return table(
        *measures,
        by=by,
        cohort=str(rng.choice(COHORTS)),
        period=Period(first, last).months if is_narrow else WHOLE,
        agencies=tuple(sorted(some)) if has_agencies else (),
    )


def attack(asker: Asker, units: CostUnits, questions: Sequence[Body]) -> Collected:
    """Asks them one after the other, and looks up what each cell is made of."""
    answers, told, figures = Answers(asker), [], []
    earlier: dict[float, Members] = {}
    found: dict[str | None, dict[bytes, Members]] = {FEW: {}, DOMINATED: {}, None: {}}
    for question in questions:
        if not any(True for _ in answers.cells(question, "cost")):
            continue
        for place, members in units.cells(question):
            if not len(members):
                continue
            found[units.kind(members)][members.tobytes()] = members
            value = answers.value(question, "cost", place)
            if value and not _is_near(units.family[members], earlier.get(value)):
                earlier[value] = units.family[members]
                told.append(members)
                figures.append(value)
    aims = {kind: list(found[kind].values()) for kind in (FEW, DOMINATED)}
    many = slice(MOST_FIGURES)
    return Collected(aims, list(found[None].values()), told[many], np.array(figures[many]))


def judged(units: CostUnits, collected: Collected, method: Method) -> dict[str, Score]:
    """Costs within 10 %, beside the honest guess: a line for each aim."""
    lines = {}
    for kind, groups in collected.aims.items():
        error = max(method.cost_reach, 1.0) + STANDING[kind] * method.multiplies
        best = _by_all(units, collected, groups, error)
        honest, true = _by_one(units, collected.may, groups), _sums(groups, units.pounds)
        clusters = [str(members[0]) for members in groups]
        if kind == DOMINATED:
            dearest = [units.dearest(members) for members in groups]
            others, clusters = [rest for _, rest in dearest], [str(who) for who, _ in dearest]
            true -= _sums(others, units.pounds)
            best, honest = (guess - _sums(others, units.ordinary()) for guess in (best, honest))
        hits, blind = (np.abs(guess - true) <= WITHIN * true for guess in (best, honest))
        lines[kind] = compare("cost", hits.tolist(), blind.tolist(), clusters=clusters)
    return lines


def _is_near(families: Members, earlier: Members | None) -> bool:
    return earlier is not None and len(np.setxor1d(families, earlier)) <= LARGEST


def _by_all(units: CostUnits, collected: Collected, groups: Groups, error: float) -> Floats:
    """The best linear guess of each group from all figures, each so many pounds off."""
    mean, spread = units.expected()
    told, wanted = (_rows(each, len(mean)) for each in (collected.told, groups))
    weighted = told.multiply(spread[None, :] ** 2).tocsr()
    covariance = (weighted @ told.T).toarray()
    covariance[np.diag_indices_from(covariance)] += error**2
    surprise = np.linalg.solve(covariance, collected.figures - told @ mean)
    best: Floats = wanted @ mean + (wanted @ weighted.T) @ surprise
    return best


def _by_one(units: CostUnits, may: Groups, groups: Groups) -> Floats:
    """The same from one exact figure: of the smallest that has all of the group and may be published, if there is any."""
    mean, spread = units.expected()
    around, wanted = (_rows(each, len(mean)) for each in (may, groups))
    has_all = (wanted @ around.T).toarray() == _sizes(groups)[:, None]
    nearest = np.where(has_all, _sizes(may), np.inf).argmin(axis=1)
    share = (wanted @ spread**2) / (around @ spread**2)[nearest]
    surprise = (around @ (units.pounds - mean))[nearest]
    best: Floats = wanted @ mean + np.where(has_all.any(axis=1), share * surprise, 0.0)
    return best


def _sums(groups: Groups, values: Floats) -> Floats:
    return np.array([values[members].sum() for members in groups])


def _sizes(groups: Groups) -> NDArray[np.int64]:
    return np.array([len(members) for members in groups], dtype=np.int64)


def _rows(groups: Groups, columns: int) -> csr_array:
    from scipy.sparse import csr_array

    inside = np.concatenate([*groups, np.zeros(0, dtype=np.int64)])
    start = np.cumsum([0, *map(len, groups)])
    return csr_array((np.ones(len(inside)), inside, start), shape=(len(groups), columns))
