"""The two roads to one output: blind, evaluate, finalise between two parties; or evaluate where key and value meet.

RFC 9497 sections 3.2 and 3.3. In: values as bytes, elements of 32 bytes. Out: elements, or outputs of 64 bytes. No value,
blind or key is ever in an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha512
from typing import NoReturn

from linkage.errors import OprfRefused
from linkage.oprf import group
from linkage.oprf.proof import MOST_ELEMENTS, PROOF_BYTES, Prover
from linkage.oprf.suite import Mode, Suite, framed, length

SEED_BYTES = 32
# A value's length is written in two bytes, as is that of the purpose of a key.
MOST_BYTES = 2**16 - 1
_VERIFIABLE = Suite(Mode.VOPRF)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A secret key and the public key by which its answers are checked; the repr shows the latter."""

    public: bytes
    secret: bytes = field(repr=False)
    suite: Suite = _VERIFIABLE

    def __reduce__(self) -> NoReturn:
        # Pickling would carry the secret into a file, a job queue or a crash report.
        raise TypeError("a key pair is not pickled")


@dataclass(frozen=True, slots=True)
class Blinded:
    """A value on its way: `element` is sent, and by itself says nothing; the rest stays."""

    element: bytes
    value: bytes = field(repr=False)
    factor: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer to a list of blinded elements: one element for each, and a proof for all (VOPRF)."""

    elements: tuple[bytes, ...]
    proof: bytes


def derive_key_pair(seed: bytes, info: bytes, suite: Suite = _VERIFIABLE) -> KeyPair:
    """The key pair of a 32-byte secret seed and a public purpose (DeriveKeyPair). Raises OprfRefused."""
    if len(seed) != SEED_BYTES or len(info) > MOST_BYTES:
        raise OprfRefused(f"a key is derived from {SEED_BYTES} bytes and a short purpose")
    for counter in range(256):
        material = seed + framed(info) + length(counter, 1)
        secret = suite.hash_to_scalar(material, purpose=b"DeriveKeyPair")
        if not group.is_zero(secret):
            return KeyPair(group.multiple_of_base(secret), secret, suite)
    raise OprfRefused("no key comes of this seed")


def blind(value: bytes, suite: Suite = _VERIFIABLE, factor: bytes | None = None) -> Blinded:
    """Hide a value behind a fresh random factor. `factor` is for test vectors only."""
    chosen = factor or group.random_scalar()
    return Blinded(group.multiple(chosen, _element(value, suite)), value, chosen)


def evaluate_blinded(
    keys: KeyPair, elements: Sequence[bytes], random: bytes | None = None
) -> Evaluation:
    """Answer blinded elements without learning what is in them, at most 65,535 at once. Raises OprfRefused.

    In mode OPRF the proof is empty. `random` is for test vectors only.
    """
    _require_count(elements)
    answers = tuple(
        group.multiple(keys.secret, group.require_element(element)) for element in elements
    )
    if keys.suite.mode is Mode.OPRF:
        return Evaluation(answers, b"")
    prover = Prover(keys.suite, keys.public)
    proof = prover.prove(keys.secret, elements, answers, random or group.random_scalar())
    return Evaluation(answers, proof)


def finalise(
    blinded: Sequence[Blinded],
    evaluation: Evaluation,
    public_key: bytes,
    suite: Suite = _VERIFIABLE,
) -> list[bytes]:
    """The outputs, 64 bytes each. Raises OprfRefused when the answer was not made with the key expected."""
    _require_count(blinded)
    if len(evaluation.elements) != len(blinded):
        raise OprfRefused("there are not as many answers as questions")
    answers = [group.require_element(element) for element in evaluation.elements]
    if suite.mode is Mode.VOPRF:
        _require_proof(blinded, answers, evaluation.proof, Prover(suite, public_key))
    return [
        _output(sent.value, group.multiple(group.inverse(sent.factor), answer))
        for sent, answer in zip(blinded, answers, strict=True)
    ]


def evaluate(keys: KeyPair, value: bytes) -> bytes:
    """The output where the key and the value are in one hand: what `finalise` gives, to the bit."""
    return _output(value, group.multiple(keys.secret, _element(value, keys.suite)))


def _element(value: bytes, suite: Suite) -> bytes:
    if len(value) > MOST_BYTES:
        raise OprfRefused("a value is too long")
    return suite.hash_to_element(value)


def _output(value: bytes, element: bytes) -> bytes:
    return sha512(framed(value, element) + b"Finalize").digest()


def _require_count(items: Sequence[object]) -> None:
    if not 0 < len(items) <= MOST_ELEMENTS:
        raise OprfRefused(f"from 1 to {MOST_ELEMENTS:,} elements at once")


def _require_proof(
    blinded: Sequence[Blinded], answers: Sequence[bytes], proof: bytes, prover: Prover
) -> None:
    sent = [each.element for each in blinded]
    group.require_element(prover.public_key)
    if len(proof) != PROOF_BYTES or not prover.holds(proof, sent, answers):
        raise OprfRefused("the answer was not made with the key that everybody is given")
