"""The Merkle tree against the published vectors of Certificate Transparency."""

import json
from pathlib import Path

import pytest

from audit.tree import (
    BLOCK,
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    root_of_leaves,
)

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "audit_tree.json").read_text(encoding="utf-8")
)
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in VECTORS["leaves"]]
ROOTS = [EMPTY_ROOT, *map(bytes.fromhex, VECTORS["roots"])]


def root_of(start, end):
    return root_of_leaves(LEAVES[start:end])


def hashes(case):
    return [bytes.fromhex(text) for text in case["proof"]]


def test_the_empty_tree_has_the_published_root():
    assert bytes.fromhex(VECTORS["empty_root"]) == EMPTY_ROOT == root_of_leaves([])


@pytest.mark.parametrize("size", range(1, 9))
def test_every_prefix_has_the_published_root(size):
    assert root_of(0, size) == ROOTS[size]


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_inclusion_proofs_are_the_published_ones_and_hold(case):
    index, size = case["index"], case["size"]
    assert inclusion_proof(index, size, root_of) == hashes(case)
    assert is_included(LEAVES[index], index, size, hashes(case), ROOTS[size])


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_consistency_proofs_are_the_published_ones_and_hold(case):
    old, new = case["old"], case["new"]
    assert consistency_proof(old, new, root_of) == hashes(case)
    assert is_consistent(old, new, ROOTS[old], ROOTS[new], hashes(case))


def test_an_altered_inclusion_proof_never_holds():
    leaf, root, proof = LEAVES[5], ROOTS[8], inclusion_proof(5, 8, root_of)
    other = b"\x07" * 32
    altered = [
        (leaf, 4, 8, proof, root),
        (leaf, 5, 4, proof, root),
        (leaf, 5, 16, proof, root),
        (other, 5, 8, proof, root),
        (leaf, 5, 8, proof, other),
        (leaf, 5, 8, proof[:-1], root),
        (leaf, 5, 8, [*proof, root], root),
        (leaf, 5, 8, [*proof, b""], root),
        (leaf, 5, 8, [other, *proof], root),
        (leaf, -1, 8, proof, root),
        (leaf, 8, 8, proof, root),
        (leaf[:31], 5, 8, proof, root),
        *[(leaf, 5, 8, [*proof[:i], other, *proof[i + 1 :]], root) for i in range(3)],
    ]
    assert [case[1:3] for case in altered if is_included(*case)] == []


def test_an_altered_consistency_proof_never_holds():
    proof, other = consistency_proof(6, 8, root_of), b"\x07" * 32
    altered = [
        (5, 8, ROOTS[6], ROOTS[8], proof),
        (6, 16, ROOTS[6], ROOTS[8], proof),
        (6, 8, other, ROOTS[8], proof),
        (6, 8, ROOTS[6], other, proof),
        (6, 8, ROOTS[8], ROOTS[6], proof),
        (6, 8, ROOTS[6], ROOTS[8], []),
        (6, 8, ROOTS[6], ROOTS[8], proof[:-1]),
        (6, 8, ROOTS[6], ROOTS[8], [*proof, other]),
        (8, 6, ROOTS[8], ROOTS[6], proof),
        (8, 8, ROOTS[8], ROOTS[8], proof),
        (0, 8, other, ROOTS[8], []),
        (0, 8, EMPTY_ROOT, ROOTS[8], proof),
        *[(6, 8, ROOTS[6], ROOTS[8], [*proof[:i], other, *proof[i + 1 :]]) for i in range(3)],
    ]
    assert [case[:2] for case in altered if is_consistent(*case)] == []


def test_a_proof_outside_the_tree_is_an_error():
    with pytest.raises(ValueError, match="outside"):
        inclusion_proof(8, 8, root_of)
    with pytest.raises(ValueError, match="not smaller"):
        consistency_proof(9, 8, root_of)


def test_a_leaf_cannot_be_taken_for_a_node():
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


def test_the_compact_range_keeps_the_roots_of_full_blocks():
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(2 * BLOCK + 3)]
    edge = CompactRange()
    for leaf in leaves:
        edge.append(leaf)
    assert edge.blocks == [root_of_leaves(leaves[i * BLOCK :][:BLOCK]) for i in range(2)]
