"""A guard for every kind of output that is more than a plain table. In: a frame of contributions, rules, a key. Out: `Guarded`.

Each guard reads a pandas or polars frame, raises `Unprotectable` for what it cannot read, withholds what one family could be seen in,
and gives with its cells the sets of families behind them. The guards know no question, no policy and no ledger.
"""

from .areas import Hierarchy, area_map
from .change import change, difference_in_differences_of_means
from .design import Design, difference_in_differences
from .guarded import Behind, Guarded
from .means import means
from .overlap import overlap
from .percentiles import percentiles
from .profiles import profiles
from .rates import rates
from .regression import regress
from .sequences import sequences
from .survival import survival

__all__ = [
    "Behind",
    "Design",
    "Guarded",
    "Hierarchy",
    "area_map",
    "change",
    "difference_in_differences",
    "difference_in_differences_of_means",
    "means",
    "overlap",
    "percentiles",
    "profiles",
    "rates",
    "regress",
    "sequences",
    "survival",
]
