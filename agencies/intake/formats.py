"""What kind of file the bytes are, by their content; a file name says nothing that can be trusted.

In: the bytes of an extract. Out: a Source, or the refusal of an unknown kind.
"""

from __future__ import annotations

from typing import Final

from agencies.intake import columnar
from agencies.intake.columnar import ParquetTable
from agencies.intake.delimited import DelimitedText
from agencies.intake.limits import Limits
from agencies.intake.rules import rejected
from agencies.intake.sheet import Source
from agencies.intake.workbook import Workbook

_ZIP: Final = b"PK"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_START: Final = 4096
# Within so many bytes every binary format shows itself.
_SIGNATURE: Final = 16
# Text that is not a table: mark-up, JSON, rich text, PDF.
_OTHER_TEXT: Final = (b"<", b"{", b"[", b"%PDF")


def open_source(content: bytes, limits: Limits, declared: frozenset[str]) -> Source:
    """The opened file. `declared` are the headers of the dataset in small letters.

    Raises ExtractRejected: empty_file, file_too_large, unknown_file_type, not_utf8, and those of each format.
    """
    if len(content) > limits.file_bytes:
        raise rejected("file_too_large", limits.file_bytes)
    start = content[:_START]
    if not start.strip(b" \t\r\n\xef\xbb\xbf"):
        raise rejected("empty_file")
    if start.startswith(_ZIP):
        return Workbook(content, limits, declared)
    if start.startswith(columnar.MAGIC):
        return ParquetTable(content, limits)
    if start.startswith(_UTF16):
        raise rejected("not_utf8", 1)
    if _is_binary(start) or start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_OTHER_TEXT):
        raise rejected("unknown_file_type")
    return DelimitedText(content)


def _is_binary(start: bytes) -> bool:
    """Whether the file begins with bytes that no text has; a NUL further down is the fault of a row."""
    opening = max(start.split(b"\n", 1)[0], start[:_SIGNATURE], key=len)
    return any(byte < 9 or 13 < byte < 32 for byte in opening)
