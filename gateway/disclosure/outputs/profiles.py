"""Profiles of family types: how many are of each type, what they have in common, what they cost; never who is typical.

In: one row a family with its type. Out: the share of each type, shares of what its families have, mean costs, to two significant
figures, of types of at least thirty families. Never a medoid, a centre in other than released figures, or a family's type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Dimension

from .answer import Answer
from .contributions import read, require_dimensions
from .figures import significant
from .grid import Grid, Part
from .guarded import Guarded
from .rates import having, require_columns
from .sets import released_counts

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

LEAST_FAMILIES = 30
DIGITS = 2


def profiles(
    frame: pl.DataFrame | pd.DataFrame,
    types: Dimension,
    rules: Rules,
    key: bytes,
    *,
    has: Sequence[str] = (),
    costs: Sequence[str] = (),
    family: str = "family",
) -> Guarded:
    """Keys `type` and `feature`; measures families, share_of_all, share (of the type having it), cost_per_family in pounds.

    `has`: columns of true or false. `costs`: columns of perturbed pence. A type of fewer than thirty families has no figure, and
    types that could be told from the others have none. Raises `Unprotectable`, also for a family that stands twice.
    """
    require_key(key)
    rows = read(frame, family)
    (dimension,) = require_dimensions([types])
    flags = require_columns(has) if has else ()
    pence = require_columns(costs) if costs else ()
    if len(rows.family) != rows.families or set(flags) & set(pence):
        raise Unprotectable(family, "not_unique", "each family stands once, each column too")
    # With the line rule on counts too: a withheld type is the rest that the shares leave.
    strict = replace(rules, min_cell=max(rules.min_cell, LEAST_FAMILIES), secondary="all")
    grid = Grid.of(rows, (dimension,), strict)
    whole = grid.counts(strict, key)
    answer = Answer(rows)
    _add_types(answer, grid, whole, strict, key)
    for column in flags:
        _add_feature(answer, grid, whole, column, rules, key)
    for column in pence:
        _add_cost(answer, grid, whole, column, strict)
    return answer.guarded("profiles", ("type", "feature"), rules)


def _add_types(answer: Answer, grid: Grid, whole: Part, rules: Rules, key: bytes) -> None:
    everyone = grid.kept(()).members()
    of_all = released_counts(everyone, grid.rows.ids, rules, key)[0]
    for i, category in enumerate(grid.dimensions[0].categories):
        keys, own = {"type": category, "feature": "(all)"}, whole.members[[i], :]
        shown = bool(whole.shown[i])
        ratio = significant(min(whole.figures[i] / of_all, 1.0), DIGITS)
        count = int(whole.figures[i]) if shown else None
        answer.add(keys, "families", count, [own], tie="types", is_count=True)
        answer.add(keys, "share_of_all", ratio if shown else None, [own, everyone], tie="types")


def _add_feature(
    answer: Answer, grid: Grid, whole: Part, column: str, rules: Rules, key: bytes
) -> None:
    part = having(grid, whole, grid.rows.flags(column), rules, key)
    for i, category in enumerate(grid.dimensions[0].categories):
        own, everyone = part.members[[i], :], whole.members[[i], :]
        ratio = significant(min(part.figures[i] / whole.figures[i], 1.0), DIGITS)
        shown = bool(part.shown[i] and whole.shown[i])
        keys = {"type": category, "feature": column}
        answer.add(keys, "share", ratio if shown else None, [own, everyone], is_count=True)


def _add_cost(answer: Answer, grid: Grid, whole: Part, column: str, rules: Rules) -> None:
    part = grid.costs(grid.rows.pence(column), rules, unsafe=~whole.shown)
    for i, category in enumerate(grid.dimensions[0].categories):
        shown = bool(part.shown[i] and whole.shown[i])
        each = significant(float(part.figures[i]) / float(whole.figures[i]), DIGITS)
        keys = {"type": category, "feature": column}
        behind = [part.members[[i], :], whole.members[[i], :]]
        low = bool(part.low[i])
        tie = f"costs {column}"
        answer.add(keys, "cost_per_family", each if shown else None, behind, low=low, tie=tie)
