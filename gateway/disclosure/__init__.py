"""Statistical disclosure control: what may leave. In: exact tables and rules. Out: protected tables, or `Unprotectable`.

Usable by itself: `tabulate` makes an exact table of any frame, `protect_table` a protected one. Knows no question and no policy.
"""

from .errors import Unprotectable
from .ezs import draw_multipliers, perturb
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
    "Magnitude",
    "ProtectedTable",
    "Quotient",
    "Rules",
    "Unprotectable",
    "draw_multipliers",
    "draw_set_keys",
    "perturb",
    "protect_table",
    "tabulate",
]
