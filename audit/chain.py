"""Entries in their order: each the next index, no older than the last, bound to it by its hash.

In: line after line. Out: the head so far (size, last leaf, last time, tree), or the named fault of
the first line that does not follow. The log and the verifier run this same code.
"""

from audit.checkpoint import time_of
from audit.entry import NO_PREVIOUS, Line, parse
from audit.errors import ChainBroken, EntryMisplaced, EntryUnreadable, TimeWentBack
from audit.tree import EMPTY_ROOT, CompactRange


class Chain:
    """The head of a log; `watch` asks for the root at an earlier size: see `watched_root`."""

    def __init__(self) -> None:
        self.tree = CompactRange()
        self.previous = NO_PREVIOUS
        self.at = ""
        self.watched_root: bytes | None = None
        self._watched = 0

    def watch(self, size: int) -> None:
        """Keep the root at this size, once it is reached. To be said before the first entry."""
        self._watched = size
        self.watched_root = EMPTY_ROOT if size == 0 else None

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.tree.size

    def follow(self, raw: bytes) -> Line:
        """Check that a line is the next entry and take it in. Raises a VerificationFailed."""
        index = self.size
        line = parse(raw, index)
        if line.index != index:
            raise EntryMisplaced("the entry carries another index", index)
        if line.previous != self.previous:
            raise ChainBroken("the entry does not follow the one before it", index)
        if line.at < self.at:
            raise TimeWentBack("the entry is older than the one before it", index)
        try:
            time_of(line.at)
        except ValueError as error:
            raise EntryUnreadable("the entry's time does not exist", index) from error
        self.take(line.leaf, line.at)
        return line

    def take(self, leaf: bytes, at: str) -> None:
        """Take in an entry that is known to follow."""
        self.tree.append(leaf)
        self.previous = leaf.hex()
        self.at = at
        if self.size == self._watched:
            self.watched_root = self.tree.root()
