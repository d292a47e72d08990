"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): hashing, proofs, verification.

In: leaf hashes (32 bytes, SHA-256), sizes and positions counted from 0. Out: root hashes, proofs
(lists of 32-byte hashes, lowest level first) and yes or no. Pure: never a file, a clock or a key.
"""

import hashlib
from collections.abc import Callable, Sequence
from hmac import compare_digest

BLOCK_LEVEL = 8
BLOCK = 1 << BLOCK_LEVEL  # leaves in a block whose root a CompactRange keeps
EMPTY_ROOT = hashlib.sha256().digest()

RootOf = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """MTH({d}): SHA-256 of 0x00 and the leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and the two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The right edge of a growing tree: enough to append and to give the root, 32 bytes a level.

    `blocks` keeps the root of every full block of 256 leaves as well, so that a proof needs only
    the leaves of the blocks it touches.
    """

    def __init__(self) -> None:
        self.size = 0
        self.blocks: list[bytes] = []
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash on the right."""
        node, level, count = leaf, 0, self.size
        while count & 1:
            node = node_hash(self._peaks.pop(), node)
            level, count = level + 1, count >> 1
            if level == BLOCK_LEVEL:
                self.blocks.append(node)
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root hash over all leaves so far; that of an empty tree is SHA-256 of nothing."""
        if not self._peaks:
            return EMPTY_ROOT
        *rest, root = self._peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def root_of_leaves(leaves: Sequence[bytes]) -> bytes:
    """The root hash over the leaf hashes given."""
    edge = CompactRange()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root()


def split(width: int) -> int:
    """The largest power of two smaller than width (width > 1)."""
    return 1 << ((width - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, root_of: RootOf) -> list[bytes]:
    """PATH(index, D[size]); `root_of(start, end)` gives the root over those leaves.

    Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError("the index lies outside the tree")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, root_of: RootOf) -> list[bytes]:
    """PROOF(old, D[new]); empty when old is 0 or equal to new.

    Raises ValueError unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError("the old tree is not smaller than the new one")
    path: list[bytes] = []
    start, end = 0, new
    while 0 < old < end:
        middle = start + split(end - start)
        if old <= middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start = middle
    # A whole left edge is the old root itself, which the verifier has.
    if start > 0:
        path.append(root_of(start, end))
    return path[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2: does the proof lead from the leaf at index to the root?"""
    if not 0 <= index < size or any(len(h) != 32 for h in (leaf, root, *proof)):
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            position, last = _climb(position, last)
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and compare_digest(node, root)


def _climb(position: int, last: int) -> tuple[int, int]:
    """Skip the levels on which a right-edge node has no sibling."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def is_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """RFC 9162 section 2.1.4.2: is the tree of `old` leaves a prefix of that of `new` leaves?"""
    if not 0 <= old <= new or any(len(h) != 32 for h in (old_root, new_root, *proof)):
        return False
    if old == new:
        return not proof and compare_digest(old_root, new_root)
    if old == 0:
        return not proof and compare_digest(old_root, EMPTY_ROOT)
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    return bool(path) and _leads_to_both(old, new, old_root, new_root, path)


def _leads_to_both(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
            position, last = _climb(position, last)
        else:
            new_node = node_hash(new_node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and compare_digest(old_node, old_root) and compare_digest(new_node, new_root)
