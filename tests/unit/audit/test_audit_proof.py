"""Proofs that stand without the log."""

import base64

import pytest

from audit import AuditLog
from audit.errors import ProofWrong, SignatureWrong
from audit.proof import HEADER, check_consistency, check_inclusion
from audit.tree import leaf_hash


@pytest.mark.parametrize("index", [0, 1, 255, 256, 300, 511, 512, 698, 699])
def test_every_entry_can_be_proved_to_a_stranger(filled, index):
    proof = filled.prove(index)
    (entry,) = filled.entries(after=index - 1, limit=1)
    proved = check_inclusion(proof, filled.public_key)
    assert (proved.index, proved.leaf_hash) == (index, entry.leaf_hash)
    assert proved.checkpoint.size == 700
    assert leaf_hash(proved.entry) == entry.leaf_hash
    assert f'"subject":"q-{index}"'.encode() in proved.entry


def test_a_proof_may_leave_the_entry_out(filled):
    proof = filled.prove(5, with_entry=False)
    (entry,) = filled.entries(after=4, limit=1)
    assert "extra" not in proof
    proved = check_inclusion(proof, filled.public_key, entry.leaf_hash)
    assert proved.entry is None
    with pytest.raises(ProofWrong, match="leaf hash"):
        check_inclusion(proof, filled.public_key)


def test_a_proof_has_the_published_form(filled):
    lines = filled.prove(5, with_entry=False).split("\n")
    blank = lines.index("")
    assert lines[:2] == [HEADER, "index 5"]
    assert all(len(base64.b64decode(line)) == 32 for line in lines[2:blank])
    assert lines[blank + 1] == "county.example/audit"


def change_index(proof):
    return proof.replace("index 5\n", "index 4\n")


def change_entry(proof):
    extra = proof.split("\n")[1].removeprefix("extra ")
    entry = base64.b64decode(extra).replace(b"q-5", b"q-6")
    return proof.replace(extra, base64.b64encode(entry).decode())


def drop_a_hash(proof):
    lines = proof.split("\n")
    return "\n".join(lines[:3] + lines[4:])


def add_a_hash(proof):
    lines = proof.split("\n")
    return "\n".join(lines[:3] + lines[3:4] + lines[3:])


def other_header(proof):
    return proof.replace("@v1", "@v2")


def no_note(proof):
    return proof.split("\n\n")[0] + "\n\n"


@pytest.mark.parametrize(
    "change", [change_index, change_entry, drop_a_hash, add_a_hash, other_header, no_note]
)
def test_a_changed_proof_proves_nothing(filled, change):
    proof = filled.prove(5)
    assert change(proof) != proof
    with pytest.raises(ProofWrong):
        check_inclusion(change(proof), filled.public_key)


def test_a_proof_about_another_entry_or_from_another_key_is_refused(filled):
    proof = filled.prove(5)
    with pytest.raises(ProofWrong, match="another"):
        check_inclusion(proof, filled.public_key, b"\x01" * 32)
    with pytest.raises(SignatureWrong):
        check_inclusion(proof.replace("700", "701"), filled.public_key)


def test_there_is_no_proof_of_an_entry_that_is_not_there(filled):
    for index in (-1, 700):
        with pytest.raises(ValueError, match="outside"):
            filled.prove(index)


@pytest.mark.parametrize("old", [0, 1, 256, 300, 700])
def test_a_new_head_grew_from_every_old_one(open_log, an_event, quick, old):
    log = open_log().log
    for _ in range(old):
        log.append(an_event())
    before = log.checkpoint()
    for _ in range(20):
        log.append(an_event())
    after, hashes = log.prove_consistency(old)
    first, second = check_consistency(before, after, hashes, log.public_key)
    assert (first.size, second.size) == (old, old + 20)


def test_two_logs_did_not_grow_from_each_other(open_log, an_event, tmp_path, signer):
    log = open_log().log
    log.append(an_event(subject="ours"))
    before = log.checkpoint()
    log.append(an_event())
    other = AuditLog.open(tmp_path / "other", signer, "county.example/audit")
    with other:
        for _ in range(2):
            other.append(an_event(subject="theirs"))
        after, hashes = other.prove_consistency(1)
    with pytest.raises(ProofWrong, match="did not grow"):
        check_consistency(before, after, hashes, log.public_key)
