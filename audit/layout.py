"""Where the evidence stands: a folder with the entries and a checkpoint, or one file with both.

In: a path. Out: the checkpoint's text and the lines of the entries, streamed. The folder is the
log's own directory or a copy of it; the file is the checkpoint, a blank line, then the entries.
It judges nothing beyond the form, and needs no part of the log that writes.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from audit.entry import MAX_LINE
from audit.errors import CheckpointUnreadable, ExportUnreadable

ENTRIES = "entries.jsonl"
CHECKPOINT = "checkpoint"
ACTORS = "actors.jsonl"
MAX_NOTE = 64 * 1024


@dataclass(frozen=True)
class Evidence:
    """A checkpoint's text, and the entries between two positions of an open file."""

    note: str
    entries: IO[bytes]
    start: int
    end: int

    def lines(self) -> Iterator[bytes]:
        """The entries' lines, each with its line end; the last may lack it."""
        try:
            yield from lines_between(self.entries, self.start, self.end)
        except OSError as error:
            raise ExportUnreadable("the entries cannot be read") from error


def actor_lines(export: Path) -> list[bytes]:
    """The lines of the table of actors, where the log's own folder is looked at; an export has none."""
    table = export / ACTORS
    try:
        return table.read_bytes().split(b"\n") if export.is_dir() and table.exists() else [b""]
    except OSError as error:
        raise ExportUnreadable("the table of actors cannot be read") from error


@contextmanager
def open_evidence(export: Path) -> Iterator[Evidence]:
    """Open a folder or a file. Raises ExportUnreadable or CheckpointUnreadable."""
    with ExitStack() as stack:
        try:
            folder = export.is_dir()
            entries = stack.enter_context(open(export / ENTRIES if folder else export, "rb"))
            with _settled(entries):
                end = os.fstat(entries.fileno()).st_size
                note = _folder_note(export) if folder else _leading_note(entries)
        except OSError as error:
            raise ExportUnreadable("a file of the export cannot be read") from error
        yield Evidence(note, entries, 0 if folder else entries.tell(), end)


def lines_between(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    """Lines from byte `start` to byte `end`; one longer than any entry comes in pieces."""
    file.seek(start)
    position = start
    while position < end:
        raw = file.readline(min(MAX_LINE, end - position))
        if not raw:
            return
        position += len(raw)
        yield raw


@contextmanager
def _settled(file: IO[bytes]) -> Iterator[None]:
    """Hold off a log that is being written, for as long as it takes to note where it ends."""
    fcntl.flock(file.fileno(), fcntl.LOCK_SH)
    try:
        yield
    finally:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


def _folder_note(folder: Path) -> str:
    return _text((folder / CHECKPOINT).read_bytes()[: MAX_NOTE + 1])


def _leading_note(file: IO[bytes]) -> str:
    """The signed note at the head of a file: up to its second blank line."""
    lines: list[bytes] = []
    blanks = size = 0
    while size <= MAX_NOTE:
        line = file.readline(MAX_NOTE)
        size += len(line)
        blanks += line == b"\n"
        if blanks == 2:
            return _text(b"".join(lines))
        if not line:
            break
        lines.append(line)
    raise CheckpointUnreadable("the file does not begin with a checkpoint and a blank line")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise CheckpointUnreadable("the checkpoint is not UTF-8 text") from error
