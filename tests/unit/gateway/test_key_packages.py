"""The key package file: only its passphrase opens it, no byte of it can change unseen, and it shows no key."""

import copy
import json
import pickle
from datetime import date
from pathlib import Path

import pytest

from gateway.keys import canonical, envelope
from gateway.keys.errors import (
    EnvelopeBroken,
    PackageDamaged,
    PackageLocked,
    PackageUnknown,
)
from gateway.keys.keystore import FileKeystore
from gateway.keys.package import KeyPackage, lock_package, new_passphrase, unlock_package
from linkage.errors import LinkageKeyInvalid
from linkage.prepared import level_keys

PASSPHRASE = "k7mqp-2xvdh-9w3cf-hj4nr-btz6y-mm3qa"
SECRET = bytes(range(32))
ROLES = ("forename", "surname", "date_of_birth", "sex", "agency_id")


@pytest.fixture(scope="module")
def package() -> KeyPackage:
    return KeyPackage(
        id="package-0123456789abcdef",
        agency="police",
        dataset="contacts",
        domain="supporting-families",
        epoch=3,
        declaration="ab" * 32,
        expires_on=date(2027, 11, 22),
        recipient=bytes(range(1, 33)),
        level_keys=level_keys(SECRET, ROLES).delivered(),
        fingerprint_key=b"\x07" * 32,
    )


@pytest.fixture(scope="module")
def file(package: KeyPackage) -> bytes:
    return lock_package(package, PASSPHRASE)


def test_what_is_locked_is_what_is_unlocked(package: KeyPackage, file: bytes) -> None:
    assert unlock_package(file, PASSPHRASE) == package
    # As it is typed: with a space or a line's end behind it.
    assert unlock_package(file, f" {PASSPHRASE}\n") == package


def test_no_key_stands_in_the_file_or_is_ever_shown(package: KeyPackage, file: bytes) -> None:
    said = file + repr(package).encode() + str(package).encode()
    for key in (*package.level_keys.values(), package.fingerprint_key, SECRET):
        assert key not in said
        assert key.hex().encode() not in said
        assert str(key).encode() not in said
    for copying in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copying(package)


@pytest.mark.parametrize("wrong", ["", "x", PASSPHRASE.upper(), PASSPHRASE[:-1], PASSPHRASE * 2])
def test_another_passphrase_does_not_open_it_and_is_not_repeated(file: bytes, wrong: str) -> None:
    with pytest.raises(PackageLocked) as refused:
        unlock_package(file, wrong)
    assert not wrong or len(wrong) == 1 or wrong not in str(refused.value)


def test_no_byte_can_change_unseen(file: bytes) -> None:
    for place in range(0, len(file), 7):
        changed = bytearray(file)
        changed[place] ^= 1
        with pytest.raises((PackageDamaged, PackageUnknown)):
            unlock_package(bytes(changed), PASSPHRASE)


WORDS = {
    "agency": "health",
    "dataset": "ecds",
    "domain": "another",
    "epoch": 4,
    "declaration": "cd" * 32,
    "expires_on": "2099-01-01",
    "recipient": "11" * 32,
    "id": "package-ffffffffffffffff",
}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_exchanged_with_its_digest_keeps_it_shut(file: bytes, word: str) -> None:
    """Above all the recipient: a bundle sealed to somebody else would hand that one the tokens."""
    document = json.loads(file)
    document.pop("digest")
    assert document[word] != WORDS[word]
    with pytest.raises(PackageLocked):
        unlock_package(canonical.spelt({**document, word: WORDS[word]}), PASSPHRASE)


def rewritten(file: bytes, **changes: object) -> bytes:
    document = json.loads(file)
    document.pop("digest")
    return canonical.spelt({**document, **changes})


CHEAP = {"method": "argon2id", "salt": "00" * 16, "iterations": 1, "lanes": 1, "memory_kib": 8}
DAMAGED = {
    "nothing": lambda file: b"",
    "no JSON": lambda file: file[:-20],
    "a list": lambda file: b"[]\n",
    "a keystore": lambda file: rewritten(file, format="families-data-gateway-keystore"),
    "a member more": lambda file: rewritten(file, note="x"),
    "a member less": lambda file: canonical.spelt(
        {k: v for k, v in json.loads(file).items() if k not in ("digest", "epoch")}
    ),
    "a space": lambda file: file.replace(b":", b": ", 1),
    "a member twice": lambda file: file.replace(b'{"agency"', b'{"agency":"police","agency"'),
    "a seal that is no hex": lambda file: rewritten(file, sealed="Quistgaard"),
    "a seal too short": lambda file: rewritten(file, sealed="00" * 12),
    "a cheap lock": lambda file: rewritten(file, lock=CHEAP),
    "a key file for a lock": lambda file: rewritten(
        file, lock={"method": "key-file", "salt": "00" * 16}
    ),
    "deep JSON": lambda file: b"[" * 100_000,
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_file_that_is_no_package_is_told_from_a_wrong_passphrase(file: bytes, what: str) -> None:
    with pytest.raises(PackageDamaged) as refused:
        unlock_package(DAMAGED[what](file), PASSPHRASE)
    assert "Quistgaard" not in str(refused.value)


def test_a_later_version_is_told_as_such(file: bytes) -> None:
    with pytest.raises(PackageUnknown):
        unlock_package(rewritten(file, version=2), PASSPHRASE)


def test_passphrases_are_long_and_never_the_same() -> None:
    made = {new_passphrase() for _ in range(50)}
    assert len(made) == 50
    assert {len(each) for each in made} == {35}
    assert not set("01il o") & set("".join(made))


def test_only_the_keys_of_the_roles_are_there(package: KeyPackage) -> None:
    assert {name.split("/")[0] for name in package.level_keys} == {
        *("name", "date_of_birth", "sex", "reference"),
    }
    keys = level_keys(SECRET, ROLES)
    with pytest.raises(LinkageKeyInvalid, match="nhs_number/exact"):
        keys.pseudonymiser("nhs_number", "exact")


def test_check_values_tell_keys_apart_and_are_no_tokens() -> None:
    ours, theirs = level_keys(SECRET, ROLES), level_keys(SECRET[::-1], ROLES)
    values = ours.check_values()
    assert values == level_keys(SECRET, ROLES).check_values()
    assert not set(values.values()) & set(theirs.check_values().values())
    assert len(set(values.values())) == len(values) == len(ours.delivered())


def test_an_envelope_opens_for_its_recipient_and_its_own_outside_only(tmp_path: Path) -> None:
    keys = FileKeystore.create(tmp_path / "keystore.json", key_file=tmp_path / "key")
    sealed = envelope.seal(b"content", keys.bundle_recipient("a"), b"outside")
    assert envelope.unseal(sealed, keys.bundle_key("a"), b"outside") == b"content"
    assert len(sealed) == len(b"content") + envelope.OVERHEAD
    assert envelope.seal(b"content", keys.bundle_recipient("a"), b"outside") != sealed
    for content, package, outside in (
        (sealed, "b", b"outside"),
        (sealed, "a", b"outsidE"),
        (sealed[:-1], "a", b"outside"),
        (b"", "a", b"outside"),
    ):
        with pytest.raises(EnvelopeBroken):
            envelope.unseal(content, keys.bundle_key(package), outside)
