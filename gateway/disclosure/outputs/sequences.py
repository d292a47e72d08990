"""Transitions and sequences: how many families go from one state to the next, up to three states, and never one family's path.

In: rows of states in order. Out: a tree of paths; each is a cell with the count rules. Rare ones are one cell "(other)" in their line;
where that is itself too small it is withheld together with the smallest path shown, so that the line does not tell it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.protected import WITHHELD, Cell
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Dimension

from .contributions import Codes, Contributions, read, require_dimensions
from .guarded import Behind, Guarded, assemble
from .sets import incidence, released_counts, too_near

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

DEEPEST = 3
OTHER, END, ANY = "(other)", "(end)", "(any)"
Path = tuple[str, ...]
Families = frozenset[int]


def sequences(
    frame: pl.DataFrame | pd.DataFrame,
    state: Dimension,
    rules: Rules,
    key: bytes,
    *,
    depth: int = 2,
    from_start: bool = False,
    family: str = "family",
    unit: str | None = None,
    order: str = "on",
) -> Guarded:
    """Families with each path of up to `depth` states (2: transitions), anywhere in the journey or from its start.

    `frame`: one row for each state a family (or `unit`, a person) was in, `order` its day or number; the same state twice running
    is one. Keys `step 1` to `step n`; "(any)" closes a shorter path, "(end)" says that the journey ended there.
    """
    require_key(key)
    if type(depth) is not int or depth not in range(1, DEEPEST + 1):
        raise Unprotectable("depth", "too_deep", f"1 to {DEEPEST} states")
    (states,) = require_dimensions([state])
    if {OTHER, END, ANY} & set(states.categories):
        raise Unprotectable(states.name, "categories", "a name is kept for the answer")
    rows = read(frame, family)
    paths = _paths(rows, states, unit, order, depth, from_start=from_start)
    everyone = frozenset(range(rows.families))
    tree = _Tree(paths, states, rules.min_cell, depth)
    tree.grow((), everyone)
    if len(tree.cells) > rules.max_cells:
        raise Unprotectable("depth", "too_fine", "more paths than the rules allow")
    return _released(tree, rows, rules, key, depth)


def _paths(
    rows: Contributions,
    states: Dimension,
    unit: str | None,
    order: str,
    depth: int,
    *,
    from_start: bool,
) -> Mapping[Path, Families]:
    """Who has each path. A journey that stops short of `depth` ends with END."""
    codes, ranks = rows.codes(states), rows.order(order)
    units = rows.family if unit is None else rows.ids_of(unit)
    found: dict[Path, set[int]] = {}
    place = np.lexsort((codes, ranks, rows.family, units))
    owner = np.stack([units[place], rows.family[place]])
    starts = np.flatnonzero(np.append(True, (owner[:, 1:] != owner[:, :-1]).any(axis=0)))
    for journey in np.split(place, starts[1:]) if len(place) else []:
        visited = _visited(codes[journey], states)
        for at in range(1 if from_start else len(visited) - 1):
            part = visited[at : at + depth]
            for length in range(1, len(part) + 1):
                found.setdefault(part[:length], set()).add(int(rows.family[journey[0]]))
    return {path: frozenset(who) for path, who in found.items()}


def _visited(codes: Codes, states: Dimension) -> Path:
    changed = np.append(True, codes[1:] != codes[:-1])
    return (*(states.categories[c] for c in codes[changed].tolist()), END)


@dataclass
class _Tree:
    """Grows line by line: the states that follow one path."""

    paths: Mapping[Path, Families]
    states: Dimension
    min_cell: int
    depth: int
    cells: list[tuple[Path, Families, bool]] = field(default_factory=list)

    def grow(self, path: Path, behind: Families) -> None:
        """Adds the paths that go on from `path`, and theirs."""
        names = [*self.states.categories, *([END] if path else [])]
        following = {n: self.paths.get((*path, n), frozenset()) for n in names}
        shown = {n: who for n, who in following.items() if self._is_safe(who, behind)}
        rest = frozenset().union(*(who for n, who in following.items() if n not in shown))
        other = self._is_safe(rest, behind)
        smallest = None if other or not shown else min(shown, key=lambda n: (len(shown[n]), n))
        for name, who in shown.items():
            self.cells.append(((*path, name), who, name != smallest))
            if name != smallest and name != END and len(path) + 1 < self.depth:
                self.grow((*path, name), who)
        self.cells.append(((*path, OTHER), rest, other))

    def _is_safe(self, who: Families, line: Families) -> bool:
        outside = len(line - who)
        # That all who came this far went on alike says something of each of them.
        whole = outside == 0 and not self.states.sensitive
        return len(who) >= self.min_cell and (outside >= self.min_cell or whole)


def _released(tree: _Tree, rows: Contributions, rules: Rules, key: bytes, depth: int) -> Guarded:
    counts = np.array([len(who) for _, who, _ in tree.cells], dtype=np.int64)
    family = np.array([f for _, who, _ in tree.cells for f in sorted(who)], dtype=np.int64)
    place = np.repeat(np.arange(len(tree.cells)), counts)
    members = incidence(place, family, (len(tree.cells), rows.families))
    safe = np.array([is_safe for *_, is_safe in tree.cells], dtype=np.bool_)
    candidates = members[np.flatnonzero(safe), :]
    safe[safe] = ~too_near(candidates, rules.min_cell)
    figures = released_counts(members, rows.ids, rules, key)
    names = [f"step {i + 1}" for i in range(depth)]
    cells = [
        Cell(
            dict(zip(names, (*path, *[ANY] * (depth - len(path))), strict=True)),
            "families",
            int(figure) if is_safe else None,
            None if is_safe else WITHHELD,
        )
        for (path, _, _), figure, is_safe in zip(tree.cells, figures, safe, strict=True)
    ]
    behind = Behind(rows.ids, members, np.arange(len(cells)))
    return assemble("sequences", names, cells, behind, rules)
