"""The library by itself: tables of a frame with eight dimensions, more than the shipped catalogue offers.

In: a frame, a row for each family, with what everybody knows of it (its quasi-identifiers), a secret and a cost. Out: tables by our
protection with one ledger for all of them, and by the baselines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import polars as pl

from gateway.disclosure import (
    Dimension,
    Rules,
    Unprotectable,
    protect_table,
    tabulate,
)
from gateway.disclosure.ledger import Ledger, served_cells
from tests.redteam.disclosure.asker import Cell, Method
from tests.redteam.disclosure.baselines import METHODS, Protect, release, threshold_only
from tests.redteam.disclosure.baselines import cell_key as by_cell_key
from tests.redteam.disclosure.baselines import drawn_anew as anew
from tests.redteam.disclosure.baselines import rounding_only as by_rounding
from tests.redteam.disclosure.population import NOISE
from tests.redteam.disclosure.running import OURS

SIZES = {
    "area": 7,
    "type": 4,
    "age": 6,
    "tenure": 5,
    "size": 5,
    "work": 4,
    "school": 4,
    "health": 4,
}
# Each dimension at a second, coarser level: neighbouring categories in pairs.
COARSE = {f"{name}_pair": (size + 1) // 2 for name, size in SIZES.items()}
KNOWN = {**SIZES, **COARSE}
SECRET = "secret"
BITS = ("no", "yes")
Measure = Literal["families", "cost"]


def dimension(name: str) -> Dimension:
    """A dimension of the frame; the secret is sensitive."""
    if name == SECRET:
        return Dimension(SECRET, SECRET, BITS, sensitive=True)
    return Dimension(name, name, tuple(str(i) for i in range(KNOWN[name])))


def make_frame(families: int = 1000, seed: int = 0) -> pl.DataFrame:
    """Skewed categories, and a secret that half of the families have, a little more often in some areas and types."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {"family": np.arange(families)}
    for name, size in SIZES.items():
        weights = rng.dirichlet(np.full(size, 6.0))
        columns[name] = rng.choice(size, families, p=weights)
        columns[f"{name}_pair"] = columns[name] // 2
    lean = 0.08 * (columns["area"] % 3 - 1) + 0.08 * (columns["type"] % 2 - 0.5)
    columns[SECRET] = np.array(BITS)[(rng.random(families) < 0.5 + lean).astype(int)]
    frame = pl.DataFrame(columns)
    return frame.with_columns(pl.col(name).cast(pl.String) for name in KNOWN)


class FrameAsker:
    """Tables by one method. Ours keeps one ledger for all that is asked."""

    def __init__(self, frame: pl.DataFrame, method: Method, protect: Protect | None) -> None:
        self.method = method
        self._frame, self._protect = frame, protect
        self._ledger = Ledger()
        self._rules = Rules()

    def table(
        self, names: Sequence[str], measures: Sequence[Measure] = ("families",)
    ) -> list[Cell]:
        """Families, or their costs, by these dimensions; nothing where the library refuses."""
        pence = "perturbed_pence" if self.method.multiplies else "cost_pence"
        by = [dimension(n) for n in names]
        exact = tabulate(self._frame, by, measures, key=NOISE, cost_pence=pence)
        if self._protect is not None:
            return release(exact, self._protect)
        try:
            protected = protect_table(exact, self._rules, NOISE, self._ledger)
        except Unprotectable:
            return []
        self._ledger.enter(exact, served_cells(exact, protected))
        return [Cell(c.keys, c.measure, c.value, c.mark) for c in protected.cells]


def frame_askers(frame: pl.DataFrame, seed: int = 0) -> Mapping[str, FrameAsker]:
    """Ours and every baseline over the same frame."""
    ways: dict[str, Protect] = {
        "threshold only": threshold_only,
        "rounding to 5": by_rounding,
        "cell key": by_cell_key,
        "drawn anew": anew(np.random.default_rng(seed)),
    }
    others = {name: FrameAsker(frame, METHODS[name], way) for name, way in ways.items()}
    return {"ours": FrameAsker(frame, OURS, None), **others}
