"""Each kind of output, attacked: what is done to a frame that is safe, and what becomes of which cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from gateway.disclosure import Unprotectable
from gateway.disclosure import outputs as guard
from tests.spec.outputs_asked import GUARDS, KEY, REGISTER, RULES, families

title = "An attack on an output gets nothing"


def one_dominates(frame: pl.DataFrame) -> pl.DataFrame:
    huge = pl.when(pl.col("family") < 2).then(10**11).otherwise(pl.col("perturbed_pence"))
    return frame.with_columns(perturbed_pence=huge)


# kind, attack, what is done to the frame, the cells that are looked at, what becomes of them
ATTACKS: list[tuple[str, str, Callable[[pl.DataFrame], pl.DataFrame], dict[str, str], str]] = [
    ("means", "a family makes the sum", one_dominates, {"measure": "cost"}, "withheld"),
    ("change", "a family makes the sum", one_dominates, {"measure": "percent"}, "withheld"),
    ("map", "a family makes the sum", one_dominates, {"measure": "cost", "area": "n1"}, "withheld"),
    (
        "profiles",
        "a family makes the sum",
        one_dominates,
        {"type": "young", "measure": "cost_per_family"},
        "withheld",
    ),
    (
        "change",
        "one family left between the periods",
        lambda f: f.filter((pl.col("family") != 1) | (pl.col("period") == "before")),
        {"district": "north"},
        "withheld",
    ),
    (
        "change",
        "ten families left between the periods",
        lambda f: f.filter((pl.col("family") >= 20) | (pl.col("period") == "before")),
        {"district": "north"},
        "shown",
    ),
    (
        "rates",
        "all have it",
        lambda f: f.with_columns(has_debt=pl.lit(True)),
        {"measure": "share"},
        "withheld",
    ),
    (
        "rates",
        "all but nine have it",
        lambda f: f.with_columns(has_debt=pl.col("family") >= 18),
        {"measure": "share"},
        "withheld",
    ),
    (
        "rates",
        "nine have it",
        lambda f: f.with_columns(has_debt=pl.col("family") < 18),
        {"measure": "share"},
        "withheld",
    ),
    (
        "percentiles",
        "nineteen families",
        lambda f: f.filter((pl.col("district") == "south") | (pl.col("family") < 38)),
        {"district": "north"},
        "withheld",
    ),
    (
        "percentiles",
        "twenty families: the median alone",
        lambda f: f.filter((pl.col("district") == "south") | (pl.col("family") < 40)),
        {"district": "north", "percentile": "50"},
        "shown",
    ),
    (
        "percentiles",
        "all but nine pay nothing",
        lambda f: f.with_columns(
            perturbed_pence=pl.when(pl.col("family") < 18)
            .then(pl.col("perturbed_pence"))
            .otherwise(0)
        ),
        {"measure": "cost"},
        "withheld",
    ),
    (
        "overlap",
        "all whom housing knows are known to the police",
        lambda f: f.filter((pl.col("agency") != "housing") | (pl.col("family") // 8 % 8 >= 6)),
        {"known_to": "housing+police", "reading": "at least"},
        "withheld",
    ),
    (
        "overlap of people",
        "forty people of nine families",
        lambda f: pl.concat(
            [
                f.filter(pl.col("family") // 8 % 8 != 7),
                *(
                    f.filter(
                        (pl.col("family") // 8 % 8 == 7) & (pl.col("family") % 8 < 3)
                    ).with_columns(person=pl.col("person") + i)
                    for i in range(5)
                ),
            ]
        ),
        {"known_to": "health+housing+police", "reading": "only"},
        "withheld",
    ),
    (
        "sequences",
        "one family's path",
        lambda f: f.filter((pl.col("state") != "independent") | (pl.col("family") == 4)),
        {"step 1": "stuck", "step 2": "moving", "step 3": "independent"},
        "absent",
    ),
    (
        "sequences",
        "one family's path: those who did not go on",
        lambda f: f.filter((pl.col("state") != "independent") | (pl.col("family") == 4)),
        {"step 1": "stuck", "step 2": "moving", "step 3": "(end)"},
        "absent",
    ),
    (
        "sequences",
        "all but nine went on",
        lambda f: f.filter((pl.col("state") != "moving") | (pl.col("family") < 118)),
        {"step 1": "stuck", "step 2": "moving", "step 3": "independent"},
        "shown",
    ),
    (
        "profiles",
        "a type of twenty-nine",
        lambda f: f.filter((pl.col("type") != "young") | (pl.col("family") < 87)),
        {"type": "young"},
        "withheld",
    ),
    (
        "profiles",
        "a type of twenty-nine: the smallest beside it",
        lambda f: f.filter((pl.col("type") != "young") | (pl.col("family") < 87)),
        {"type": "early", "measure": "cost_per_family"},
        "withheld",
    ),
    (
        "survival",
        "nine events",
        lambda f: f.with_columns(event=pl.col("family") < 18),
        {"measure": "survival"},
        "withheld",
    ),
    (
        "survival",
        "all have had it at the end",
        lambda f: f.with_columns(event=pl.lit(True), time=pl.col("time").clip(0, 11)),
        {"to": "12"},
        "withheld",
    ),
    (
        "map",
        "an area of nine",
        lambda f: f.filter((pl.col("area") != "n1") | (pl.col("family") < 45)),
        {"area": "n1"},
        "withheld",
    ),
    (
        "map",
        "an area of nine: the smallest beside it",
        lambda f: f.filter(
            ((pl.col("area") != "n1") | (pl.col("family") < 45))
            & ((pl.col("area") != "n2") | (pl.col("family") < 150))
        ),
        {"area": "n2"},
        "withheld",
    ),
    (
        "map",
        "an area of nine: the other district",
        lambda f: f.filter((pl.col("area") != "n1") | (pl.col("family") < 45)),
        {"area": "s1"},
        "shown",
    ),
]


@pytest.mark.parametrize(
    ("kind", "change", "where", "becomes"),
    [(a[0], *a[2:]) for a in ATTACKS],
    ids=[f"{a[0]}: {a[1]}" for a in ATTACKS],
)
def test_the_attack_gets_nothing(
    kind: str, change: Callable[[pl.DataFrame], pl.DataFrame], where: dict[str, str], becomes: str
) -> None:
    prepare, ask = GUARDS[kind]
    released = ask(change(prepare(families())))
    cells = [c for c in released.cells if where.items() <= {**c.keys, "measure": c.measure}.items()]
    if becomes == "absent":
        assert not cells
        return
    assert cells
    assert {c.is_withheld for c in cells} == {becomes == "withheld"}, (
        released.to_pandas().to_string()
    )


REGRESSIONS = [
    ("a design of one's own", "mine@1", lambda f: f, "refused"),
    ("a list of designs", ["cost@1"], lambda f: f, "refused"),
    ("one family's dummy, registered by mistake", "one@1", lambda f: f, "withheld"),
    ("a column that follows from another", "twice@1", lambda f: f, "withheld"),
    ("a table of means in disguise", "cells@1", lambda f: f, "refused"),
    (
        "nine families in an arm",
        "cost@1",
        lambda f: f.filter((pl.col("arm") != "accepted") | (pl.col("family") < 19)),
        "withheld",
    ),
    ("nineteen families in all", "cost@1", lambda f: f.head(13), "withheld"),
    (
        "one family with a hundred issues",
        "cost@1",
        lambda f: f.with_columns(
            issues=pl.when(pl.col("family") == 3).then(1000).otherwise(pl.col("issues"))
        ),
        "withheld",
    ),
    (
        "an outcome that the design gives exactly",
        "cost@1",
        lambda f: f.with_columns(perturbed_pence=pl.col("issues") * 10_000),
        "withheld",
    ),
    (
        "one family's rows a hundred times",
        "cost@1",
        lambda f: pl.concat([f] + [f.head(1)] * 100),
        "withheld",
    ),
]


@pytest.mark.parametrize(
    ("design", "change", "becomes"), [r[1:] for r in REGRESSIONS], ids=[r[0] for r in REGRESSIONS]
)
def test_a_regression_singles_nobody_out(
    design: Any, change: Callable[[pl.DataFrame], pl.DataFrame], becomes: str
) -> None:
    try:
        released = guard.regress(change(families()), design, REGISTER, RULES, KEY)
    except Unprotectable:
        assert becomes == "refused"
        return
    assert becomes == "withheld"
    assert all(c.is_withheld for c in released.cells)
    assert released.about["families"] is None
    assert released.about["r_squared"] is None
