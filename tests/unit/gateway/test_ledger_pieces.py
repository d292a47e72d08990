"""Sums put together from served ones. Families f0, f1, ... have a unit at each of three agencies in each of four quarters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

from gateway.disclosure.ledger.pieces import NOBODYS, Pieces

FAMILIES, AGENCIES, QUARTERS = 40, 3, 4
PAYER = np.repeat(np.arange(FAMILIES), AGENCIES * QUARTERS)
LEAST = 10
ALIKE = np.full(len(PAYER), 100)


def cost(
    agencies: str = "abc", quarters: str = "1234", families: range = range(FAMILIES)
) -> set[int]:
    """The units of some families at some agencies in some quarters; in quarter 4 only the first six families have any."""
    return {
        (family * AGENCIES + "abc".index(a)) * QUARTERS + "1234".index(q)
        for family in families
        for a in agencies
        for q in quarters
        if q != "4" or family < 6
    }


def rows(*sets: set[int]) -> csr_array:
    made = np.zeros((len(sets), FAMILIES * AGENCIES * QUARTERS), dtype=np.int8)
    for row, units in enumerate(sets):
        made[row, sorted(units)] = 1
    return csr_array(made)


def asked(
    pieces: Pieces,
    *sets: set[int],
    payer: NDArray[np.int64] = PAYER,
    pence: NDArray[np.int64] = ALIKE,
) -> list[bool]:
    return pieces.admissible(rows(*sets), payer, pence, np.arange(len(sets)), LEAST).tolist()


def served(*sets: set[int], payer: NDArray[np.int64] = PAYER) -> Pieces:
    pieces = Pieces()
    pieces.take(rows(*sets), payer, np.arange(len(sets)))
    return pieces


QUARTERLY = (cost("a", "1"), cost("a", "2"), cost("a", "3"))


@pytest.mark.parametrize(
    ("before", "new", "may"),
    [
        # Two quarters and the few of the last one, though no single cell and no whole line is near.
        (QUARTERLY, cost("a", "234"), False),
        (QUARTERLY, cost("a", "1234"), False),
        (QUARTERLY, cost("a", "23"), True),
        (QUARTERLY[:2], cost("a", "234"), True),
        # The other way round: the figure first, and the piece that was lacking.
        ((cost("a", "234"), QUARTERLY[1]), QUARTERLY[2], False),
        ((cost("a", "234"),), QUARTERLY[2], True),
        # Two agencies of three.
        ((cost("a", "123"), cost("b", "123"), cost("c", "123")), cost("ab"), False),
        ((cost("a", "123"), cost("b", "123")), cost("abc"), True),
        # Ten families more are a figure of their own, nine are not.
        ((cost("a", "1", range(20)), cost("b", "1", range(20))), cost("ab", "1", range(30)), True),
        ((cost("a", "1", range(20)), cost("b", "1", range(20))), cost("ab", "1", range(29)), False),
        # Pieces that overlap are not added up.
        ((cost("ab", "12"), cost("bc", "12")), cost("abc", "12"), True),
        ((), cost("a", "4"), True),
    ],
)
def test_what_may_be_served_beside_its_pieces(
    before: tuple[set[int], ...], new: set[int], may: bool
) -> None:
    assert asked(served(*before), new) == [may]


def test_the_pieces_of_one_table_are_looked_at_one_after_the_other() -> None:
    pieces = served(cost("a", "234"))
    assert asked(pieces, *QUARTERLY) == [True, True, False]
    # What was only looked at leaves nothing behind.
    assert asked(pieces, *QUARTERLY[::-1]) == [True, False, True]


def costly(*sums: tuple[int, int], refunds: bool = False) -> NDArray[np.int64]:
    """What the units come to where these families cost so much more at agency c in quarter 1."""
    pence = ALIKE.copy()
    for family, more in sums:
        pence[sorted(cost("c", "1", range(family, family + 1)))] += more
    if refunds:
        pence[sorted(cost("a", "2", range(1)))] = -100
    return pence


@pytest.mark.parametrize(
    ("pence", "may"),
    [
        (ALIKE, True),
        # Of the 4,000 that all pay c, one family pays more as well: up to six tenths of all.
        (costly((0, 5_500)), True),
        (costly((0, 6_500)), False),
        (costly((0, 200_000)), False),
        # Two pay nine tenths; or the rest is not a tenth of the largest.
        (costly((0, 20_000), (1, 20_000)), False),
        # Where costs and refunds cancel out pieces are looked at whatever they come to.
        (costly((0, 6_500), refunds=True), False),
    ],
)
def test_what_pieces_leave_is_not_of_a_few_that_nearly_pay_it_alone(
    pence: NDArray[np.int64], may: bool
) -> None:
    """All agencies, less two of them: what the third costs. Whichever comes first, the last is withheld."""
    whole, two = cost("abc", "1"), (cost("a", "1"), cost("b", "1"))
    assert asked(served(*two), whole, pence=pence) == [may]
    assert asked(served(whole, two[0]), two[1], pence=pence) == [may]
    assert all(asked(served(whole), *two, pence=pence)) is may


def test_whose_a_unit_is_stays_known_when_a_table_has_it_not() -> None:
    of_b = np.where(np.arange(len(PAYER)) // QUARTERS % AGENCIES == 1, PAYER, NOBODYS)
    pieces = served(cost("ab", "123"))
    # What is left is agency a's, of forty families.
    assert asked(pieces, cost("b", "123"), payer=of_b) == [True]


def test_a_copy_goes_on_apart() -> None:
    pieces = served(QUARTERLY[0])
    other = pieces.copied()
    other.take(rows(QUARTERLY[1], QUARTERLY[2]), PAYER, np.arange(2))
    assert asked(other, cost("a", "234")) == [False]
    assert asked(pieces, cost("a", "234")) == [True]
