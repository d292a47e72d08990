"""The lock on a keystore: a passphrase through Argon2id (RFC 9106), or a random key file.

In: what the custodian gives, and the lock's public part from the keystore file. Out: the key that
wraps the keys (KEK). Never stores the passphrase, and never accepts weaker cost than it would make.
"""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from gateway.keys.derive import KEY_BYTES, derive
from gateway.keys.errors import (
    KeyFileDamaged,
    KeystoreDamaged,
    LockNotStated,
    WeakPassphrase,
    WrongKeyFile,
    WrongPassphrase,
)
from gateway.keys.secret_file import create_secret, read_secret

ARGON2 = "argon2id"
KEY_FILE = "key-file"
LEAST_PASSPHRASE_BYTES = 12
SALT_BYTES = 16
# RFC 9106 section 4, second recommended option (64 MiB, 3 passes, 4 lanes): about 0.1 s a guess.
COST = {"iterations": 3, "lanes": 4, "memory_kib": 64 * 1024}
KEY_FILE_LINE = re.compile(rb"[0-9a-f]{64}\n")


@dataclass(frozen=True, slots=True)
class Lock:
    """Public part of a lock: the method and a salt, both written in the keystore file."""

    method: str
    salt: bytes

    @classmethod
    def fresh(cls, passphrase: bytes | None, key_file: Path | None) -> "Lock":
        """A lock of the kind that is given, with a new salt; makes the key file when missing."""
        method = _stated_method(passphrase, key_file)
        if passphrase is not None and len(passphrase) < LEAST_PASSPHRASE_BYTES:
            raise WeakPassphrase(f"the passphrase needs {LEAST_PASSPHRASE_BYTES} bytes or more")
        if key_file is not None and not os.path.lexists(key_file):
            create_secret(key_file, secrets.token_hex(KEY_BYTES).encode() + b"\n")
        return cls(method, os.urandom(SALT_BYTES))

    @classmethod
    def from_document(cls, document: object) -> "Lock":
        """Read the lock back; a cost other than ours is refused, so it cannot be lowered."""
        if not isinstance(document, dict):
            raise KeystoreDamaged("the keystore has no lock")
        try:
            lock = cls(str(document.get("method")), bytes.fromhex(str(document.get("salt"))))
        except ValueError:
            raise KeystoreDamaged("the keystore's lock has no salt") from None
        if lock.to_document() != document:
            raise KeystoreDamaged("the keystore's lock is not one this program makes")
        return lock

    def to_document(self) -> dict[str, Any]:
        """The public part as it stands in the keystore file."""
        cost = COST if self.method == ARGON2 else {}
        return {"method": self.method, "salt": self.salt.hex(), **cost}

    def open(self, passphrase: bytes | None, key_file: Path | None) -> bytes:
        """The 32-byte KEK. Raises LockNotStated when the other kind of key was given."""
        if _stated_method(passphrase, key_file) != self.method:
            raise LockNotStated(f"this keystore is locked by {self.method}")
        if key_file is not None:
            return derive(_read_key_file(key_file), "lock", KEY_FILE, salt=self.salt)
        return derive(self._stretch(passphrase or b""), "lock", ARGON2)

    def refusal(self) -> WrongPassphrase | WrongKeyFile:
        """The error for a key that does not fit this lock."""
        if self.method == KEY_FILE:
            return WrongKeyFile("this key file does not open the keystore")
        return WrongPassphrase("this passphrase does not open the keystore")

    def _stretch(self, passphrase: bytes) -> bytes:
        return Argon2id(
            salt=self.salt,
            length=KEY_BYTES,
            iterations=COST["iterations"],
            lanes=COST["lanes"],
            memory_cost=COST["memory_kib"],
        ).derive(passphrase)


def _stated_method(passphrase: bytes | None, key_file: Path | None) -> str:
    if (passphrase is None) == (key_file is None):
        raise LockNotStated("give a passphrase or a key file, not both and not neither")
    return KEY_FILE if passphrase is None else ARGON2


def _read_key_file(path: Path) -> bytes:
    content = read_secret(path)
    if not KEY_FILE_LINE.fullmatch(content):
        raise KeyFileDamaged(f"{path} is not one line of 64 hexadecimal digits")
    return bytes.fromhex(content.decode().strip())
