"""Whether the header row is the declared one, and which column of the file is which.

In: the first two rows. Out: canonical names by position. INVARIANT: a header that is not declared is named by its
position only, because in a file without a header row it is somebody's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agencies.declaration import Dataset
from agencies.intake.rules import rejected


def declared_headers(dataset: Dataset) -> frozenset[str]:
    """All declared headers, in the form in which they are compared."""
    return frozenset(_comparable(column.header) for column in dataset.columns.values())


def match_headers(head: Sequence[Sequence[str]], dataset: Dataset) -> list[str]:
    """Canonical column names, in the order of the file.

    Raises ExtractRejected: no_header_row, second_header_row, header_only, duplicate_column, undeclared_column,
    missing_column.
    """
    declared = declared_headers(dataset)
    headers = [_comparable(cell) for cell in head[0]]
    below = [_comparable(cell) for cell in head[1]] if len(head) > 1 else []
    if _share(below, declared) > 0.5:
        raise rejected("second_header_row")
    if not declared & set(headers):
        raise rejected("no_header_row")
    _require_unique(headers, dataset)
    names = [_canonical(header, place, dataset) for place, header in enumerate(headers, 1)]
    _require_complete(names, dataset)
    if len(head) < 2:
        raise rejected("header_only")
    return names


def _require_unique(headers: list[str], dataset: Dataset) -> None:
    seen = Counter(headers)
    for column in dataset.columns.values():
        if seen[_comparable(column.header)] > 1:
            raise rejected("duplicate_column", column.header)


def _canonical(header: str, place: int, dataset: Dataset) -> str:
    for name, column in dataset.columns.items():
        if _comparable(column.header) == header:
            return name
    raise rejected("undeclared_column", place)


def _require_complete(names: list[str], dataset: Dataset) -> None:
    for name, column in dataset.columns.items():
        if column.required and name not in names:
            raise rejected("missing_column", column.header)


def _share(cells: list[str], declared: frozenset[str]) -> float:
    filled = [cell for cell in cells if cell]
    return sum(cell in declared for cell in filled) / len(filled) if filled else 0.0


def _comparable(header: str) -> str:
    return " ".join(header.lstrip("\ufeff").split()).casefold()
