"""A small set is withheld: rows of earlier questions, the new question, and whether its figure would say how small."""

from __future__ import annotations

import pytest

from gateway.disclosure import Rules, protect_table
from tests.spec.ledger_asked import KEY, Ask, answers, value

title = "Beside a withheld small set nothing is shown that tells how small it is"


@pytest.mark.parametrize(
    ("before", "new", "figure"),
    [
        # Nine are withheld; whoever is shown ten of which they are nine knows that there is a tenth.
        ([], Ask(0, 10), "own"),
        ([Ask(0, 9)], Ask(0, 10), "none"),
        ([Ask(0, 9)], Ask(0, 12), "none"),
        ([Ask(0, 9)], Ask(0, 13), "own"),
        ([Ask(0, 7)], Ask(0, 10), "none"),
        ([Ask(0, 6)], Ask(0, 10), "own"),
        ([Ask(0, 9)], Ask(1, 11), "none"),
        # Not even with the figure of an earlier set: it would say that they are just near enough to that one.
        ([Ask(0, 18), Ask(0, 8)], Ask(0, 10), "none"),
        ([Ask(0, 18)], Ask(0, 10), "earlier"),
        # A small set a step from one that stands shows the same as well, and a second step nothing: else the step would tell.
        ([Ask(0, 18), Ask(0, 9)], Ask(0, 8), "earlier"),
        ([Ask(0, 18), Ask(0, 9), Ask(0, 8)], Ask(0, 6), "earlier"),
        ([Ask(0, 18), Ask(0, 9), Ask(0, 8)], Ask(0, 5), "none"),
        # What was shown stays shown, and the nine are then answered as the ten were.
        ([Ask(0, 10)], Ask(0, 9), "earlier"),
        ([Ask(0, 10), Ask(0, 9)], Ask(0, 10), "earlier"),
    ],
)
def test_beside_a_withheld_small_set_nothing_is_shown_that_tells_how_small(
    before: list[Ask], new: Ask, figure: str
) -> None:
    *earlier, last = answers(*before, new)
    told = {
        "own": value(protect_table(new.exact(), Rules(), KEY)),
        "none": None,
        "earlier": value(earlier[0]) if earlier else None,
    }
    assert value(last) == told[figure]
    assert (value(last) is None) == (figure == "none")
