"""An envelope that only its recipient opens: HPKE in base mode, X25519, HKDF-SHA256, AES-256-GCM (RFC 9180).

In: content, a public key, and the words in clear on the outside. Out: the sealed bytes, or the content again. The outside is
bound in: a changed word on it keeps the envelope shut. Says nothing of who sealed it.
"""

from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gateway.keys.errors import EnvelopeBroken

BundleKey: TypeAlias = X25519PrivateKey
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
# The encapsulated key before, the tag after the content.
OVERHEAD = 32 + 16


def seal(content: bytes, recipient: bytes, outside: bytes) -> bytes:
    """Seal for whoever holds the private key of `recipient` (32 raw bytes)."""
    return _SUITE.encrypt(content, X25519PublicKey.from_public_bytes(recipient), info=outside)


def unseal(sealed: bytes, key: BundleKey, outside: bytes) -> bytes:
    """The content. Raises EnvelopeBroken for another key, another outside, or a single changed bit."""
    try:
        return _SUITE.decrypt(sealed, key, info=outside)
    except (InvalidTag, ValueError):
        raise EnvelopeBroken("the envelope does not open") from None
