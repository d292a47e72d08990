"""Reads a table-protection instance in JJ format (tau-ARGUS; the `.csp` files of the CSPLIB). In: its text. Out: `LinearTable`.

Lines: `0`; number of cells; per cell `id value weight status least most LPL UPL SPL`; number of relations; per relation
`sum members : id (coefficient) ...`. Status: u unsafe, s may be hidden, z must be shown, m hidden already and not protected.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.errors import Unprotectable

from .linear import LinearTable

if TYPE_CHECKING:
    from scipy.sparse import csr_array

STATUSES = frozenset("uszm")
_MEMBER = re.compile(r"(\d+)\s*\(\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*\)")


def read_jj(text: str) -> LinearTable:
    """The table of a JJ file. Raises `Unprotectable` with the line number for a line that cannot be read."""
    lines = [line for line in text.splitlines() if line.strip()]
    cells = _whole(lines, 1)
    rows = [_cell(lines, 2 + i, i) for i in range(cells)]
    relations = _whole(lines, 2 + cells)
    members = [_relation(lines, 3 + cells + i, cells) for i in range(relations)]
    status = np.array([row[3] for row in rows], dtype="<U1")
    value, weight, least, most, lower, upper, sliding = (
        np.array([float(row[c]) for row in rows]) for c in (1, 2, 4, 5, 6, 7, 8)
    )
    sums = np.array([total for total, _ in members])
    return LinearTable(
        values=value,
        # What is hidden already costs nothing more.
        weights=np.where(status == "m", 0.0, weight),
        unsafe=status == "u",
        pinned=status == "z",
        least=least,
        most=most,
        lower=lower,
        upper=upper,
        sliding=sliding,
        relations=_matrix([each for _, each in members], cells),
        row_least=sums,
        row_most=sums,
    )


def _line(lines: list[str], number: int) -> str:
    if number >= len(lines):
        raise Unprotectable("file", "cut_off", "the file ends before its last line")
    return lines[number]


def _whole(lines: list[str], number: int) -> int:
    text = _line(lines, number).strip()
    if not text.isdecimal():
        raise Unprotectable(f"line {number + 1}", "format", "a number of lines is expected")
    return int(text)


def _cell(lines: list[str], number: int, cell: int) -> list[str]:
    words = _line(lines, number).split()
    if len(words) != 9 or words[0] != str(cell) or words[3] not in STATUSES:
        raise Unprotectable(f"line {number + 1}", "format", "a cell is expected")
    try:
        for word in (*words[1:3], *words[4:]):
            float(word)
    except ValueError as error:
        raise Unprotectable(f"line {number + 1}", "format", "a number is expected") from error
    return words


def _relation(lines: list[str], number: int, cells: int) -> tuple[float, list[tuple[int, float]]]:
    head, _, tail = _line(lines, number).partition(":")
    found = [(int(cell), float(coefficient)) for cell, coefficient in _MEMBER.findall(tail)]
    words = head.split()
    rest = _MEMBER.sub("", tail).strip()
    if len(words) != 2 or rest or words[1] != str(len(found)) or any(c >= cells for c, _ in found):
        raise Unprotectable(f"line {number + 1}", "format", "a relation is expected")
    return float(words[0]), found


def _matrix(members: list[list[tuple[int, float]]], cells: int) -> csr_array:
    from scipy.sparse import csr_array

    rows = [i for i, each in enumerate(members) for _ in each]
    flat = [pair for each in members for pair in each]
    data, columns = [c for _, c in flat], [cell for cell, _ in flat]
    return csr_array((data, (rows, columns)), shape=(len(members), cells), dtype=np.float64)
