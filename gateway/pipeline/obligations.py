"""A protocol's obligations as rules of disclosure control. In: obligations; out: `Rules`, or a refusal.

An obligation that this gateway cannot keep is a refusal and never passed over: the figure would leave under a clause
that nobody applied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.disclosure import Rules
from gateway.disclosure.ezs import LEAST, MOST
from policies import Obligations

# The line rule hides two cells and `min_cell` families; more is not offered.
HIDDEN_CELLS = 2


@dataclass(frozen=True)
class Limit:
    """Up to where an obligation can be kept: `is_beyond` tells that a protocol asks for more."""

    obligation: str
    says: str
    is_beyond: Callable[[Obligations], bool]


LIMITS: Final = (
    Limit("method", "this method is not available", lambda held: held.method != "keyed_noise"),
    Limit(
        "rounding",
        "counts are rounded to the nearest multiple only",
        lambda held: held.rounding_method != "nearest",
    ),
    Limit(
        "cost_noise",
        f"costs are multiplied by 1 plus or minus {LEAST:.0%} to {MOST:.0%}",
        lambda held: held.cost_noise.low > LEAST or held.cost_noise.high > MOST,
    ),
    Limit(
        "line",
        f"a line hides {HIDDEN_CELLS} cells and as many families as a cell needs",
        lambda held: held.line.min_cells > HIDDEN_CELLS or held.line.min_families > held.min_cell,
    ),
    Limit(
        "differencing",
        "tables are not compared with one another",
        lambda held: held.differencing is not None,
    ),
    Limit(
        "dominance",
        "the share of the largest families is not worked out",
        lambda held: held.dominance is not None,
    ),
    Limit(
        "min_agencies_in_cell",
        "agencies are not counted in each cell",
        lambda held: held.min_agencies_in_cell > 1,
    ),
    Limit(
        "release",
        "a second person's check before release is not offered",
        lambda held: held.release != "auto",
    ),
)


class ObligationNotKept(Exception):
    """The protocol obliges to something that this gateway cannot do; the message names the clauses."""


def rules_of(obligations: Obligations) -> Rules:
    """The rules that keep every obligation. Raises ObligationNotKept, or Unprotectable below the house's floors."""
    missing = [
        f"clause {obligations.clauses.get(limit.obligation, '6')}: {limit.says}"
        for limit in LIMITS
        if limit.is_beyond(obligations)
    ]
    if missing:
        raise ObligationNotKept("; ".join(missing))
    return Rules(
        min_cell=obligations.min_cell,
        rounding=obligations.rounding,
        cost_rounding_gbp=obligations.cost_rounding_gbp,
        noise_sd=obligations.count_noise.sd,
        noise_limit=obligations.count_noise.clip,
        max_dimensions=obligations.max_dimensions,
        max_cells=obligations.max_cells,
    )
