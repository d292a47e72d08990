"""The ledger of a vintage: what was served to anybody, and what may still be served beside it."""

from .ledger import Ledger
from .served import served_cells, threshold_of
from .state import Standing

__all__ = ["Ledger", "Standing", "served_cells", "threshold_of"]
