"""One key from another: HKDF-SHA256 (RFC 5869) with a label that no other use can share.

In: a 32-byte root and the parts of a label. Out: 32 bytes. Never keeps or shows either.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
DOMAIN = "families-data-gateway/keys/v1"


def derive(root: bytes, *label: str, salt: bytes | None = None) -> bytes:
    """32 bytes for exactly this label; `("ab", "c")` and `("a", "bc")` give unrelated keys."""
    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=_label(DOMAIN, *label)).derive(root)


def _label(*parts: str) -> bytes:
    # Each part carries its length, so that two lists of parts never spell the same bytes.
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
