"""Differential privacy: every count of families leaves with noise of OpenDP, empty cells too, as long as the budget lasts.

In: an exact table of counts, `PrivacyRules`, and what keeps the account. Out: a protected table made of noisy counts alone.
Never a cost or a count of people; never a decision that looks at an exact figure. Asked twice it draws twice: the caller
serves the earlier release again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.protect import Shown
from gateway.disclosure.protected import ProtectedTable
from gateway.disclosure.rounding import round_to
from gateway.disclosure.tables import Count, ExactTable, Integers

from .account import Cost
from .limits import require_size
from .opendp_noise import Noise, noise_for
from .parts import cells_of, needed, with_quotients
from .privacy_rules import PrivacyRules
from .sensitivity import cells_of_a_family
from .words import say_private

Spend = Callable[[Cost], None]


def protect_privately(exact: ExactTable, rules: PrivacyRules, spend: Spend) -> ProtectedTable:
    """The table with noise on every count. `spend` is called once, before any draw; what it raises ends the matter.

    Raises `Unprotectable` for a measure that is no count of families, before anything is spent; `BudgetSpent` by `spend`.
    """
    require_size(exact, rules)
    counts = _counts(exact)
    cost = rules.cost()
    noise = _noise(counts.values(), exact, cost)
    spend(cost)
    drawn = {name: _released(_drawn(count, noise), rules) for name, count in counts.items()}
    return ProtectedTable(
        dimensions=tuple((d.name, d.level) for d in exact.dimensions),
        measures=exact.asked,
        cells=cells_of(exact, with_quotients(exact, drawn)),
        rules=rules.to_dict()
        | {
            "method": "differential_privacy",
            "explained": say_private(rules, noise),
            "cost": {"loss": cost.loss, "billionths": cost.billionths},
        },
    )


def _counts(exact: ExactTable) -> dict[str, Count]:
    """The counts to be drawn. Costs are refused: the most that one family may cost is not bounded here."""
    counts = {}
    for name in needed(exact):
        measure = exact.measures[name]
        if not isinstance(measure, Count):
            raise Unprotectable(name, "counts_only", "this method gives counts of families only")
        counts[name] = measure
    return counts


def _noise(counts: Iterable[Count], exact: ExactTable, cost: Cost) -> Noise:
    """One noise for all counts together: a family changes the cells of each."""
    return noise_for(sum(cells_of_a_family(count, exact) for count in counts), cost)


def _drawn(count: Count, noise: Noise) -> Integers:
    """One draw for each figure there is: what is the same along an axis gets the same noise there."""
    once = tuple(
        slice(0, 1) if axis in count.same_along else slice(None)
        for axis in range(count.figure.ndim)
    )
    noisy = noise.add(count.figure[(..., *once)])
    return np.broadcast_to(noisy, count.figure.shape).copy()


def _released(noisy: Integers, rules: PrivacyRules) -> Shown:
    """Threshold and rounding, by the noisy figure alone: a look at the exact one would be no privacy at all."""
    least = -(-rules.min_cell // rules.rounding) * rules.rounding
    shown = noisy >= rules.min_cell
    figures = np.maximum(round_to(noisy, rules.rounding), least)
    return Shown(figures, shown, np.zeros_like(shown))
