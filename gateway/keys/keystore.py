"""The keystore file: all root secrets, wrapped under one lock, in one JSON document of mode 0600.

In: a path and a passphrase or key file. Out: `Keys`. The file is canonical JSON (RFC 8785) with a
digest; each secret is wrapped by AES-256-GCM with everything public in the file as associated
data, so no byte of it can change unseen. Never writes a secret in the clear.
"""

import json
import os
from dataclasses import asdict, fields
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.keys.derive import KEY_BYTES, derive
from gateway.keys.errors import (
    KeystoreDamaged,
    KeystoreExists,
    KeystoreTampered,
    UnknownKeystoreVersion,
)
from gateway.keys.keys import Keys, Roots
from gateway.keys.lock import Lock
from gateway.keys.secret_file import create_secret, read_secret, replace_secret
from gateway.keys.vault import NONCE_BYTES

FORMAT: Final = "families-data-gateway-keystore"
VERSION: Final = 1
HEADER = ("format", "version", "epoch", "created_at", "audit_public_key", "lock")
MEMBERS = {*HEADER, "check", "sealed", "digest"}


class FileKeystore:
    """One keystore in one file. Every method names the error it may raise in `keys.errors`."""

    @staticmethod
    def create(
        path: Path, *, passphrase: bytes | None = None, key_file: Path | None = None
    ) -> Keys:
        """New random roots under a new lock; never overwrites. Makes the key file when missing."""
        if os.path.lexists(path):
            raise KeystoreExists(f"{path} exists already")
        lock = Lock.fresh(passphrase, key_file)
        roots = Roots(*(os.urandom(KEY_BYTES) for _ in fields(Roots)))
        keys = Keys(roots, epoch=1)
        created_at = datetime.now(UTC).isoformat(timespec="seconds")
        kek = lock.open(passphrase, key_file)
        create_secret(path, _write(keys, roots, lock, kek, created_at))
        return keys

    @staticmethod
    def open(path: Path, *, passphrase: bytes | None = None, key_file: Path | None = None) -> Keys:
        """The keys of an existing keystore."""
        document = _parse(read_secret(path))
        roots, _ = _unlock(document, passphrase, key_file)
        return Keys(roots, document["epoch"])

    @staticmethod
    def next_epoch(
        path: Path, *, passphrase: bytes | None = None, key_file: Path | None = None
    ) -> Keys:
        """Begin the next linkage epoch: new linkage keys from now on, the old still derivable."""
        document = _parse(read_secret(path))
        roots, kek = _unlock(document, passphrase, key_file)
        keys = Keys(roots, document["epoch"] + 1)
        lock = Lock.from_document(document["lock"])
        replace_secret(path, _write(keys, roots, lock, kek, document["created_at"]))
        return keys

    @staticmethod
    def relock(
        path: Path,
        *,
        passphrase: bytes | None = None,
        key_file: Path | None = None,
        new_passphrase: bytes | None = None,
        new_key_file: Path | None = None,
    ) -> None:
        """Put the same secrets under a new lock; the old passphrase or key file opens it no more."""
        document = _parse(read_secret(path))
        roots, _ = _unlock(document, passphrase, key_file)
        lock = Lock.fresh(new_passphrase, new_key_file)
        kek = lock.open(new_passphrase, new_key_file)
        keys = Keys(roots, document["epoch"])
        replace_secret(path, _write(keys, roots, lock, kek, document["created_at"]))

    @staticmethod
    def audit_public_key(path: Path) -> bytes:
        """The raw audit key without unlocking, for an auditor; unproved until an `open` succeeds."""
        try:
            return bytes.fromhex(_parse(read_secret(path))["audit_public_key"])
        except (ValueError, TypeError):
            raise KeystoreDamaged("the keystore holds no audit key") from None


def _write(keys: Keys, roots: Roots, lock: Lock, kek: bytes, created_at: str) -> bytes:
    header: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "epoch": keys.epoch,
        "created_at": created_at,
        "audit_public_key": keys.audit_public_key().hex(),
        "lock": lock.to_document(),
    }
    sealed = {name: _seal(kek, header, name, root) for name, root in asdict(roots).items()}
    body = {**header, "check": derive(kek, "check").hex(), "sealed": sealed}
    return rfc8785.dumps({**body, "digest": _digest(body)}) + b"\n"


def _parse(content: bytes) -> dict[str, Any]:
    """The document, after its version, its digest and its exact spelling are checked."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise KeystoreDamaged("the keystore is not a JSON document") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise KeystoreDamaged("the file is not a keystore")
    if document.get("version") != VERSION:
        raise UnknownKeystoreVersion(f"this program reads keystore version {VERSION}")
    body = {name: value for name, value in document.items() if name != "digest"}
    if document.keys() != MEMBERS or document["digest"] != _digest(body):
        raise KeystoreDamaged("the keystore is not as it was written")
    # Canonical to the byte: a changed space or a member given twice is damage too.
    if rfc8785.dumps(document) + b"\n" != content:
        raise KeystoreDamaged("the keystore is not in canonical form")
    return document


def _unlock(
    document: dict[str, Any], passphrase: bytes | None, key_file: Path | None
) -> tuple[Roots, bytes]:
    lock = Lock.from_document(document["lock"])
    kek = lock.open(passphrase, key_file)
    if derive(kek, "check").hex() != document["check"]:
        raise lock.refusal()
    header = {name: document[name] for name in HEADER}
    names = [field.name for field in fields(Roots)]
    return Roots(*(_unseal(kek, header, name, document["sealed"]) for name in names)), kek


def _seal(kek: bytes, header: dict[str, Any], name: str, root: bytes) -> str:
    nonce = os.urandom(NONCE_BYTES)
    return (nonce + AESGCM(kek).encrypt(nonce, root, _bound(header, name))).hex()


def _unseal(kek: bytes, header: dict[str, Any], name: str, sealed: Any) -> bytes:
    try:
        wrapped = bytes.fromhex(sealed[name])
        return AESGCM(kek).decrypt(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound(header, name)
        )
    except (InvalidTag, ValueError, TypeError, KeyError):
        raise KeystoreTampered(f"the {name} secret was exchanged") from None


def _bound(header: dict[str, Any], name: str) -> bytes:
    return rfc8785.dumps({"header": header, "secret": name})


def _digest(body: dict[str, Any]) -> str:
    # Only tells damage from a wrong passphrase; what stops an attacker is the associated data.
    try:
        return sha256(rfc8785.dumps(body)).hexdigest()
    except rfc8785.CanonicalizationError:
        raise KeystoreDamaged("the keystore holds a number that no keystore holds") from None
