"""The privacy account of one vintage: what its tables have spent of the budget. In: costs. Out: the account afterwards.

Pure: keeping it is the caller's business, and it must be kept before any noise is drawn. It is never credited. Whole
numbers of billionths, so that many small costs add up exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from gateway.disclosure.errors import Unprotectable

# epsilon of pure differential privacy, or rho of zero-concentrated differential privacy (Bun & Steinke 2016).
Loss = Literal["epsilon", "rho"]
BILLION = 1_000_000_000


class BudgetSpent(Unprotectable):
    """The budget of this vintage does not cover another table."""

    def __init__(self) -> None:
        super().__init__("budget", "spent", "the privacy budget of this vintage is spent")


@dataclass(frozen=True)
class Cost:
    """What one table costs, in billionths of `loss`; more than nothing."""

    loss: Loss
    billionths: int

    def __post_init__(self) -> None:
        _require_whole("cost", self.loss, self.billionths, least=1)


@dataclass(frozen=True)
class Account:
    """Budget and what is spent of it, both in billionths of `loss`, whoever asked and for whatever purpose."""

    loss: Loss
    budget: int
    spent: int = 0

    def __post_init__(self) -> None:
        _require_whole("budget", self.loss, self.budget, least=1)
        _require_whole("spent", self.loss, self.spent, least=0)

    def spend(self, cost: Cost) -> Account:
        """The account after the cost. Raises `BudgetSpent`, or `Unprotectable` where losses are of two kinds.

        Losses add up (sequential composition; for rho: Bun & Steinke 2016, lemma 1.7), also for tables chosen after
        seeing others.
        """
        if cost.loss != self.loss:
            raise Unprotectable("budget", "kind", "this vintage's account counts another loss")
        if self.spent + cost.billionths > self.budget:
            raise BudgetSpent
        return replace(self, spent=self.spent + cost.billionths)


def _require_whole(place: str, loss: object, number: object, *, least: int) -> None:
    if loss not in get_args(Loss):
        raise Unprotectable(place, "kind", "must be one of epsilon, rho")
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise Unprotectable(place, "not_whole", f"a whole number of at least {least} is expected")
