"""Collects the cells of a guard, with the sets behind each and what falls with it. In: figures, flags, sets. Out: `Guarded`.

Every place is added, shown or not: a missing cell would tell what a mark does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.protected import LOW, WITHHELD, Cell
from gateway.disclosure.rules import Rules
from gateway.disclosure.threshold import Flags

from .contributions import Contributions
from .grid import Part
from .guarded import Behind, Guarded, assemble
from .sets import stack, too_near

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass
class Answer:
    """Grows cell by cell. A cell without a `tie` stands by itself."""

    rows: Contributions
    cells: list[Cell] = field(default_factory=list)
    sets: list[csr_array] = field(default_factory=list)
    of: list[int] = field(default_factory=list)
    tied: list[int] = field(default_factory=list)
    counted: list[bool] = field(default_factory=list)

    def add(
        self,
        keys: Mapping[str, str],
        measure: str,
        value: float | None,
        behind: Sequence[csr_array],
        *,
        low: bool = False,
        tie: str | None = None,
        is_count: bool = False,
    ) -> None:
        """One cell: withheld without a value; `behind`: sets of one row each; cells of one `tie` fall together.

        `is_count`: its sets are counted, so two of them may not differ by a few families.
        """
        mark = WITHHELD if value is None else LOW if low else None
        self.counted += [is_count] * len(behind)
        for each in behind:
            self.sets.append(each)
            self.of.append(len(self.cells))
        # Ties count downwards, so that they never meet the number of a cell.
        self.tied.append(len(self.cells) if tie is None else self._tie(tie))
        self.cells.append(Cell(dict(keys), measure, value if mark is None else None, mark))

    def add_part(
        self, places: Sequence[Mapping[str, str]], measure: str, part: Part, tie: str | None = None
    ) -> None:
        """All cells of a part."""
        for i, keys in enumerate(places):
            value = int(part.figures[i]) if part.shown[i] else None
            behind, low = [part.members[[i], :]], bool(part.low[i])
            is_count = measure == "families"
            self.add(keys, measure, value, behind, low=low, tie=tie, is_count=is_count)

    def guarded(
        self,
        kind: str,
        keys: Sequence[str],
        rules: Rules,
        about: Mapping[str, str | int | float | None] | None = None,
    ) -> Guarded:
        """What was collected, without counts that lie a few families apart."""
        behind = Behind(self.rows.ids, stack(self.sets), np.array(self.of, dtype=np.int64))
        made = assemble(kind, keys, self.cells, behind, rules, tied=self.tied, about=about)
        return made.without(self._near(behind, rules))

    def _near(self, behind: Behind, rules: Rules) -> Flags:
        shown = np.array([not self.cells[cell].is_withheld for cell in self.of], dtype=np.bool_)
        asked = np.flatnonzero(shown & np.array(self.counted, dtype=np.bool_))
        near: Flags = np.zeros(len(self.of), dtype=np.bool_)
        near[asked] = too_near(behind.members[asked, :], rules.min_cell)
        return near

    def _tie(self, name: str) -> int:
        self._ties.setdefault(name, -1 - len(self._ties))
        return self._ties[name]

    _ties: dict[str, int] = field(default_factory=dict)
