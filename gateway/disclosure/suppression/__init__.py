"""Secondary suppression: which further cells to withhold so that the withheld ones cannot be worked out.

In: grids of families and figures with what is unsafe by itself. Out: grids of what is withheld. Never a figure. `withhold` is
the line rule, `hide_further` the attacker after it, `withhold_with_exact_margins` the way of a one-off table, `suppress` and
`attack` work on any table that is given as linear algebra.
"""

from .attacker import Attack, attack, interval
from .exact_margins import withhold_with_exact_margins
from .further import Further, hide_further
from .jj import read_jj
from .linear import LinearTable
from .secondary import withhold
from .suppress import Suppression, suppress

__all__ = [
    "Attack",
    "Further",
    "LinearTable",
    "Suppression",
    "attack",
    "hide_further",
    "interval",
    "read_jj",
    "suppress",
    "withhold",
    "withhold_with_exact_margins",
]
