"""The general tracker: a forbidden set is padded with a large one, and the large one is taken off again.

Source: Denning, Denning and Schwartz, "The tracker: a threat to statistical database security" (ACM TODS 1979); Denning and
Schloerer, "A fast procedure for finding a tracker in a statistical database" (ACM TODS 1980). A question has no OR, but
`where` with several agencies is one: q(only A) = q(A or T) - q(T), and q(A and B) = q(A) + q(B) - q(A or B). Background
knowledge: none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from tests.redteam.disclosure.asker import Answers, Asker
from tests.redteam.disclosure.knowledge import AGENCIES, table
from tests.redteam.disclosure.margins import small_places
from tests.redteam.disclosure.sums import Claim, Target, cell, count_claim, minus, plus

BY = ("district", "issues")


def attack(asker: Asker, pairs: int = 15) -> list[Claim]:
    """Counts of the families of a cell that only one agency, only two agencies, or both of two agencies met."""
    answers = Answers(asker)
    claims = []
    for place in small_places(BY):
        for target in _targets(place, pairs):
            claim = count_claim(answers, target)
            if claim is not None:
                claims.append(claim)
    return claims


def _targets(place: tuple[tuple[str, str], ...], pairs: int) -> Iterator[Target]:
    def met(*agencies: str) -> Target:
        return cell(table("families", by=BY, agencies=tuple(sorted(agencies))), "families", place)

    rest = {a: tuple(b for b in AGENCIES if b != a) for a in AGENCIES}
    for agency in AGENCIES:
        yield minus(met(*AGENCIES), met(*rest[agency]))
    for one, two in list(combinations(AGENCIES, 2))[:pairs]:
        yield minus(met(*AGENCIES), met(*(a for a in AGENCIES if a not in (one, two))))
        yield minus(plus(met(one), met(two)), met(one, two))
