"""An adaptive attacker: drills down to the smallest released cells, asks for what lies just inside or outside, and subtracts.

Source: Cohen and Nissim, "Linear program reconstruction in practice" (J. Privacy and Confidentiality 2020) and Gadotti et al.,
"When the signal is in the noise" (USENIX Security 2019), on attackers who choose the next question by the last answer.
Background knowledge: none. Questions are nodes (breakdown, cohort, agencies, period); a step takes the node whose table has
shown most small cells and changes one thing; each pair of neighbours gives differences, cell by cell.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from gateway.questions.period import Period
from tests.redteam.disclosure.asker import Answers, Asker, Body, Place
from tests.redteam.disclosure.knowledge import AGENCIES, COHORTS, WHOLE, table
from tests.redteam.disclosure.sums import Claim, Target, cell, cost_claim_of, minus, total_of

SMALL = 25
# By what is aimed at: what a pair says of it, the larger cell, the target.
Routes = dict[str, list[tuple[float, Target, Target]]]
SPAN = Period.of_months(*WHOLE)
BREAKDOWNS = (
    *(("district", "issues"), ("issues",), ("agency", "issues"), ("agency", "district", "issues")),
    *(("agency", "district"), ("district", "issue"), ("issue", "issues"), ("issues", "known_to")),
)


@dataclass(frozen=True, order=True)
class Node:
    """A question."""

    by: tuple[str, ...]
    cohort: str = "all-families"
    agencies: tuple[str, ...] = ()
    first: int = SPAN.first
    last: int = SPAN.last

    def body(self) -> Body:
        """As it is asked; costs wherever there are any."""
        measures = ("families",) if "issue" in self.by else ("families", "cost")
        period = Period(self.first, self.last).months
        return table(
            *measures, by=self.by, cohort=self.cohort, agencies=self.agencies, period=period
        )


def attack(asker: Asker, budget: int = 2000, seed: int = 0) -> list[Claim]:
    """Claims of every small count and cost that two or more neighbouring answers give."""
    rng = np.random.default_rng(seed)
    answers, asked = Answers(asker), {}
    heap: list[tuple[float, float, Node]] = []

    def ask(node: Node) -> None:
        if node in asked or len(asked) >= budget:
            return
        cells = answers.table(node.body(), len(asked) % 2)
        values = [c.value for (m, _), c in cells.items() if m == "families" and c.value]
        asked[node] = sum(v <= SMALL for v in values)
        heapq.heappush(heap, (-float(asked[node]), float(rng.random()), node))

    for by in BREAKDOWNS:
        for cohort in COHORTS:
            ask(Node(by, cohort))
    while heap and len(asked) < budget:
        _, _, node = heapq.heappop(heap)
        for other in rng.permutation(np.array([*_neighbours(node)], dtype=object))[:8]:
            ask(other if isinstance(other, Node) else Node(*other))
    return _claims(answers, set(asked))


def _neighbours(node: Node) -> Iterator[Node]:
    """Nodes with one thing changed that contain this one or are contained in it."""
    if "agency" not in node.by and not {"issue", "known_to"} & set(node.by):
        chosen = node.agencies or AGENCIES
        yield replace(node, agencies=AGENCIES)
        for agency in AGENCIES:
            fewer = tuple(a for a in chosen if a != agency)
            yield replace(node, agencies=fewer or AGENCIES)
            yield replace(node, agencies=tuple(sorted({*chosen, agency})))
    for cohort in COHORTS:
        yield replace(node, cohort=cohort)
    if "agency" in node.by or node.agencies or "issue" in node.by:
        if node.first < node.last:
            yield replace(node, last=node.last - 1)
            yield replace(node, first=node.first + 1)
        yield replace(node, last=min(node.last + 1, SPAN.last))


def _claims(answers: Answers, asked: set[Node]) -> list[Claim]:
    """Counts from each pair; costs as the mean of all routes to the same cell."""
    counts: list[Claim] = []
    costs: Routes = defaultdict(list)
    for large, small in _pairs(asked):
        for place in {p for (_, p) in answers.table(large.body())}:
            pair = [cell(n.body(), "families", place) for n in (large, small)]
            total = total_of(answers, minus(*pair))
            if total is not None:
                reach = 2 * answers.asker.method.count_reach
                sd = answers.asker.method.count_sd * 2**0.5
                low, high = max(total - reach, 0), max(total + reach, 0)
                counts.append(Claim(minus(*pair), low, high, total, sd))
            _cost(answers, large, small, place, costs)
    return [*counts, *_cost_claims(answers, costs)]


def _cost(
    answers: Answers,
    large: Node,
    small: Node,
    place: Place,
    costs: Routes,
) -> None:
    if "issue" in large.by or not answers.asker.method.has_costs:
        return
    whole = cell(large.body(), "cost", place)
    total = total_of(answers, minus(whole, cell(small.body(), "cost", place)))
    inside = _inside(large, small, place)
    if total is not None and total > 0 and inside is not None:
        costs[repr(inside)].append((total, whole, inside))


def _inside(large: Node, small: Node, place: Place) -> Target | None:
    """The cell that the difference of two costs is: a cohort's rest, one agency's, one quarter's."""
    if large.cohort != small.cohort:
        return minus(cell(large.body(), "cost", place), cell(small.body(), "cost", place))
    gone = set(large.agencies or AGENCIES) - set(small.agencies or AGENCIES)
    if len(gone) == 1:
        return cell(replace(large, agencies=tuple(gone)).body(), "cost", place)
    if large.agencies == small.agencies and large.first < small.first:
        return cell(replace(large, last=large.first).body(), "cost", place)
    if large.agencies == small.agencies and large.last > small.last:
        return cell(replace(large, first=large.last).body(), "cost", place)
    return None


def _cost_claims(answers: Answers, costs: Routes) -> Iterator[Claim]:
    for found in costs.values():
        mean = sum(total for total, _, _ in found) / len(found)
        _, whole, target = found[0]
        yield cost_claim_of(answers, target, mean, 2, whole, False)


def _pairs(asked: set[Node]) -> Iterator[tuple[Node, Node]]:
    """Larger and smaller question of each pair that differs in one thing by one step."""
    groups: dict[tuple[str, ...], list[Node]] = defaultdict(list)
    for node in asked:
        groups[node.by].append(node)
    for nodes in groups.values():
        for one, two in combinations(sorted(nodes), 2):
            if _is_inside(one, two):
                yield two, one
            elif _is_inside(two, one):
                yield one, two


def _is_inside(small: Node, large: Node) -> bool:
    changes = [
        small.cohort != large.cohort,
        small.agencies != large.agencies,
        (small.first, small.last) != (large.first, large.last),
    ]
    if sum(changes) != 1:
        return False
    if changes[0]:
        return large.cohort == "all-families"
    if changes[1]:
        more, fewer = set(large.agencies or AGENCIES), set(small.agencies or AGENCIES)
        return fewer < more and len(more) - len(fewer) == 1
    within = large.first <= small.first and small.last <= large.last
    return within and (large.last - large.first) - (small.last - small.first) == 1
