"""Checks that the terms of every method share. In: numbers of a protocol. Out: nothing, or `Unprotectable`."""

from __future__ import annotations

from math import prod
from typing import Protocol

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.rules import MOST_CELLS, MOST_DIMENSIONS
from gateway.disclosure.tables import ExactTable

LEAST_CELL = 10


class Sized(Protocol):
    """Terms that say how large a table may be."""

    @property
    def max_dimensions(self) -> int: ...

    @property
    def max_cells(self) -> int: ...


def require_within(place: str, value: object, least: float, most: float) -> None:
    """Raises `Unprotectable` unless the value is a number from `least` to `most`; NaN, booleans and texts are none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:  # type: ignore[operator]
        raise Unprotectable(place, "out_of_range", f"must be a number from {least:g} to {most:g}")


def require_whole(place: str, value: object, least: int, most: int) -> None:
    """As `require_within`, for whole numbers only."""
    if not isinstance(value, int):
        raise Unprotectable(place, "not_whole", "a whole number is expected")
    require_within(place, value, least, most)


def require_limits(terms: Sized) -> None:
    """Raises `Unprotectable` unless dimensions and cells are limited to what is understood."""
    require_whole("max_dimensions", terms.max_dimensions, 0, MOST_DIMENSIONS)
    require_whole("max_cells", terms.max_cells, 1, MOST_CELLS)


def require_size(exact: ExactTable, terms: Sized) -> None:
    """Raises `Unprotectable` for a table with more dimensions or cells than the terms allow."""
    if len(exact.dimensions) > terms.max_dimensions or prod(exact.shape) > terms.max_cells:
        raise Unprotectable(
            "dimensions", "too_fine", "more dimensions or cells than the rules allow"
        )
