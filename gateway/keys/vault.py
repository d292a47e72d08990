"""Data keys: a fresh one for each file, wrapped by a key-encryption key of the file's kind.

In: what a file is (`Sealed`) and its name. Out: the data key and its wrapped form (AES-256-GCM,
96-bit random nonce, NIST SP 800-38D). Tokens hang under another root than service records, so
that the two can be given to different custodians. Never hands out a key-encryption key.
"""

import os
from enum import Enum
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.keys.derive import KEY_BYTES, derive
from gateway.keys.errors import KeyUnwrapFailed

NONCE_BYTES = 12


class Sealed(Enum):
    """What a data key opens; the values are bound into every wrapped key, so a rename breaks them."""

    TOKENS = "tokens"
    RECORDS = "records"
    LINKS = "links"
    VINTAGE = "vintage"
    STORE = "store"


class Vault:
    """Makes, wraps and unwraps data keys."""

    __slots__ = ("_keks",)

    def __init__(self, tokens_root: bytes, records_root: bytes) -> None:
        roots = dict.fromkeys(Sealed, records_root) | {Sealed.TOKENS: tokens_root}
        self._keks = {kind: derive(root, "kek", kind.value) for kind, root in roots.items()}

    def fresh(self, kind: Sealed, name: str) -> tuple[bytes, bytes]:
        """A new 32-byte data key and its wrapped form, bound to this kind and name."""
        data_key = os.urandom(KEY_BYTES)
        return data_key, self.wrap(kind, name, data_key)

    def wrap(self, kind: Sealed, name: str, data_key: bytes) -> bytes:
        """nonce || ciphertext || tag, 60 bytes for a 32-byte key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self._keks[kind]).encrypt(nonce, data_key, _bound(kind, name))

    def unwrap(self, kind: Sealed, name: str, wrapped: bytes) -> bytes:
        """The data key. Raises KeyUnwrapFailed for another kind, name or keystore, or damage."""
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return AESGCM(self._keks[kind]).decrypt(nonce, sealed, _bound(kind, name))
        except (InvalidTag, ValueError):
            raise KeyUnwrapFailed(f"the {kind.value} key of {name} does not unwrap") from None

    def __repr__(self) -> str:
        return "Vault()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not copied or pickled")


def _bound(kind: Sealed, name: str) -> bytes:
    return f"{kind.value}\0{name}".encode()
