"""What the line rule leaves open: hides further cells until linear programming tells nobody a withheld cost.

In: a full grid withheld by the line rule, families, pence. Out: `Further`. Coarse tables first, each as the question without the
other dimensions would treat it. Never unprotected for want of time: over the budget, the table in question is withheld whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Dimension, Integers
from gateway.disclosure.threshold import Flags, axis_sets

from .attacker import MOST_HIDDEN, STEPS, Attack, Outcome, attack, can_slide
from .grid import table_of_grid, with_margins
from .linear import LinearTable
from .movements import Attacker, Flows
from .needs import Need
from .programme import Budget, BudgetSpent
from .secondary import withhold

# A withheld cost is too well known where the middle of its interval is sure to be within this share of it.
SHARE = 0.10
Corner = tuple[slice | int, ...]


@dataclass(frozen=True)
class Further:
    """`hidden`: full grid of what is withheld now. `exposed`: full grid of withheld cells that are still too well known.

    Where the outcome is not `safe`, all of the table that could have protected them is withheld, and the coarser tables
    alone give them away (`exposed`), or nobody has proved that they do not (`over_budget`).
    """

    hidden: Flags = field(repr=False)
    exposed: Flags = field(repr=False)
    outcome: Outcome


def hide_further(
    hidden: Flags,
    families: Integers,
    pence: Integers,
    dimensions: Sequence[Dimension],
    min_cell: int,
    *,
    share: float = SHARE,
    most_hidden: int = MOST_HIDDEN,
    steps: int = STEPS,
) -> Further:
    """Withholds costs, besides those of the line rule, until each withheld one has an interval over 2 x `share` of it wide.

    `hidden`, `families`: full grids, as for `withhold`; `pence`: the inner grid of costs, which add up along every axis,
    whether families overlap there or not. The attacker sees all other cells and margins unrounded, and knows that no cost
    is negative (unless one is). `steps` are simplex steps, so the same table gives the same cells on any machine.
    """
    _require_sound(hidden, families, pence, dimensions, share)
    # One order of axes for all ways to ask: what is withheld does not hang on the order of dimensions.
    order = sorted(range(len(dimensions)), key=lambda a: (dimensions[a].name, dimensions[a].level))
    search = _Search(
        families.transpose(order),
        with_margins(pence).transpose(order),
        tuple(dimensions[a] for a in order),
        min_cell,
        share,
        most_hidden,
        steps,
    )
    flags, exposed, outcome = search.run(hidden.transpose(order))
    back = np.argsort(order)
    return Further(flags.transpose(back), exposed.transpose(back), outcome)


def _require_sound(
    hidden: Flags,
    families: Integers,
    pence: Integers,
    dimensions: Sequence[Dimension],
    share: float,
) -> None:
    full = tuple(len(d.categories) + 1 for d in dimensions)
    inner_shape = tuple(n - 1 for n in full)
    if (hidden.shape, families.shape, pence.shape) != (full, full, inner_shape):
        raise Unprotectable("cost", "grid", "full grids and an inner grid are expected")
    if hidden.dtype != np.bool_ or pence.dtype != np.int64:
        raise Unprotectable("cost", "grid", "flags and whole pence are expected")
    if not 0.0 < share < 1.0:
        raise Unprotectable("share", "out_of_range", "a share between 0 and 1 is expected")


@dataclass(frozen=True)
class _Search:
    """One grid; axes in canonical order."""

    families: Integers
    pence: Integers
    dimensions: tuple[Dimension, ...]
    min_cell: int
    share: float
    most_hidden: int
    steps: int

    def run(self, hidden: Flags) -> tuple[Flags, Flags, Outcome]:
        flags, exposed = self._merged(hidden), np.zeros(hidden.shape, dtype=np.bool_)
        outcome: Outcome = "safe"
        for axes in (a for a in axis_sets(hidden.ndim) if all(self._tells(x) for x in a)):
            corner: Corner = tuple(slice(None) if a in axes else -1 for a in range(hidden.ndim))
            level = _Level(
                self.families[corner],
                self.pence[corner],
                tuple(self.dimensions[a] for a in axes),
                self,
            )
            found = level.run(flags[corner], exposed[corner])
            flags[corner], exposed[corner] = found.hidden, found.exposed
            outcome = found.outcome if found.outcome != "safe" else outcome
        return self._spread(flags), self._spread(exposed), outcome

    def _tells(self, axis: int) -> bool:
        return len(self.dimensions[axis].categories) > 1

    def _merged(self, flags: Flags) -> Flags:
        """Whatever is withheld of a dimension's only category is withheld of its line."""
        result = flags.copy()
        for axis in (a for a in range(flags.ndim) if not self._tells(a)):
            result[...] = np.any(result, axis=axis, keepdims=True)
        return result

    def _spread(self, flags: Flags) -> Flags:
        """The only category of a dimension is its line, and is treated as the line is."""
        kept = tuple(slice(None) if self._tells(a) else slice(-1, None) for a in range(flags.ndim))
        result: Flags = np.broadcast_to(flags[kept], flags.shape).copy()
        return result


@dataclass(frozen=True)
class _Level:
    """One set of dimensions with its margins; of these only the inner cells are still to be decided."""

    families: Integers
    pence: Integers
    dimensions: tuple[Dimension, ...]
    of: _Search

    @property
    def region(self) -> tuple[slice, ...]:
        return (slice(0, -1),) * self.families.ndim

    def run(self, before: Flags, given_away: Flags) -> Further:
        hidden, budget = self._line_rule(before), Budget(self.of.steps)
        by_line_rule = hidden
        found = self._attack(hidden, given_away, budget)
        while found.outcome != "safe" and not hidden[self.region].all():
            hidden = self._line_rule(self._hide(hidden, found, given_away, budget))
            found = self._attack(hidden, given_away, budget)
        if found.outcome == "safe":
            hidden = self._spare(hidden, by_line_rule, given_away, budget)
        exposed = given_away | found.exposed.reshape(hidden.shape)
        return Further(hidden, exposed, found.outcome)

    def _line_rule(self, hidden: Flags) -> Flags:
        return withhold(hidden, self.families, self.dimensions, self.of.min_cell).copy()

    def _table(self, hidden: Flags, given_away: Flags) -> LinearTable:
        pinned = ~hidden
        pinned[self.region] = False
        none = np.zeros(hidden.shape)
        # A pence at least, so that a cost of nothing is not sure to be nothing.
        width = np.maximum(2.0 * self.of.share * np.abs(self.pence), 1.0)
        unsafe = hidden & ~given_away
        return table_of_grid(
            self.pence,
            unsafe=unsafe,
            pinned=pinned,
            weights=1.0 + self.families / max(int(self.families.max(initial=1)), 1),
            levels=(none, none, np.where(unsafe, width, 0.0)),
            overlapping=(False,) * hidden.ndim,
        )

    def _attack(self, hidden: Flags, given_away: Flags, budget: Budget) -> Attack:
        table = self._table(hidden, given_away)
        return attack(table, hidden.ravel(), most_hidden=self.of.most_hidden, budget=budget)

    def _hide(self, hidden: Flags, found: Attack, given_away: Flags, budget: Budget) -> Flags:
        """The flags with at least one more cell: the cheapest that let each exposed cell move, or all there are."""
        flags = hidden.ravel().copy()
        try:
            if found.outcome == "over_budget":
                raise BudgetSpent
            table = self._table(hidden, given_away)
            flows = Flows(table, budget)
            exposed = np.flatnonzero(found.exposed)
            # Who needs most comes first: what helps the largest cost mostly helps the others as well.
            for cell in exposed[np.argsort(-table.sliding[exposed], kind="stable")].tolist():
                if not can_slide(table, Attacker(table, flags, budget), cell):
                    flags |= self._helpers(table, flows, flags, cell)
        except BudgetSpent:
            flags[:] = hidden.ravel()
        result: Flags = flags.reshape(hidden.shape)
        if (result == hidden).all():
            result[self.region] = True
        return result

    def _helpers(self, table: LinearTable, flows: Flows, flags: Flags, cell: int) -> Flags:
        """The cells to hide so that this one can move as far as it must, up or down, whichever costs less."""
        price = np.where(flags, 0.0, table.weights)
        amount, chosen, least = float(table.sliding[cell]), np.zeros_like(flags), np.inf
        for direction in (1, -1):
            movement = flows.cheapest(Need(cell, direction, amount), price)
            if movement is not None and price[movement != 0.0].sum() < least:
                chosen, least = movement != 0.0, float(price[movement != 0.0].sum())
        return chosen

    def _spare(
        self, hidden: Flags, by_line_rule: Flags, given_away: Flags, budget: Budget
    ) -> Flags:
        """Gives back, largest first, each further cell that neither the line rule nor the attacker asks for."""
        added = np.flatnonzero(hidden & ~by_line_rule)
        for cell in added[np.argsort(-self.families.flat[added], kind="stable")].tolist():
            without = hidden.copy()
            without.flat[cell] = False
            if (self._line_rule(without) != without).any():
                continue
            if self._attack(without, given_away, budget).outcome == "safe":
                hidden = without
        return hidden
