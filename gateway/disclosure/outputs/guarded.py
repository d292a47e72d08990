"""What every guard of outputs gives back: a protected table, and the set of families behind each figure of it.

In: released cells and who is behind them. Out: `Guarded`, which shows cells, marks and rules and never a family. A ledger reads
`members` and may have further cells withheld. A shown figure of a set under the threshold is an error here, whoever made it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import draw_set_keys
from gateway.disclosure.protected import WITHHELD, Cell, ProtectedTable
from gateway.disclosure.rules import Rules
from gateway.disclosure.threshold import Flags

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_array

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Behind:
    """The families behind the cells: one row of `members` (sets x families, 1 or 0) for each set, `cell` says whose set it is.

    A cell can have several sets: a share has those of its numerator and of its whole. `families`: the ids, one a column.
    """

    families: tuple[int | str, ...] = field(repr=False)
    members: csr_array = field(repr=False)
    cell: Places = field(repr=False)

    def identities(self, key: bytes) -> NDArray[np.uint64]:
        """The keyed identity of each column's family: the same in every output and table under one key."""
        return draw_set_keys(self.families, key, counted="families")[0]


@dataclass(frozen=True)
class Guarded:
    """One output as it may leave. `about`: figures and words that belong to the whole of it, safe to show.

    `tied` (one number a cell): when a cell is withheld later, all cells with its number are, since one follows from the others.
    """

    kind: str
    table: ProtectedTable
    behind: Behind = field(repr=False, compare=False)
    tied: tuple[int, ...] = field(repr=False, compare=False)
    about: Mapping[str, str | int | float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises `Unprotectable` where a figure is shown of which no set, or too small a set, is given."""
        cells = self.table.cells
        sizes = np.diff(self.behind.members.indptr)
        shape = (len(self.behind.cell), len(self.behind.families))
        if self.behind.members.shape != shape or len(self.tied) != len(cells):
            raise Unprotectable(self.kind, "sets", "sets, families or ties do not fit the cells")
        shown = np.array([not cell.is_withheld for cell in cells], dtype=np.bool_)
        has_set = np.zeros(len(cells), dtype=np.bool_)
        has_set[self.behind.cell] = True
        least = self.table.rules.get("min_cell")
        if not isinstance(least, int) or bool((shown & ~has_set).any()):
            raise Unprotectable(self.kind, "sets", "a figure has no set of families behind it")
        if bool((sizes[shown[self.behind.cell]] < least).any()):
            raise Unprotectable(self.kind, "threshold", "a figure of too few families was shown")

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The released cells."""
        return self.table.cells

    @property
    def members(self) -> csr_array:
        """Sets x families; row r is behind `cells[behind.cell[r]]`."""
        return self.behind.members

    @property
    def withheld(self) -> dict[str, int]:
        """Number of withheld cells of each measure."""
        return self.table.withheld

    def without(self, sets: Flags) -> Guarded:
        """The output with the cells of these sets (one flag a row of `members`), and all that are tied to them, withheld."""
        if sets.shape != self.behind.cell.shape or sets.dtype != np.bool_:
            raise Unprotectable(self.kind, "sets", "one flag for each set is expected")
        fallen = {self.tied[cell] for cell in self.behind.cell[sets].tolist()}
        cells = tuple(
            withheld(cell) if tie in fallen else cell
            for cell, tie in zip(self.cells, self.tied, strict=True)
        )
        return replace(self, table=replace(self.table, cells=cells))

    def to_dict(self) -> dict[str, Any]:
        """Plain values: `kind`, `about`, and those of the protected table."""
        return {"kind": self.kind, "about": dict(self.about), **self.table.to_dict()}

    def to_json(self) -> str:
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def to_pandas(self) -> pd.DataFrame:
        """One row a cell: the keys, measure, value (NaN where withheld), mark."""
        return self.table.to_pandas()


def withheld(cell: Cell) -> Cell:
    """The same place without its figure."""
    return replace(cell, value=None, mark=WITHHELD)


def assemble(
    kind: str,
    keys: Sequence[str],
    cells: Sequence[Cell],
    behind: Behind,
    rules: Rules,
    *,
    tied: Sequence[int] | None = None,
    about: Mapping[str, str | int | float | None] | None = None,
) -> Guarded:
    """A `Guarded` of cells in order; without `tied` each cell stands by itself."""
    table = ProtectedTable(
        dimensions=tuple((name, name) for name in keys),
        measures=tuple(dict.fromkeys(cell.measure for cell in cells)),
        cells=tuple(cells),
        rules=rules.to_dict(),
    )
    ties = tuple(range(len(cells))) if tied is None else tuple(tied)
    return Guarded(kind, table, behind, ties, about or {})
