"""Statistical disclosure control: what may leave. In: exact tables and rules. Out: protected tables, or `Unprotectable`.

Usable by itself: `protect` is the short way, from a plain frame to a protected table, and `Ledger` remembers for it what was
served; `tabulate` and `protect_table` are its two halves. Knows no question and no policy.
"""

from .errors import Unprotectable
from .ezs import draw_multipliers, perturb
from .frame import multipliers_for, protect
from .ledger import Ledger
from .noise import draw_set_keys
from .protect import protect_table
from .protected import LOW, WITHHELD, Cell, ProtectedTable
from .rules import Rules
from .tables import Count, Dimension, ExactTable, Magnitude, Quotient
from .units import tabulate

__all__ = [
    "LOW",
    "WITHHELD",
    "Cell",
    "Count",
    "Dimension",
    "ExactTable",
    "Ledger",
    "Magnitude",
    "ProtectedTable",
    "Quotient",
    "Rules",
    "Unprotectable",
    "draw_multipliers",
    "draw_set_keys",
    "multipliers_for",
    "perturb",
    "protect",
    "protect_table",
    "tabulate",
]
