"""The append-only file of entries, shared by processes, with its head in memory.

In: events as canonical bytes and a time. Out: entries that are durable. One process at a time
holds its lock, and reads what the others wrote before it writes. It never changes a byte that it
wrote; the only cut is of bytes nobody was told of.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from audit import disk
from audit.chain import Chain
from audit.entry import parse, render
from audit.errors import LogBroken, VerificationFailed
from audit.layout import lines_between
from audit.tree import BLOCK, node_hash, root_of_leaves, split


@dataclass(frozen=True, slots=True)
class Written:
    """Where an event went: index, time (text form) and leaf hash."""

    index: int
    at: str
    leaf: bytes


class LogFile:
    """Entries on disk; `chain` is the head, `length` the bytes that it covers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.chain = Chain()
        self.length = 0
        # (entries, bytes) that a reader in another thread may see; replaced as one.
        self._readable = (0, 0)
        self._is_durable = False
        # Where every 256th entry begins, so that reading from the middle need not read it all.
        self._starts: list[int] = []
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def close(self) -> None:
        """Give up the file; nothing is written."""
        os.close(self._fd)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock against other processes (and other logs opened in this one)."""
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def catch_up(self) -> int:
        """Take in what others appended; return the bytes of a torn line at the end, not yet cut.

        Raises LogBroken when the file is shorter than known, was replaced, or does not follow.
        """
        end = self._end()
        if end == self.length:
            return 0
        if end < self.length:
            raise LogBroken("the log is shorter than it was: entries are missing")
        self._is_durable = False
        with open(self.path, "rb") as file:
            for raw in lines_between(file, self.length, end):
                # A line without an end, and nothing after it: its writer died while writing.
                if not raw.endswith(b"\n") and self.length + len(raw) == end:
                    break
                self._follow(raw)
        self._readable = (self.chain.size, self.length)
        return end - self.length

    def cut_back(self) -> None:
        """Cut what stands after the known head. Nobody was told of those bytes."""
        # INVARIANT: length covers every acknowledged entry, because a process acknowledges only
        # after its fsync and before it gives up the lock, and catch_up ran since.
        disk.cut(self._fd, self.length)
        self._is_durable = True

    def settle(self) -> None:
        """Make what was read from others durable, before anything is built on it."""
        if not self._is_durable:
            disk.sync(self._fd)
            self._is_durable = True

    def append(self, events: Sequence[bytes], at: str) -> list[Written]:
        """Append the events as one group; durable on return. Raises OSError, head unchanged."""
        drafts, written = bytearray(), []
        previous, starts = self.chain.previous, []
        for offset, event in enumerate(events):
            index = self.chain.size + offset
            if index % BLOCK == 0:
                starts.append(self.length + len(drafts))
            leaf, line = render(event, at, index, previous)
            previous = leaf.hex()
            drafts += line
            written.append(Written(index, at, leaf))
        # A crash before or in the write leaves no line, whole lines, or a torn last one. Nobody
        # was told of them: whole lines stay as entries, the torn one is cut and that is logged.
        disk.write_all(self._fd, bytes(drafts))
        # A crash here is the same: the bytes may or may not be on the disk.
        disk.sync(self._fd)
        # From here the entries are durable; only now does the head move and may anyone be told.
        for entry in written:
            self.chain.take(entry.leaf, entry.at)
        self.length += len(drafts)
        self._starts += starts
        self._readable = (self.chain.size, self.length)
        self._is_durable = True
        return written

    def lines(self, first: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The lines of entries first to end (exclusive), of those known now; streamed."""
        size, length = self._readable
        stop = size if end is None else min(end, size)
        if not 0 <= first < stop:
            return
        block = first // BLOCK
        try:
            with open(self.path, "rb") as file:
                from_block = lines_between(file, self._starts[block], length)
                yield from islice(from_block, first - block * BLOCK, stop - block * BLOCK)
        except OSError as error:
            raise LogBroken("the log cannot be read") from error

    def root_of(self, start: int, end: int) -> bytes:
        """The root over leaves start to end: a range of the tree, as a proof asks for.

        Full blocks come from memory, the rest from the file. Raises LogBroken if it was altered.
        """
        width = end - start
        if width == BLOCK:
            return self.chain.tree.blocks[start // BLOCK]
        if width < BLOCK:
            return root_of_leaves(list(self._leaves(start, end)))
        middle = start + split(width)
        return node_hash(self.root_of(start, middle), self.root_of(middle, end))

    def _leaves(self, first: int, end: int) -> Iterator[bytes]:
        for index, raw in enumerate(self.lines(first, end), first):
            try:
                yield parse(raw, index).leaf
            except VerificationFailed as error:
                raise LogBroken(str(error)) from error

    def _follow(self, raw: bytes) -> None:
        index = self.chain.size
        try:
            self.chain.follow(raw)
        except VerificationFailed as error:
            raise LogBroken(str(error)) from error
        if index % BLOCK == 0:
            self._starts.append(self.length)
        self.length += len(raw)

    def _end(self) -> int:
        """The file's length. Raises LogBroken when the name leads to another file by now."""
        ours = os.fstat(self._fd)
        try:
            named = os.stat(self.path)
        except FileNotFoundError as error:
            raise LogBroken("the log file is gone") from error
        if (ours.st_dev, ours.st_ino) != (named.st_dev, named.st_ino):
            raise LogBroken("the log file was replaced")
        return ours.st_size
