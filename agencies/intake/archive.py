"""Whether a packed file may be unpacked: a zip bomb must never reach the reader of workbooks.

In: the bytes of a zip file. It checks what the directory declares, then unpacks every member in small pieces into
nothing, counting what really comes out, and looks for sheets and shared texts that a reader would blow up.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from agencies.intake.limits import Limits
from agencies.intake.rules import rejected

_PIECE: Final = 1 << 20
_OVERLAP: Final = 1 << 8
# A ratio says nothing about a small file: a sheet of zeros packs well.
_HARMLESS: Final = 64 << 20
_MEMBERS: Final = 5_000
# Readers hold a sheet as a rectangle of cells, however few of them are filled; 26 columns of full length are under
# a gigabyte.
_HARMLESS_AREA: Final = 26 * 1_048_576
_FAR_ROW: Final = re.compile(rb'r="[A-Z]{0,3}\d{6,7}"')
_FAR_COLUMN: Final = re.compile(rb'r="([A-Z]{2,3})\d')
_SHARED_TEXT_END: Final = b"</si>"


def unpack_check(content: bytes, limits: Limits) -> list[str]:
    """Names of the members, once it is safe to unpack them.

    Raises ExtractRejected: damaged_file, expands_too_far.
    """
    names: list[str] = []
    sound = True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _require_modest_directory(archive, len(content), limits)
            names = archive.namelist()
            _require_modest_members(archive, len(content), limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        sound = False
    if not sound:
        raise rejected("damaged_file")
    return names


def _require_modest_directory(archive: zipfile.ZipFile, packed: int, limits: Limits) -> None:
    members = archive.infolist()
    _require_modest(sum(member.file_size for member in members), packed, limits)
    if len(members) > _MEMBERS:
        raise rejected("expands_too_far")


def _require_modest_members(archive: zipfile.ZipFile, packed: int, limits: Limits) -> None:
    expanded = 0
    shared_text = longest_text = shared_cells = 0
    for member in archive.infolist():
        sheet = _Extent() if member.filename.startswith("xl/worksheets/") else None
        texts = _LongestText() if member.filename.endswith("sharedStrings.xml") else None
        for piece in _pieces(archive, member):
            expanded += len(piece)
            _require_modest(expanded, packed, limits)
            for watcher in (sheet, texts):
                if watcher is not None:
                    watcher.watch(piece)
        if sheet is not None:
            sheet.require_modest()
            shared_cells += sheet.shared
        if texts is not None:
            longest_text = texts.longest
    shared_text = longest_text * shared_cells
    if shared_text > limits.expanded_bytes * 4:
        raise rejected("expands_too_far")


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _require_modest(expanded: int, packed: int, limits: Limits) -> None:
    too_much = expanded > limits.expanded_bytes
    too_dense = expanded > _HARMLESS and expanded > limits.ratio * packed
    if too_much or too_dense:
        raise rejected("expands_too_far")


class _Extent:
    """How large a rectangle the filled cells of one sheet span, from its XML piece by piece."""

    def __init__(self) -> None:
        self.shared = 0
        self._cells = 0
        self._rows = 0
        self._last_column = 26
        self._has_far_row = False
        self._tail = b""

    def watch(self, piece: bytes) -> None:
        text = self._tail + piece
        self._cells += piece.count(b"<c ")
        self._rows += piece.count(b"<row")
        self.shared += piece.count(b't="s"')
        self._has_far_row = self._has_far_row or _FAR_ROW.search(text) is not None
        for letters in set(_FAR_COLUMN.findall(text)):
            self._last_column = max(self._last_column, _column_number(letters))
        self._tail = text[-_OVERLAP:]

    def require_modest(self) -> None:
        last_row = 1_048_576 if self._has_far_row else 99_999
        area = self._last_column * last_row
        if area > _HARMLESS_AREA and area > 10 * self._cells:
            raise rejected("expands_too_far")


class _LongestText:
    """The longest shared text of a workbook: each cell that names it becomes a copy."""

    def __init__(self) -> None:
        self.longest = 0
        self._open = 0

    def watch(self, piece: bytes) -> None:
        parts = piece.split(_SHARED_TEXT_END)
        for part in parts[:-1]:
            self.longest = max(self.longest, self._open + len(part))
            self._open = 0
        self._open += len(parts[-1])
        self.longest = max(self.longest, self._open)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
