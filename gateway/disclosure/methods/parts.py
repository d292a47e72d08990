"""What every method does with measures: which are needed, and how their figures become released cells.

In: an exact table's names and categories, and figures that may be shown. Out: cells. Never an exact figure of its own accord.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.protect import Shown
from gateway.disclosure.protected import LOW, WITHHELD, Cell
from gateway.disclosure.quotient import pounds_each, share
from gateway.disclosure.tables import ExactTable, Quotient

TOTAL = "all"


def needed(exact: ExactTable) -> tuple[str, ...]:
    """The counts and costs that are shown, or that a shown quotient is made of; each once."""
    names: list[str] = []
    for name in exact.asked:
        measure = exact.measures[name]
        if isinstance(measure, Quotient):
            names += [measure.numerator, measure.denominator]
        else:
            names.append(name)
    return tuple(dict.fromkeys(names))


def quotient_of(quotient: Quotient, parts: Mapping[str, Shown]) -> Shown:
    """A quotient of two released figures, shown where both are."""
    top, bottom = parts[quotient.numerator], parts[quotient.denominator]
    shown = top.shown & bottom.shown
    divide = pounds_each if quotient.unit == "gbp" else share
    figures = divide(top.figures.astype("int64"), bottom.figures.astype("int64"), shown)
    return Shown(figures, shown, shown & top.low)


def with_quotients(exact: ExactTable, parts: Mapping[str, Shown]) -> dict[str, Shown]:
    """The parts, and every quotient that was asked for."""
    asked = {name: exact.measures[name] for name in exact.asked}
    made = {n: quotient_of(m, parts) for n, m in asked.items() if isinstance(m, Quotient)}
    return {**parts, **made}


def cells_of(
    exact: ExactTable, parts: Mapping[str, Shown], *, totals: bool = False
) -> tuple[Cell, ...]:
    """Released cells in the order of the categories, measure by measure; with `totals` the parts are full grids.

    A total has "all" for its category. Raises `Unprotectable` where a category has that name already.
    """
    names = [d.name for d in exact.dimensions]
    if totals and any(TOTAL in d.categories for d in exact.dimensions):
        raise Unprotectable("dimensions", "categories", "`all` is the name of the total")
    extra = (TOTAL,) if totals else ()
    keys = [
        dict(zip(names, chosen, strict=True))
        for chosen in product(*((*d.categories, *extra) for d in exact.dimensions))
    ]
    cells = []
    for name in exact.asked:
        part = parts[name]
        figures, shown, low = (a.ravel().tolist() for a in (part.figures, part.shown, part.low))
        for place, figure, is_shown, is_low in zip(keys, figures, shown, low, strict=True):
            mark = WITHHELD if not is_shown else LOW if is_low else None
            cells.append(Cell(place, name, figure if mark is None else None, mark))
    return tuple(cells)
