"""Derived keys and the vault: one use, one key; a wrapped key opens one file of one kind."""

import os
from itertools import combinations
from pathlib import Path

import pytest

from gateway.keys import FileKeystore, Keys, KeyUnwrapFailed, Sealed
from gateway.keys.derive import derive


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder: Path = tmp_path_factory.mktemp("keys")
    return FileKeystore.create(folder / "keystore.json", key_file=folder / "key")


def test_every_use_has_its_own_key(keys: Keys) -> None:
    made = [
        keys.linkage_key("a", 1),
        keys.linkage_key("a", 2),
        keys.linkage_key("a", 12),
        keys.linkage_key("a1", 2),
        keys.linkage_key("b", 1),
        keys.disclosure_key("a"),
        keys.disclosure_key("b"),
        keys.fingerprint_key("a", "b"),
        keys.fingerprint_key("ab", ""),
        keys.bundle_key("a").private_bytes_raw(),
        keys.bundle_key("b").private_bytes_raw(),
        keys.credential_key(),
        keys.trace_key(),
    ]
    assert {len(key) for key in made} == {32}
    assert all(left != right for left, right in combinations(made, 2))


def test_parts_of_a_label_do_not_run_together() -> None:
    root = os.urandom(32)
    labels = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc")]
    assert len({derive(root, *label) for label in labels}) == len(labels)


def test_derivation_is_hkdf_sha256_of_rfc_5869() -> None:
    """Worked out again from HMAC alone, so that the derivation can never drift unseen."""
    import hmac

    root, domain = b"\x0b" * 32, b"families-data-gateway/keys/v1"
    info = b"".join(len(part).to_bytes(4, "big") + part for part in (domain, b"x", b"yz"))
    pseudorandom = hmac.digest(bytes(32), root, "sha256")
    assert derive(root, "x", "yz") == hmac.digest(pseudorandom, info + b"\x01", "sha256")


@pytest.mark.parametrize("kind", Sealed)
def test_a_wrapped_key_opens_under_its_own_kind_and_name_only(keys: Keys, kind: Sealed) -> None:
    data_key, wrapped = keys.vault.fresh(kind, "one")
    assert keys.vault.unwrap(kind, "one", wrapped) == data_key
    assert data_key not in wrapped
    with pytest.raises(KeyUnwrapFailed):
        keys.vault.unwrap(kind, "two", wrapped)
    for other in set(Sealed) - {kind}:
        with pytest.raises(KeyUnwrapFailed):
            keys.vault.unwrap(other, "one", wrapped)


def test_every_flipped_byte_of_a_wrapped_key_is_named(keys: Keys) -> None:
    _, wrapped = keys.vault.fresh(Sealed.TOKENS, "one")
    for at in range(len(wrapped)):
        flipped = bytearray(wrapped)
        flipped[at] ^= 0x20
        with pytest.raises(KeyUnwrapFailed):
            keys.vault.unwrap(Sealed.TOKENS, "one", bytes(flipped))
    for length in (0, 5, 12, 20, len(wrapped) - 1):
        with pytest.raises(KeyUnwrapFailed):
            keys.vault.unwrap(Sealed.TOKENS, "one", wrapped[:length])


def test_two_data_keys_are_never_the_same(keys: Keys) -> None:
    made = [keys.vault.fresh(Sealed.RECORDS, "same name") for _ in range(50)]
    assert len({key for pair in made for key in pair}) == 100


def test_the_audit_signer_signs_for_the_public_key(keys: Keys) -> None:
    signer = keys.audit_signer()
    signer.public_key().verify(signer.sign(b"head"), b"head")
    assert signer.public_key().public_bytes_raw() == keys.audit_public_key()
