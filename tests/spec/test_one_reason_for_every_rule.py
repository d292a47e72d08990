"""What disclosure control says of what it holds back: the same bytes, whichever rule it was."""

from __future__ import annotations

import json

import polars as pl
import pytest

from gateway.disclosure import Dimension, ProtectedTable, Rules, protect_table, tabulate
from gateway.disclosure.protected import LEGEND, SENTENCE

title = "A withheld figure never says why"

KEY = b"a key that is at least 32 bytes ."

# Rule that withholds the cell (north, police); families of north and of south at police and at health; measure.
RULES = """
nobody is in the cell                    |  0 40 | 50 60 | families
one family                               |  1 40 | 50 60 | families
nine families                            |  9 40 | 50 60 | families
all but one of its line                  | 40  1 | 50 60 | families
all but nine of its line                 | 40  9 | 50 60 | families
the whole of a sensitive line            | 40  0 | 50 60 | families
a second cell beside a small cost        | 30  4 | 50 60 | cost
a small cost                             |  4 30 | 50 60 | cost
no cost at all                           |  0 30 | 50 60 | cost
a quotient whose denominator is withheld |  5 30 | 50 60 | cost_per_family
a quotient whose numerator is withheld   | 30  4 | 50 60 | cost_per_family
"""


def rows() -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in line.split("|")) for line in RULES.strip().split("\n")]


def released(north: str, south: str, measure: str, rules: Rules | None = None) -> ProtectedTable:
    sizes = {
        (district, agency): int(size)
        for district, line in (("north", north), ("south", south))
        for agency, size in zip(("police", "health"), line.split(), strict=True)
    }
    places = [place for place, size in sizes.items() for _ in range(size)]
    frame = pl.DataFrame(
        {
            "district": [place[0] for place in places],
            "agency": [place[1] for place in places],
            "family": range(len(places)),
            "cost_pence": [300_000] * len(places),
        }
    )
    axes = [
        Dimension("district", "district", ("north", "south")),
        Dimension("agency", "agency", ("police", "health"), sensitive=True),
    ]
    exact = tabulate(frame, axes, (measure,), key=KEY)  # type: ignore[arg-type]
    return protect_table(exact, rules or Rules(), KEY)


def said_of(table: ProtectedTable) -> tuple[bytes, bytes, bytes]:
    """All that JSON and CSV say of (north, police) beside its place and measure; and the legend."""
    body = json.loads(table.to_json())
    cell = next(c for c in body["cells"] if c["keys"] == {"district": "north", "agency": "police"})
    del cell["keys"], cell["measure"]
    line = next(x for x in table.to_csv().split("\n") if x.startswith("north,police,"))
    legend = {mark: body["legend"].get(mark) for mark in ("[c]",)}
    return (
        json.dumps(cell).encode(),
        line.split(",", 3)[3].encode(),
        json.dumps(legend).encode(),
    )


EXPECTED = (
    b'{"value": null, "mark": "[c]", "quality": null}',
    b",[c],",
    json.dumps({"[c]": SENTENCE}).encode(),
)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_the_bytes_of_a_withheld_cell_do_not_depend_on_the_rule(row: tuple[str, ...]) -> None:
    assert said_of(released(*row[1:])) == EXPECTED


def test_nor_where_the_line_rule_holds_for_counts_as_well() -> None:
    for north in ("4 30", "30 4"):
        assert said_of(released(north, "50 60", "families", Rules(secondary="all"))) == EXPECTED


def test_the_sentence_stands_in_one_place() -> None:
    assert LEGEND["[c]"] is SENTENCE
    assert "because" not in SENTENCE
