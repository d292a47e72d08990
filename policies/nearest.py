"""A refused question -> the nearest question that would be permitted, or None.

Only narrowing counts: a level made coarser, a breakdown or measure left out, persons counted as families, a
later start. Who asks, for which purpose, about which cohort and which agencies is never changed: a different
purpose is a different question. Every candidate is decided for real before it is offered.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from policies.protocol import Protocol
from policies.request import Request
from policies.sections.data import Item

COARSER: Final = 1
LATER: Final = 1
BY_FAMILY: Final = 2
DROP_DIMENSION: Final = 3
DROP_MEASURE: Final = 5
# Far above what the shipped protocols need; a bound so that no question can keep the search busy.
MOST_DECISIONS: Final = 2000

Permits = Callable[[Request], bool]
Edit = Callable[[Request], Request]


@dataclass(frozen=True, slots=True)
class _Choice:
    """One way to treat one part of the question, at a cost (0: leave it as it is)."""

    cost: int
    edit: Edit


def nearest_permitted(
    protocols: Sequence[Protocol], request: Request, is_permitted: Permits
) -> Request | None:
    """The cheapest narrowing of `request` that `is_permitted`; None when no narrowing helps.

    The order in which measures or dimensions were written does not change the outcome. A stated cell count
    belongs to the table that was asked for: a narrower one carries none unless `is_permitted` counts it.
    """
    bare = _bare(protocols, request)
    # If even one measure without breakdowns is refused, the reason lies outside the question.
    bases = [base for name in bare.measures for base in _bases(bare, name) if is_permitted(base)]
    if not bases:
        return None
    best = _search(_parts(protocols, request, bases, is_permitted), bare, request, is_permitted)
    return _as_written(request, best or bases[0])


def _search(
    parts: list[list[_Choice]], bare: Request, asked: Request, is_permitted: Permits
) -> Request | None:
    """Uniform-cost search over one choice for each part."""
    start = (0,) * len(parts)
    queue = [(sum(part[0].cost for part in parts), start)]
    seen = {start}
    for _ in range(MOST_DECISIONS):
        if not queue:
            return None
        cost, picks = heapq.heappop(queue)
        candidate = bare
        for part, pick in zip(parts, picks, strict=True):
            candidate = part[pick].edit(candidate)
        if _same_table(candidate, asked):
            candidate = replace(candidate, cells=asked.cells)
        if candidate.measures and is_permitted(candidate):
            return candidate
        for further in _neighbours(parts, picks, seen):
            seen.add(further[1])
            heapq.heappush(queue, (cost + further[0], further[1]))
    return None


def _neighbours(
    parts: list[list[_Choice]], picks: tuple[int, ...], seen: set[tuple[int, ...]]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each further choice of one part that was not queued yet, with what it adds to the cost."""
    for place, pick in enumerate(picks):
        if pick + 1 < len(parts[place]):
            further = (*picks[:place], pick + 1, *picks[place + 1 :])
            if further not in seen:
                yield parts[place][pick + 1].cost - parts[place][pick].cost, further


def _bare(protocols: Sequence[Protocol], request: Request) -> Request:
    """The question with known measures only, no breakdown, a permitted start, and no cell count."""
    known = dict.fromkeys(item.item for protocol in protocols for item in protocol.measures)
    return replace(
        request,
        measures=tuple(name for name in known if name in request.measures),
        dimensions={},
        cells=None,
        period_from=_start(protocols, request.period_from),
    )


def _start(protocols: Sequence[Protocol], asked: date | None) -> date | None:
    if asked is None:
        return None
    return max(asked, *(protocol.data.minimisation.history_from for protocol in protocols))


def _parts(
    protocols: Sequence[Protocol], request: Request, bases: list[Request], is_permitted: Permits
) -> list[list[_Choice]]:
    parts = [[*_unit_choices(request)]]
    answerable = list(dict.fromkeys(base.measures[0] for base in bases))
    parts += [_measure_choices(name) for name in answerable]
    for item in _first_of_each(protocols):
        if item.item in request.dimensions:
            choices = _dimension_choices(item, request.dimensions[item.item])
            parts.append([one for one in choices if any(is_permitted(one.edit(b)) for b in bases)])
    # Starting without measures, each measure part adds its own.
    emptied: Edit = lambda other: replace(other, measures=())  # noqa: E731
    return [[_Choice(0, emptied)], *parts]


def _first_of_each(protocols: Sequence[Protocol]) -> list[Item]:
    found: dict[str, Item] = {}
    for protocol in protocols:
        for item in protocol.dimensions:
            found.setdefault(item.item, item)
    return list(found.values())


def _unit_choices(request: Request) -> Iterator[_Choice]:
    yield _Choice(0, lambda other: other)
    if request.unit == "person":
        yield _Choice(BY_FAMILY, lambda other: replace(other, unit="family"))


def _measure_choices(name: str) -> list[_Choice]:
    keep: Edit = lambda other: replace(other, measures=(*other.measures, name))  # noqa: E731
    return [_Choice(0, keep), _Choice(DROP_MEASURE, lambda other: other)]


def _dimension_choices(item: Item, asked: str) -> list[_Choice]:
    """The level asked for, every coarser one, and leaving it out; of an unknown level, every agreed one."""

    def at(level: str) -> Edit:
        return lambda other: replace(other, dimensions={**other.dimensions, item.item: level})

    place = item.levels.index(asked) if asked in item.levels else -1
    coarser = item.levels[place + 1 :]
    choices = [_Choice(0, at(asked))] if place >= 0 else []
    choices += [_Choice(COARSER + step, at(level)) for step, level in enumerate(coarser)]
    return [*choices, _Choice(DROP_DIMENSION + len(item.levels), lambda other: other)]


def _bases(bare: Request, measure: str) -> Iterator[Request]:
    """The least question about a measure: as asked, and counted by family."""
    yield replace(bare, measures=(measure,))
    if bare.unit == "person":
        yield replace(bare, measures=(measure,), unit="family")


def _same_table(candidate: Request, asked: Request) -> bool:
    return set(candidate.measures) == set(asked.measures) and dict(candidate.dimensions) == dict(
        asked.dimensions
    )


def _as_written(request: Request, found: Request) -> Request:
    """Measures and dimensions in the order the asker wrote them."""
    return replace(
        found,
        measures=tuple(name for name in request.measures if name in found.measures),
        dimensions={
            name: found.dimensions[name] for name in request.dimensions if name in found.dimensions
        },
    )
