"""The key package: what one agency needs to tokenise one dataset at its own site, under a passphrase.

In: derived keys and what they are for. Out: a small file that a passphrase opens (Argon2id, AES-256-GCM), or its content
again. What is in clear (for whom, for which epoch, until when) is bound in. Never holds the linkage key itself.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NoReturn

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.keys import canonical
from gateway.keys.derive import KEY_BYTES
from gateway.keys.errors import KeystoreError, PackageDamaged, PackageLocked, PackageUnknown
from gateway.keys.lock import ARGON2, Lock
from gateway.keys.vault import NONCE_BYTES

FORMAT: Final = "families-data-gateway-key-package"
VERSION: Final = 1
ABOUT: Final = ("id", "agency", "dataset", "domain", "epoch", "declaration", "expires_on")
MEMBERS: Final = {"format", "version", *ABOUT, "recipient", "numbers", "lock", "sealed"}
# No letter or digit that is taken for another when it is read out.
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 6, 5


@dataclass(frozen=True, slots=True)
class KeyPackage:
    """Keys of one agency's dataset, for one linkage domain and epoch.

    `level_keys` by `<key family>/<level>`; `fingerprint_key` makes the keyed digest by which an extract is known again;
    `recipient` is the public key that bundles are sealed to; `declaration` the digest of the dataset's declaration;
    `numbers` the public keys by kind of national number, where these are tokenised obliviously.
    """

    id: str
    agency: str
    dataset: str
    domain: str
    epoch: int
    declaration: str
    expires_on: date
    recipient: bytes
    level_keys: Mapping[str, bytes] = field(repr=False)
    fingerprint_key: bytes = field(repr=False)
    numbers: Mapping[str, bytes] = field(default_factory=dict)

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not copied or pickled")


def new_passphrase() -> str:
    """A passphrase of about 148 random bits, to be told on another way than the package goes."""
    letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP)]
    return "-".join("".join(letters[at : at + GROUP]) for at in range(0, len(letters), GROUP))


def lock_package(package: KeyPackage, passphrase: str) -> bytes:
    """The file of a package. Raises WeakPassphrase."""
    lock = Lock.fresh(passphrase.encode(), None)
    outside = {
        "format": FORMAT,
        "version": VERSION,
        **{name: getattr(package, name) for name in ABOUT},
        "expires_on": package.expires_on.isoformat(),
        "recipient": package.recipient.hex(),
        "numbers": {number: key.hex() for number, key in package.numbers.items()},
        "lock": lock.to_document(),
    }
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(lock.open(passphrase.encode(), None))
    sealed = nonce + cipher.encrypt(nonce, _inside(package), rfc8785.dumps(outside))
    return canonical.spelt({**outside, "sealed": sealed.hex()})


def unlock_package(content: bytes, passphrase: str) -> KeyPackage:
    """The package of a file. Raises PackageDamaged, PackageUnknown or PackageLocked."""
    outside = _outside(content)
    sealed = bytes.fromhex(outside.pop("sealed"))
    try:
        cipher = AESGCM(_lock_of(outside).open(passphrase.strip().encode(), None))
        inside = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], rfc8785.dumps(outside))
    except (InvalidTag, ValueError):
        raise PackageLocked("this passphrase does not open the key package") from None
    return _package(outside, json.loads(inside))


def _inside(package: KeyPackage) -> bytes:
    keys = {name: key.hex() for name, key in package.level_keys.items()}
    return rfc8785.dumps({"level_keys": keys, "fingerprint_key": package.fingerprint_key.hex()})


def _outside(content: bytes) -> dict[str, Any]:
    try:
        outside = canonical.read(content)
    except canonical.NotCanonical as fault:
        raise PackageDamaged(f"the file is not a key package: {fault}") from None
    if outside.get("format") != FORMAT:
        raise PackageDamaged("the file is not a key package")
    if outside.get("version") != VERSION:
        raise PackageUnknown(f"this program reads key packages of version {VERSION}")
    if outside.keys() != MEMBERS or not _is_hex(outside["sealed"]):
        raise PackageDamaged("the key package is not one that this program makes")
    return outside


def _lock_of(outside: Mapping[str, Any]) -> Lock:
    try:
        lock = Lock.from_document(outside["lock"])
    except KeystoreError:
        lock = None
    if lock is None or lock.method != ARGON2:
        raise PackageDamaged("the lock of the key package is not one this program makes")
    return lock


def _package(outside: Mapping[str, Any], inside: Mapping[str, Any]) -> KeyPackage:
    """Only after the seal has shown that every member is as the gateway wrote it."""
    keys = {name: bytes.fromhex(key) for name, key in inside["level_keys"].items()}
    about = {name: outside[name] for name in ABOUT}
    return KeyPackage(
        **{**about, "expires_on": date.fromisoformat(outside["expires_on"])},
        recipient=bytes.fromhex(outside["recipient"]),
        level_keys=keys,
        fingerprint_key=bytes.fromhex(inside["fingerprint_key"]),
        numbers={number: bytes.fromhex(key) for number, key in outside["numbers"].items()},
    )


def _is_hex(text: object) -> bool:
    try:
        return isinstance(text, str) and len(bytes.fromhex(text)) > NONCE_BYTES + KEY_BYTES
    except ValueError:
        return False
