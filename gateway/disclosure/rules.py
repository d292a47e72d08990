"""The rules a table is protected under. In: a protocol's numbers. Out: frozen `Rules`.

Never weaker than the floors below: a protocol may ask for more, not for less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from .dominance import HOUSE, DominanceRule
from .errors import Unprotectable

Secondary = Literal["costs", "all"]
# Floors of the method (design: threshold 10, sd 2 clipped at 5, base 5, GBP 500); at most three dimensions are understood.
FLOORS = {
    "min_cell": 10,
    "rounding": 5,
    "cost_rounding_gbp": 500,
    "noise_sd": 2.0,
    "noise_limit": 5.0,
}
MOST_DIMENSIONS = 3
MOST_CELLS = 10_000


@dataclass(frozen=True)
class Rules:
    """What is demanded of every released cell; families are the unit that is protected.

    `min_cell` families; counts with noise N(0, `noise_sd`) clipped at +-`noise_limit`, rounded to `rounding`; costs rounded
    to `cost_rounding_gbp` pounds, and withheld where `dominance` says that few families pay nearly all. `secondary` "costs" holds the line rule for costs only (counts have noise), "all" for both.
    """

    min_cell: int = 10
    rounding: int = 5
    cost_rounding_gbp: int = 500
    noise_sd: float = 2.0
    noise_limit: float = 5.0
    max_dimensions: int = 3
    max_cells: int = 500
    secondary: Secondary = "costs"
    dominance: tuple[DominanceRule, ...] = HOUSE

    def __post_init__(self) -> None:
        """Raises `Unprotectable` for a number below its floor or a method that is not known."""
        for name, floor in FLOORS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= floor:
                raise Unprotectable(name, "below_floor", f"must be a number of at least {floor}")
        if not set(HOUSE) <= set(self.dominance):
            raise Unprotectable("dominance", "below_floor", "the house's own rules are among them")
        if self.secondary not in get_args(Secondary):
            raise Unprotectable("secondary", "unknown_method", "must be one of costs, all")
        if not (0 <= self.max_dimensions <= MOST_DIMENSIONS and 1 <= self.max_cells <= MOST_CELLS):
            raise Unprotectable("max_dimensions, max_cells", "out_of_range", "0 to 3, 1 to 10000")

    def to_dict(self) -> dict[str, object]:
        """The rules for a release's metadata."""
        # As it is read back from JSON: releases are compared by their rules.
        return asdict(self) | {"dominance": [asdict(rule) for rule in self.dominance]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Rules:
        """The rules of a release's metadata; what is no rule is passed over, what is missing is the house's."""
        numbers = {name: told[name] for name in cls.__dataclass_fields__ if name in told}
        if "dominance" in numbers:
            stated = (DominanceRule(**rule) for rule in numbers["dominance"])
            numbers["dominance"] = tuple(dict.fromkeys((*HOUSE, *stated)))
        return cls(**numbers)
