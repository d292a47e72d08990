"""The linkage key and the keyed pseudonyms made with it.

One secret per linkage domain and epoch goes in; one HMAC key per field and level is derived from
it, so that tokens of different fields or levels can never be compared. Keys are never shown, and
never enter a query plan: hashing happens in this module, outside the dataframe engine.
"""

from collections.abc import Iterable

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from linkage.errors import LinkageKeyInvalid

SECRET_BYTES = 32
# A token is the first of the four 64-bit words of a digest.
_DIGEST_WORDS = 4
_SALT = b"families-data-gateway/linkage-token/v1"


class LinkageKey:
    """The secret of one linkage domain and epoch: exactly 32 bytes. Its repr shows nothing."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise LinkageKeyInvalid(f"A linkage secret has {SECRET_BYTES} bytes")
        self._secret = bytes(secret)

    def __repr__(self) -> str:
        return "LinkageKey(secret withheld)"

    def __reduce__(self) -> tuple[object, ...]:
        # Pickling would carry the secret into a file, a job queue or a crash report.
        raise TypeError("A linkage key cannot be pickled")

    def level_key(self, field: str, level: str) -> bytes:
        """The 32-byte key of one field and level (HKDF-SHA256, RFC 5869)."""
        info = f"{field}/{level}".encode()
        hkdf = HKDF(algorithm=hashes.SHA256(), length=SECRET_BYTES, salt=_SALT, info=info)
        return hkdf.derive(self._secret)

    def pseudonymiser(self, field: str, level: str) -> "Pseudonymiser":
        """The key of one field and level, ready for use."""
        return Pseudonymiser(self.level_key(field, level))


class Pseudonymiser:
    """HMAC-SHA256 (RFC 2104) under one derived key, cut to 64 bits."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        self._keyed = HMAC(key, hashes.SHA256())

    def __repr__(self) -> str:
        return "Pseudonymiser(key withheld)"

    def tokens(self, values: Iterable[str], prefix: str = "") -> NDArray[np.uint64]:
        """One unsigned 64-bit token for each value, each after the prefix, in the same order."""
        begun = self._keyed.copy()
        begun.update(prefix.encode())
        start = begun.copy
        made: list[bytes] = []
        for value in values:
            mac = start()
            mac.update(value.encode())
            made.append(mac.finalize())
        digests = np.frombuffer(b"".join(made), dtype=">u8").reshape(-1, _DIGEST_WORDS)
        return digests[:, 0].astype(np.uint64)
