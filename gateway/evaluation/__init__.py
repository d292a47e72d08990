"""Figures from linked records. In: a vintage's tables and a question. Out: an `ExactTable`, which never leaves unprotected."""

from .exact import exact_table
from .vintage import VintageFaulty, quarter_numbers

__all__ = ["VintageFaulty", "exact_table", "quarter_numbers"]
