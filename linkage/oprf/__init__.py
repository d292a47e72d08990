"""An oblivious pseudorandom function (RFC 9497): one side holds a key, the other a value, neither shows its own.

Suite ristretto255-SHA512, mode VOPRF: the answer carries a proof that it was made with the key that everybody is given.
Knows group elements and bytes only; which values go in is the business of `linkage.tokens`.
"""

from linkage.oprf.protocol import (
    Blinded,
    Evaluation,
    KeyPair,
    blind,
    derive_key_pair,
    evaluate,
    evaluate_blinded,
    finalise,
)

__all__ = [
    "Blinded",
    "Evaluation",
    "KeyPair",
    "blind",
    "derive_key_pair",
    "evaluate",
    "evaluate_blinded",
    "finalise",
]
