"""A question asked again: of the same vintage the same table, of a newer one what hardly changed stands as it was told.

In: the exact and the protected table of a question on the vintage in force. Out: the protected table, in which figures behind
which fewer than ten families changed are the earlier ones. Older vintages are opened here to see who changed; nothing of them leaves but what has left before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gateway.access import Access
from gateway.disclosure import ExactTable, ProtectedTable, Rules, Unprotectable
from gateway.disclosure.methods import method_name
from gateway.disclosure.protected import WITHHELD, Cell
from gateway.disclosure.tables import Integers
from gateway.disclosure.threshold import inner
from gateway.disclosure.vintages import changed_families, parts_of, standing
from gateway.evaluation import exact_table
from gateway.pipeline.wiring import Wiring
from gateway.questions import Question
from gateway.store.errors import RecordsShredded
from gateway.store.standing import StandingFigures

Place = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Refresh:
    """The answers of one access to questions on one vintage, beside what was told of earlier vintages."""

    access: Access
    wiring: Wiring
    vintage: str
    # By question: the vintage that each cell of its table was made on.
    _made_on: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def told(self, question: Question, rules: Rules) -> ProtectedTable | None:
        """The table that answered the question before, of this vintage and by these rules; for whatever purpose it was asked."""
        asked = question.asked
        table = self.wiring.store.standing.of(self.access, asked, self.vintage)
        if table is None or table["rules"].get("method") != method_name(rules):
            return None
        return ProtectedTable.from_dict(table) if Rules.from_dict(table["rules"]) == rules else None

    def over(
        self, question: Question, exact: ExactTable, protected: ProtectedTable
    ) -> ProtectedTable:
        """The protected table, with the earlier figure wherever it stands.

        `exact` tells who is in which cell. Under other rules than the earlier figure was made by it does not stand, and is
        withheld. Raises Unprotectable where it cannot be told who changed.
        """
        asked = question.asked
        earlier = self.wiring.store.standing.last(self.access, asked, self.vintage)
        if earlier is None:
            self._made_on[asked] = (self.vintage,) * len(protected.cells)
            return protected
        table = ProtectedTable.from_dict(earlier.table)
        told = {_place(c): (c, on) for c, on in zip(table.cells, earlier.made_on, strict=True)}
        stands = self._stands(question, exact, earlier, told, _min_cell(protected))
        same_rules = dict(table.rules) == dict(protected.rules)
        cells, made_on = [], []
        for cell, does_stand in zip(protected.cells, stands, strict=True):
            before, on = told.get(_place(cell), (cell, self.vintage))
            cells.append((before if same_rules else _hidden(cell)) if does_stand else cell)
            made_on.append(on if does_stand else self.vintage)
        self._made_on[asked] = tuple(made_on)
        return replace(protected, cells=tuple(cells))

    def keep(self, question: Question, protected: ProtectedTable) -> None:
        """The table is about to leave: keep what it says, and which figures stand from when. What was told is kept already."""
        asked = question.asked
        if asked in self._made_on:
            table, made_on = protected.to_dict(), self._made_on[asked]
            self.wiring.store.standing.keep(self.access, asked, self.vintage, table, made_on)

    def _stands(
        self,
        question: Question,
        exact: ExactTable,
        earlier: StandingFigures,
        told: Mapping[Place, tuple[Cell, str]],
        min_cell: int,
    ) -> list[bool]:
        """For each cell of the protected table whether it stands; each is held against the vintage it was made on."""
        origins = sorted({earlier.vintage, *earlier.made_on})
        grids = {each: self._changed(question, exact, each) for each in origins}
        names = parts_of(exact)
        merged = {name: grids[earlier.vintage][name].copy() for name in names}
        places = _places(exact)
        for name in names:
            cells = merged[name][inner(len(exact.shape))]
            for at, keys in zip(np.ndindex(exact.shape), places, strict=True):
                # A part that was not asked for itself has the age of what was made of it.
                ages = [told[m, keys][1] for m in (name, *exact.asked) if (m, keys) in told]
                if ages:
                    cells[at] = grids[ages[0]][name][at]
        flags = standing(merged, exact, min_cell)
        return [bool(each) for name in exact.asked for each in flags[name].ravel()]

    def _changed(self, question: Question, exact: ExactTable, vintage: str) -> dict[str, Integers]:
        try:
            tables = self.wiring.store.vintages.open(self.access, vintage)
        except RecordsShredded:
            raise Unprotectable("vintage", "shredded", "it cannot be seen who changed") from None
        old = exact_table(tables, question, self.wiring.catalogue, members=True)
        return {name: changed_families(old, exact, name) for name in parts_of(exact)}


def _place(cell: Cell) -> Place:
    return cell.measure, tuple(sorted(cell.keys.items()))


def _places(exact: ExactTable) -> Sequence[tuple[tuple[str, str], ...]]:
    """The keys of every inner cell in C order, as `_place` has them."""
    return [
        tuple(sorted((d.name, d.categories[i]) for d, i in zip(exact.dimensions, at, strict=True)))
        for at in np.ndindex(exact.shape)
    ]


def _hidden(cell: Cell) -> Cell:
    return replace(cell, value=None, mark=WITHHELD, quality=None)


def _min_cell(protected: ProtectedTable) -> int:
    return int(str(protected.rules["min_cell"]))
