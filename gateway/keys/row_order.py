"""Row numbers that say nothing of the file they come from: a keyed permutation of all 32-bit numbers.

In: a 32-byte key used for one file alone, and row numbers. Out: as many other numbers, all different. An extract is often
sorted by name or by date of birth: whoever knew a row's place in it would know the name nearly by heart.
"""

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from numpy.typing import NDArray

# A Feistel network (Luby and Rackoff 1988) over two halves of 16 bits; as many rounds as NIST SP 800-38G's FF1.
ROUNDS = 10
HALF = 16
_VALUES = 1 << HALF


class RowOrder:
    """The permutation of one file."""

    __slots__ = ("_rounds",)

    def __init__(self, key: bytes) -> None:
        keystream = Cipher(AES(key), CTR(bytes(16))).encryptor().update(bytes(ROUNDS * _VALUES * 2))
        self._rounds = np.frombuffer(keystream, dtype="<u2").reshape(ROUNDS, _VALUES)

    def __repr__(self) -> str:
        return "RowOrder(key withheld)"

    def numbers(self, rows: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The number under which each row is kept."""
        left, right = (rows >> HALF).astype(np.uint16), (rows & (_VALUES - 1)).astype(np.uint16)
        for table in self._rounds:
            left, right = right, left ^ table[right]
        return (left.astype(np.uint32) << np.uint32(HALF)) | right.astype(np.uint32)
