"""The group ristretto255 (RFC 9496) by libsodium: elements and scalars are 32 bytes each.

In: bytes. Out: bytes, or ElementInvalid. The one place that imports the extra `oprf`; the arithmetic is libsodium's, in
constant time.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from linkage.errors import OprfMissing, OprfRefused

ELEMENT_BYTES = SCALAR_BYTES = 32
# What a hash has to give to become an element or a scalar.
UNIFORM_BYTES = 64
_IDENTITY = bytes(ELEMENT_BYTES)
_ZERO = bytes(SCALAR_BYTES)


@cache
def _sodium() -> ModuleType:
    try:
        import rbcl
    except ImportError:
        raise OprfMissing(
            "oblivious tokens need the extra `oprf`: install families-data-gateway[oprf]"
        ) from None
    # It unpacks its library into a temporary file and leaves it there; loaded, it needs no name any more.
    Path(sys.modules["rbcl._sodium"].lib_path).unlink(missing_ok=True)
    sodium: ModuleType = rbcl
    return sodium


def is_installed() -> bool:
    """Whether the extra `oprf` is there."""
    try:
        _sodium()
    except OprfMissing:
        return False
    return True


def require_element(element: bytes) -> bytes:
    """The element itself (RFC 9497 section 2.1: not the identity, in canonical form). Raises OprfRefused."""
    is_one = len(element) == ELEMENT_BYTES and element != _IDENTITY
    if not is_one or not _sodium().crypto_core_ristretto255_is_valid_point(element):
        raise OprfRefused("what came is not an element of the group")
    return element


def require_scalar(scalar: bytes) -> bytes:
    """The scalar itself, in canonical form. Raises OprfRefused."""
    if len(scalar) != SCALAR_BYTES or _reduced(scalar + bytes(SCALAR_BYTES)) != scalar:
        raise OprfRefused("what came is not a scalar of the group")
    return scalar


def element_of(uniform: bytes) -> bytes:
    """The element that 64 uniform bytes map to (RFC 9496 section 4.3.4)."""
    element: bytes = _sodium().crypto_core_ristretto255_from_hash(uniform)
    return element


def scalar_of(uniform: bytes) -> bytes:
    """64 uniform bytes, little-endian, modulo the order of the group."""
    return _reduced(uniform)


def random_scalar() -> bytes:
    """A uniformly random scalar that is not zero."""
    scalar: bytes = _sodium().crypto_core_ristretto255_scalar_random()
    return scalar


def multiple(scalar: bytes, element: bytes) -> bytes:
    """scalar * element. Raises OprfRefused where that is the identity or the element is none."""
    try:
        product: bytes = _sodium().crypto_scalarmult_ristretto255(scalar, element)
    except RuntimeError:
        raise OprfRefused("a multiple is not an element of the group") from None
    return product


def multiple_of_base(scalar: bytes) -> bytes:
    """scalar * generator. Raises OprfRefused for zero."""
    try:
        product: bytes = _sodium().crypto_scalarmult_ristretto255_base(scalar)
    except RuntimeError:
        raise OprfRefused("a scalar is zero") from None
    return product


def total(element: bytes, other: bytes) -> bytes:
    """element + other."""
    added: bytes = _sodium().crypto_core_ristretto255_add(element, other)
    return added


def inverse(scalar: bytes) -> bytes:
    """1 / scalar; the scalar is not zero."""
    inverted: bytes = _sodium().crypto_core_ristretto255_scalar_invert(scalar)
    return inverted


def less_product(scalar: bytes, first: bytes, second: bytes) -> bytes:
    """scalar - first * second."""
    sodium = _sodium()
    product = sodium.crypto_core_ristretto255_scalar_mul(first, second)
    difference: bytes = sodium.crypto_core_ristretto255_scalar_sub(scalar, product)
    return difference


def is_zero(scalar: bytes) -> bool:
    """Whether the scalar is zero."""
    return scalar == _ZERO


def _reduced(uniform: bytes) -> bytes:
    scalar: bytes = _sodium().crypto_core_ristretto255_scalar_reduce(uniform)
    return scalar
