"""The Merkle tree against another implementation (pymerkle), for any size."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from audit.tree import (
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root_of_leaves,
)

entries = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


def built(data):
    """(leaf hashes, root of a range, the other implementation's tree)."""
    leaves = [leaf_hash(item) for item in data]
    other = InmemoryTree(algorithm="sha256")
    other.append_entries(data)
    return leaves, lambda start, end: root_of_leaves(leaves[start:end]), other


@settings(max_examples=60, deadline=None)
@given(entries, st.data())
def test_roots_and_inclusion_proofs_agree_with_pymerkle(data, choose):
    leaves, root_of, other = built(data)
    index = choose.draw(st.integers(0, len(data) - 1))
    root = root_of(0, len(data))
    assert root == other.get_root()
    ours, theirs = inclusion_proof(index, len(data), root_of), other.prove_inclusion(index + 1)
    assert [leaves[index], *ours] == theirs.path
    verify_inclusion(leaves[index], root, theirs, index=index + 1, size=len(data))
    assert is_included(leaves[index], index, len(data), ours, root)


@settings(max_examples=60, deadline=None)
@given(entries, st.data())
def test_consistency_holds_between_any_two_sizes_as_pymerkle_says(data, choose):
    _, root_of, other = built(data)
    old = choose.draw(st.integers(1, len(data)))
    old_root, new_root = other.get_root(old), other.get_root()
    ours = consistency_proof(old, len(data), root_of)
    verify_consistency(old_root, new_root, other.prove_consistency(old))
    assert is_consistent(old, len(data), old_root, new_root, ours)


@settings(max_examples=60, deadline=None)
@given(entries, st.data())
def test_one_flipped_bit_anywhere_in_a_proof_breaks_it(data, choose):
    leaves, root_of, _ = built(data)
    index = choose.draw(st.integers(0, len(data) - 1))
    parts = [leaves[index], root_of(0, len(data)), *inclusion_proof(index, len(data), root_of)]
    which = choose.draw(st.integers(0, len(parts) - 1))
    bit = choose.draw(st.integers(0, 255))
    flipped = bytearray(parts[which])
    flipped[bit // 8] ^= 1 << bit % 8
    parts[which] = bytes(flipped)
    leaf, root, *proof = parts
    assert not is_included(leaf, index, len(data), proof, root)
