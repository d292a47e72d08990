"""The linkage key and the keyed pseudonyms made with it.

One secret per linkage domain and epoch goes in; one HMAC key per field and level is derived from
it, so that tokens of different fields or levels can never be compared. A key travels as data beside
the values, never as an argument of an expression: what a query plan, an error or a log could show
is the name of a column.
"""

import secrets
from binascii import unhexlify

import polars as pl
import polars_hash  # noqa: F401 - registers the namespace `chash` of expressions
import pyarrow as pa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from linkage.errors import LinkageKeyInvalid

SECRET_BYTES = 32
_BLOCK_BYTES = 64
_DIGEST_BYTES = 32
_TOKEN_HEX_DIGITS = 16
_SALT = b"families-data-gateway/linkage-token/v1"


class LinkageKey:
    """The secret of one linkage domain and epoch: exactly 32 bytes. Its repr shows nothing."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise LinkageKeyInvalid(f"A linkage secret has {SECRET_BYTES} bytes")
        self._secret = bytes(secret)

    @classmethod
    def random(cls) -> "LinkageKey":
        """A fresh key, for links that need never be made again with the same tokens."""
        return cls(secrets.token_bytes(SECRET_BYTES))

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
    """HMAC-SHA256 (RFC 2104) under one key of at most 64 bytes, cut to 64 bits."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK_BYTES:
            raise LinkageKeyInvalid(f"A token key has at most {_BLOCK_BYTES} bytes")
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = bytes(byte ^ 0x36 for byte in block)
        self._outer = bytes(byte ^ 0x5C for byte in block)

    def __repr__(self) -> str:
        return "Pseudonymiser(key withheld)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("A token key cannot be pickled")

    def tokens(self, values: pl.Series) -> pl.Series:
        """UInt64 tokens of strings, in the same order; null for null."""
        given = values.fill_null("").cast(pl.Binary)
        inner = _binary(_sha256(self._inner, given))
        digests = _sha256(self._outer, inner)
        tokens = digests.str.slice(0, _TOKEN_HEX_DIGITS).str.to_integer(base=16, dtype=pl.UInt64)
        absent = pl.Series([None], dtype=pl.UInt64)
        return tokens.zip_with(values.is_not_null(), absent) if values.null_count() else tokens


def _sha256(block: bytes, messages: pl.Series) -> pl.Series:
    """Digests in hexadecimal of the block followed by each message."""
    hashed = (pl.Series([block]) + messages).alias("message").to_frame()
    return hashed.select(pl.col("message").chash.sha2_256()).to_series()  # type: ignore[attr-defined]


def _binary(digests: pl.Series) -> pl.Series:
    """Digests as bytes. All are of one length, so one pass over their buffer is enough."""
    letters = digests.to_arrow().buffers()[2] if len(digests) else b""
    octets = pa.py_buffer(unhexlify(memoryview(letters)[: 2 * _DIGEST_BYTES * len(digests)]))
    kind = pa.binary(_DIGEST_BYTES)
    made = pa.FixedSizeBinaryArray.from_buffers(kind, len(digests), [None, octets])
    return pl.Series(made, dtype=pl.Binary)
