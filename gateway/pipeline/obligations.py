"""A protocol's obligations as the terms of a method of disclosure control. In: obligations; out: terms, or a refusal.

An obligation that this gateway cannot keep is a refusal and never passed over: the figure would leave under a clause
that nobody applied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.disclosure import Rules
from gateway.disclosure.dominance import HOUSE as HOUSE_DOMINANCE
from gateway.disclosure.dominance import DominanceRule
from gateway.disclosure.ezs import LEAST, MOST
from gateway.disclosure.methods import METHODS, ExactRules, PrivacyRules, Terms
from policies import Obligations

# The line rule hides two cells and `min_cell` families; more is not offered.
HIDDEN_CELLS = 2
# Where no protocol states it, an obligation is the house's own and goes with the house's own method.
HOUSE = "6"


@dataclass(frozen=True)
class Limit:
    """Up to where an obligation can be kept: `is_beyond` tells that a protocol asks for more."""

    obligation: str
    says: str
    is_beyond: Callable[[Obligations], bool]


def _is_stated(held: Obligations, name: str) -> bool:
    return held.clauses.get(name, HOUSE) != HOUSE


def _is_compared(held: Obligations) -> bool:
    """The ledger of a vintage has no window: it withholds what is fewer than `min_cell` families from anything served."""
    asked = held.differencing
    return (
        asked is not None
        and held.method == "keyed_noise"
        and asked.on_hit == "withhold"
        and asked.min_population_change <= held.min_cell
    )


LIMITS: Final = (
    Limit("method", "this method is not available", lambda held: held.method not in METHODS),
    Limit(
        "count_noise",
        "this method adds no such noise",
        lambda held: held.method != "keyed_noise" and _is_stated(held, "count_noise"),
    ),
    Limit(
        "privacy_budget",
        "a budget goes with differential privacy, and differential privacy with a budget",
        lambda held: (held.method == "differential_privacy") != (held.privacy_budget is not None),
    ),
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
        "line",
        "differential privacy withholds by the noisy figure and knows no lines",
        lambda held: held.method == "differential_privacy" and _is_stated(held, "line"),
    ),
    Limit(
        "differencing",
        "tables are compared under keyed noise only, and a figure that is too near another is withheld, for nobody to check",
        lambda held: held.differencing is not None and not _is_compared(held),
    ),
    Limit(
        "dominance",
        "the share of the largest families is worked out for keyed noise only",
        lambda held: held.dominance is not None and held.method != "keyed_noise",
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


def terms_of(obligations: Obligations) -> Terms:
    """The method's terms that keep every obligation. Raises ObligationNotKept, or Unprotectable below the house's floors."""
    missing = [
        f"clause {obligations.clauses.get(limit.obligation, HOUSE)}: {limit.says}"
        for limit in LIMITS
        if limit.is_beyond(obligations)
    ]
    if missing:
        raise ObligationNotKept("; ".join(missing))
    if obligations.method == "suppression":
        return _exact(obligations)
    if obligations.method == "differential_privacy":
        return _private(obligations)
    return _noisy(obligations)


def rules_of(obligations: Obligations) -> Rules:
    """The rules of keyed noise that keep every obligation. Raises as `terms_of`, and for another method."""
    terms = terms_of(obligations)
    if not isinstance(terms, Rules):
        clause = obligations.clauses.get("method", HOUSE)
        raise ObligationNotKept(f"clause {clause}: this is not offered with this method")
    return terms


def _noisy(held: Obligations) -> Rules:
    return Rules(
        min_cell=held.min_cell,
        rounding=held.rounding,
        cost_rounding_gbp=held.cost_rounding_gbp,
        noise_sd=held.count_noise.sd,
        noise_limit=held.count_noise.clip,
        max_dimensions=held.max_dimensions,
        max_cells=held.max_cells,
        dominance=_dominance(held),
    )


def _dominance(held: Obligations) -> tuple[DominanceRule, ...]:
    """The house's rules, and the protocol's beside them."""
    if held.dominance is None:
        return HOUSE_DOMINANCE
    return *HOUSE_DOMINANCE, DominanceRule(held.dominance.n, held.dominance.k, p=0)


def _exact(held: Obligations) -> ExactRules:
    return ExactRules(
        min_cell=held.min_cell,
        rounding=held.rounding,
        cost_rounding_gbp=held.cost_rounding_gbp,
        max_dimensions=held.max_dimensions,
        max_cells=held.max_cells,
    )


def _private(held: Obligations) -> PrivacyRules:
    budget = held.privacy_budget
    if budget is None:
        raise ObligationNotKept("differential privacy needs a budget")
    return PrivacyRules(
        epsilon=budget.epsilon,
        delta=budget.delta,
        tables=budget.tables,
        min_cell=held.min_cell,
        rounding=held.rounding,
        max_dimensions=held.max_dimensions,
        max_cells=held.max_cells,
    )
