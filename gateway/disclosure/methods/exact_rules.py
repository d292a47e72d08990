"""The terms of exact margins with suppression. In: a protocol's numbers. Out: frozen `ExactRules`, never below the floors."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .limits import LEAST_CELL, require_limits, require_whole

LARGEST = 1_000_000


@dataclass(frozen=True)
class ExactRules:
    """What is demanded of a one-off table of exact figures.

    `min_cell` families behind every figure; counts rounded to `rounding` and costs to `cost_rounding_gbp` pounds, where 1
    is exact. The table has its totals, and they are as exact.
    """

    min_cell: int = 10
    rounding: int = 1
    cost_rounding_gbp: int = 1
    max_dimensions: int = 3
    max_cells: int = 500

    def __post_init__(self) -> None:
        """Raises `Unprotectable` for a number below its floor."""
        require_whole("min_cell", self.min_cell, LEAST_CELL, LARGEST)
        require_whole("rounding", self.rounding, 1, LARGEST)
        require_whole("cost_rounding_gbp", self.cost_rounding_gbp, 1, LARGEST)
        require_limits(self)

    def to_dict(self) -> dict[str, object]:
        """The rules for a release's metadata."""
        return asdict(self)
