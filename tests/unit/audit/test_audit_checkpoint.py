"""Signed notes: ours against the published example, and every way a note can be wrong."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.checkpoint import Checkpoint, PublicKey, sign, time_of, time_text, verify_note
from audit.errors import CheckpointUnreadable, KeyUnreadable, SignatureWrong

ORIGIN = "county.example/audit"
# The example of Go's sumdb/note package: a verifier key and a note signed with it.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_SIGNATURE = (
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)


@pytest.fixture
def head():
    return Checkpoint(ORIGIN, 42, bytes(range(32)), datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture
def key(signer):
    return PublicKey.of(ORIGIN, signer)


def test_a_key_of_go_is_read_written_and_has_its_key_id():
    key = PublicKey.parse(GO_KEY)
    assert (key.origin, key.text) == ("PeterNeumann", GO_KEY)
    raw = base64.b64decode(GO_SIGNATURE)
    assert raw[:4] == key.key_id
    Ed25519PublicKey.from_public_bytes(key.raw).verify(raw[4:], GO_TEXT.encode())


def test_a_note_of_go_verifies_as_far_as_its_signature():
    """It is no checkpoint, and that is what is said; one letter changed, and it still is not."""
    note = f"{GO_TEXT}\n\N{EM DASH} PeterNeumann {GO_SIGNATURE}\n"
    with pytest.raises(CheckpointUnreadable):
        verify_note(note, PublicKey.parse(GO_KEY))


def test_a_note_is_origin_size_root_time_and_one_signature(head, signer):
    lines = sign(head, signer).split("\n")
    assert lines[:5] == [
        ORIGIN,
        "42",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "at 2026-11-22T09:00:00.000000Z",
        "",
    ]
    assert lines[5].startswith(f"\N{EM DASH} {ORIGIN} ")
    assert lines[6:] == [""]


def test_a_signed_note_gives_the_checkpoint_back(head, signer, key):
    note = sign(head, signer)
    assert verify_note(note, key) == verify_note(note, key.raw) == head


def test_signatures_of_witnesses_do_not_disturb(head, signer, key):
    witness = sign(head, Ed25519PrivateKey.generate()).split("\n")[-2]
    note = sign(head, signer)
    assert verify_note(note + witness.replace(ORIGIN, "w.example") + "\n", key) == head
    assert verify_note(note + witness + "\n", key) == head


def test_a_second_signature_in_our_name_must_hold_too(head, signer, key):
    note = sign(head, signer)
    other = sign(Checkpoint(ORIGIN, 43, head.root_hash, head.at), signer).split("\n")[-2]
    with pytest.raises(SignatureWrong):
        verify_note(note + other + "\n", key)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("42", "43"),
        ("42", "042"),
        ("42", "-2"),
        (ORIGIN, "other.example"),
        ("AAECAwQF", "AAECAwQG"),
        ("Hh8=", "Hh9="),
        ("at 2026", "at 2027"),
        ("at 2026-11-22", "2026-11-22"),
        ("at 2026-11-22", "at 2026-13-22"),
        ("\n\n", "\n"),
        ("\N{EM DASH}", "-"),
        ("\n42", "\r\n42"),
        ("Z\n", "Z\nmore\n"),
    ],
)
def test_a_changed_note_does_not_hold(head, signer, key, old, new):
    note = sign(head, signer)
    changed = note.replace(old, new, 1)
    assert changed != note
    with pytest.raises((CheckpointUnreadable, SignatureWrong)):
        verify_note(changed, key)


def test_every_bit_of_a_note_counts(head, signer, key):
    note = sign(head, signer).encode()
    for position in range(len(note)):
        for bit in range(8):
            flipped = bytearray(note)
            flipped[position] ^= 1 << bit
            with pytest.raises((CheckpointUnreadable, SignatureWrong, UnicodeDecodeError)):
                verify_note(flipped.decode(), key)


def test_another_key_or_another_origin_does_not_verify(head, signer, key):
    note = sign(head, signer)
    for wrong in (
        PublicKey.of(ORIGIN, Ed25519PrivateKey.generate()),
        PublicKey.of("other.example", signer),
        Ed25519PrivateKey.generate().public_key().public_bytes_raw(),
    ):
        with pytest.raises(SignatureWrong):
            verify_note(note, wrong)


def test_a_key_is_read_with_space_around_it(key):
    assert PublicKey.parse(f"\n {key.text}\n") == key


@pytest.mark.parametrize(
    "text", ["", "a", "a+b", "a+00000000+AAAA", GO_KEY[:-1], GO_KEY.replace("c7", "c8"), "+1+2"]
)
def test_a_text_that_is_no_key_is_refused(text):
    with pytest.raises(KeyUnreadable):
        PublicKey.parse(text)


def test_a_raw_key_has_32_bytes(head, signer):
    with pytest.raises(KeyUnreadable):
        verify_note(sign(head, signer), b"short")


def test_times_sort_as_text_and_have_one_form():
    early, late = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 10, microsecond=1, tzinfo=UTC)
    assert time_text(early) < time_text(late)
    assert time_of(time_text(late)) == late
    for text in ("2026-01-02", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00.000000+00:00"):
        with pytest.raises(ValueError, match="form"):
            time_of(text)
