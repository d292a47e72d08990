"""One encrypted Parquet file: every page and the footer, so that not even a column's name shows.

In: a frame, a 32-byte data key used for this file alone, and the file's name. Out: the file on the
disk and its digest; or the frame again. Parquet modular encryption, AES-GCM-256, with the name as
AAD prefix (Parquet specification, Encryption.md). Never writes a byte in the clear.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet.encryption import create_decryption_properties, create_encryption_properties

# Rows in memory as Arrow at one time while writing; also the unit a reader decrypts.
ROW_GROUP = 131_072
COMPRESSION = "zstd"
COMPRESSION_LEVEL = 1

Frame: TypeAlias = pl.DataFrame | pa.Table


class SealBroken(Exception):
    """The file is not the one that was written, or the key is not its key; the text says which."""


@dataclass(frozen=True, slots=True)
class SealedFile:
    """What is kept of a file to know it again: SHA-256 (hex), bytes and rows."""

    sha256: str
    size_bytes: int
    row_count: int


def seal(frame: Frame, path: Path, data_key: bytes, name: str) -> SealedFile:
    """Write a new file, readable by its owner only, on the disk when this returns.

    Raises OSError as the disk does (a full one included); the caller removes what is left.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        sink = _DigestingSink(file)
        _write(frame, sink, create_encryption_properties(data_key, **_bound(name)))
        file.flush()
        os.fsync(file.fileno())
    return SealedFile(sink.digest.hexdigest(), sink.size_bytes, len(frame))


def unseal(path: Path, data_key: bytes, name: str, expected: SealedFile) -> pa.Table:
    """The frame again, after its digest is checked. Raises SealBroken."""
    try:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected.sha256:
                raise SealBroken("its bytes are not those that were written")
        # The digest says *this is our file*; AES-GCM below says it again for every page, so an
        # exchange between the two readings is found as well.
        properties = create_decryption_properties(data_key, aad_prefix=_bound(name)["aad_prefix"])
        with pq.ParquetFile(str(path), decryption_properties=properties) as parquet:
            return parquet.read()
    except FileNotFoundError:
        raise SealBroken("it is missing") from None
    except (OSError, pa.ArrowException, ValueError, OverflowError):
        # The cause is dropped: the reader's own message could quote what it was reading.
        raise SealBroken("it does not decrypt") from None


def _write(frame: Frame, sink: "_DigestingSink", properties: Any) -> None:
    pieces = _pieces(frame)
    first = next(pieces)
    with pq.ParquetWriter(
        sink,
        first.schema,
        compression=COMPRESSION,
        compression_level=COMPRESSION_LEVEL,
        # Tokens hardly repeat within a group: a dictionary of them costs time and saves nothing.
        use_dictionary=[field.name for field in first.schema if _is_text(field.type)],
        # No query looks for a token or a record by its bounds: a file is read whole.
        write_statistics=False,
        encryption_properties=properties,
    ) as writer:
        writer.write_table(first)
        for piece in pieces:
            writer.write_table(piece)


def _pieces(frame: Frame) -> Iterator[pa.Table]:
    for offset in range(0, max(len(frame), 1), ROW_GROUP):
        piece = frame.slice(offset, ROW_GROUP)
        if isinstance(piece, pl.DataFrame):
            # The oldest layout is the one Parquet can hold without a copy on the way back.
            piece = piece.to_arrow(compat_level=pl.CompatLevel.oldest())
        yield piece


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _bound(name: str) -> dict[str, Any]:
    # Not stored in the file: a file moved to another name needs the other name's prefix and fails.
    return {"aad_prefix": name.encode(), "store_aad_prefix": False}


class _DigestingSink:
    """Passes bytes on to the file and digests them: what was meant, not what is read back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size_bytes = 0
        self.closed = False

    def write(self, content: Any) -> int:
        self.digest.update(content)
        written = self._file.write(content)
        self.size_bytes += written
        return written

    def tell(self) -> int:
        return self.size_bytes

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        # The file stays open for its fsync; Arrow only has to stop writing.
        self.closed = True

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False
