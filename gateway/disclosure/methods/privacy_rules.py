"""The terms of differential privacy. In: a protocol's budget and numbers. Out: frozen `PrivacyRules`, within the ceilings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import floor

from gateway.disclosure.errors import Unprotectable

from . import opendp_noise
from .account import BILLION, Account, Cost
from .limits import LEAST_CELL, require_limits, require_whole, require_within

# At 3 whoever knows all others tells one family's part from a table in 95 of 100 cases: more is no protection.
MOST_EPSILON = 3.0
# Above one in as many as there are families in a county a delta would allow to publish somebody outright.
MOST_DELTA = 1e-6
MOST_TABLES = 1_000
LARGEST = 1_000_000


@dataclass(frozen=True)
class PrivacyRules:
    """A budget for one vintage, with the family as the unit, spent in equal shares by `tables` tables.

    `delta` 0: discrete Laplace noise, pure `epsilon`. `delta` above 0: discrete Gaussian noise, accounted by rho of
    zero-concentrated privacy, which the budget (`epsilon`, `delta`) is turned into (Bun & Steinke 2016). Released figures
    are rounded to `rounding`, and none under `min_cell` is shown; both look at nothing but the noisy figure.
    """

    epsilon: float
    delta: float = 0.0
    tables: int = 10
    min_cell: int = 10
    rounding: int = 1
    max_dimensions: int = 3
    max_cells: int = 500

    def __post_init__(self) -> None:
        """Raises `Unprotectable` for a number outside its limits."""
        require_within("epsilon", self.epsilon, 1e-6, MOST_EPSILON)
        require_within("delta", self.delta, 0, MOST_DELTA)
        if 0 < self.delta < 1e-15:
            raise Unprotectable("delta", "out_of_range", "must be 0 or at least 1e-15")
        require_whole("tables", self.tables, 1, MOST_TABLES)
        require_whole("min_cell", self.min_cell, LEAST_CELL, LARGEST)
        require_whole("rounding", self.rounding, 1, LARGEST)
        require_limits(self)

    def account(self, spent: int = 0) -> Account:
        """The account of a vintage of which so many billionths are spent. Raises `DpMissing`."""
        if self.delta == 0:
            return Account("epsilon", floor(self.epsilon * BILLION), spent)
        rho = opendp_noise.rho_within(self.epsilon, self.delta)
        return Account("rho", floor(rho * BILLION), spent)

    def cost(self) -> Cost:
        """What each table costs. Raises `DpMissing`, or `Unprotectable` where nothing is left for a table."""
        account = self.account()
        return Cost(account.loss, account.budget // self.tables)

    def to_dict(self) -> dict[str, object]:
        """The rules for a release's metadata."""
        return asdict(self) | {"unit": "family", "per": "vintage"}
