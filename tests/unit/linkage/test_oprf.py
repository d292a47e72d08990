"""The oblivious function against the vectors of RFC 9497, and against those who cheat."""

import json
import pickle
from pathlib import Path

import pytest

from linkage.errors import OprfRefused
from linkage.oprf import (
    Evaluation,
    KeyPair,
    blind,
    derive_key_pair,
    evaluate,
    evaluate_blinded,
    finalise,
    group,
)
from linkage.oprf.keyring import NATIONAL_NUMBERS, NumberKeys, fingerprint
from linkage.oprf.suite import Mode, Suite

title = "An oblivious function: RFC 9497, ristretto255-SHA512"

pytestmark = pytest.mark.skipif(not group.is_installed(), reason="the extra oprf is not installed")

PUBLISHED = json.loads(
    (Path(__file__).parents[2] / "vectors" / "oprf_ristretto255_sha512.json").read_text("utf-8")
)
VECTORS = [
    pytest.param(mode, vector, id=f"{mode['mode']}-{place}")
    for mode in PUBLISHED["modes"]
    for place, vector in enumerate(mode["vectors"], 1)
]
# The order of the group, little-endian: as a scalar it is zero written another way.
ORDER = (2**252 + 27742317777372353535851937790883648493).to_bytes(32, "little")
NEGATIVE = bytes([1]) + bytes(31)  # RFC 9496 appendix A.2: a negative field element
IDENTITY = bytes(32)


def hexes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def suite_and_keys(mode: dict) -> tuple[Suite, KeyPair]:
    suite = Suite(Mode[mode["mode"]])
    seed, info = hexes([mode["seed"], mode["key_info"]])
    return suite, derive_key_pair(seed, info, suite)


@pytest.fixture(scope="module")
def keys() -> KeyPair:
    return derive_key_pair(b"\x07" * 32, b"test")


@pytest.mark.parametrize("mode", PUBLISHED["modes"], ids=lambda mode: mode["mode"])
def test_keys_are_derived_as_published(mode):
    _, keys = suite_and_keys(mode)

    assert keys.secret.hex() == mode["secret_key"]
    assert mode["public_key"] in (None, keys.public.hex())


@pytest.mark.parametrize(("mode", "vector"), VECTORS)
def test_every_step_gives_the_published_bytes(mode, vector):
    suite, keys = suite_and_keys(mode)
    values, factors = hexes(vector["inputs"]), hexes(vector["blinds"])
    random = bytes.fromhex(vector.get("proof_random_scalar", "")) or None

    blinded = [blind(v, suite, f) for v, f in zip(values, factors, strict=True)]
    evaluation = evaluate_blinded(keys, [each.element for each in blinded], random)
    outputs = finalise(blinded, evaluation, keys.public, suite)

    assert [each.element.hex() for each in blinded] == vector["blinded_elements"]
    assert [each.hex() for each in evaluation.elements] == vector["evaluation_elements"]
    assert evaluation.proof.hex() == vector.get("proof", "")
    assert [each.hex() for each in outputs] == vector["outputs"]
    assert [evaluate(keys, value).hex() for value in values] == vector["outputs"]


def test_a_published_proof_holds_and_any_changed_bit_of_it_does_not():
    mode = PUBLISHED["modes"][1]
    suite, keys = suite_and_keys(mode)
    vector = mode["vectors"][2]
    blinded = [
        blind(v, suite, f)
        for v, f in zip(hexes(vector["inputs"]), hexes(vector["blinds"]), strict=True)
    ]
    elements = tuple(hexes(vector["evaluation_elements"]))
    proof = bytes.fromhex(vector["proof"])

    assert finalise(blinded, Evaluation(elements, proof), keys.public, suite)
    for place in range(0, 8 * len(proof), 37):
        changed = bytearray(proof)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(OprfRefused):
            finalise(blinded, Evaluation(elements, bytes(changed)), keys.public, suite)


def test_the_same_value_is_never_blinded_the_same_way_twice_and_gives_one_output(keys):
    first, second = blind(b"9434765919"), blind(b"9434765919")

    assert first.element != second.element
    outputs = finalise(
        [first, second], evaluate_blinded(keys, [first.element, second.element]), keys.public
    )
    assert outputs[0] == outputs[1] == evaluate(keys, b"9434765919")


def test_an_answer_made_with_a_key_for_one_agency_alone_is_refused(keys):
    own_key = derive_key_pair(b"\x08" * 32, b"test")
    sent = [blind(b"1"), blind(b"2")]
    answer = evaluate_blinded(own_key, [each.element for each in sent])

    with pytest.raises(OprfRefused, match="not made with the key"):
        finalise(sent, answer, keys.public)


def test_one_exchanged_answer_among_honest_ones_is_refused(keys):
    sent = [blind(str(n).encode()) for n in range(5)]
    honest = evaluate_blinded(keys, [each.element for each in sent])
    answers = list(honest.elements)
    answers[3] = group.multiple_of_base(group.random_scalar())

    with pytest.raises(OprfRefused, match="not made with the key"):
        finalise(sent, Evaluation(tuple(answers), honest.proof), keys.public)


def test_answers_in_another_order_are_refused(keys):
    sent = [blind(b"1"), blind(b"2")]
    honest = evaluate_blinded(keys, [each.element for each in sent])

    with pytest.raises(OprfRefused, match="not made with the key"):
        finalise(sent, Evaluation(honest.elements[::-1], honest.proof), keys.public)


@pytest.mark.parametrize(
    "element",
    [b"", bytes(31), IDENTITY, NEGATIVE, b"\xff" * 32],
    ids=["empty", "short", "identity", "not canonical", "not in the field"],
)
def test_only_elements_of_the_group_are_answered(keys, element):
    with pytest.raises(OprfRefused):
        evaluate_blinded(keys, [element])


def test_a_scalar_written_in_another_way_is_refused():
    with pytest.raises(OprfRefused):
        group.require_scalar(ORDER)


@pytest.mark.parametrize("count", [0, 65_536])
def test_nothing_and_more_than_a_position_can_tell_are_refused(keys, count):
    with pytest.raises(OprfRefused, match="from 1 to"):
        evaluate_blinded(keys, [IDENTITY] * count)


def test_too_few_answers_are_refused(keys):
    sent = [blind(b"1"), blind(b"2")]
    answer = evaluate_blinded(keys, [sent[0].element])

    with pytest.raises(OprfRefused, match="as many"):
        finalise(sent, answer, keys.public)


def test_neither_key_nor_value_nor_factor_is_shown_or_pickled(keys):
    sent = blind(b"9434765919")

    assert keys.secret.hex() not in repr(keys)
    assert "9434765919" not in repr(sent)
    assert repr(sent.factor) not in repr(sent)
    with pytest.raises(TypeError):
        pickle.dumps(keys)


def test_each_kind_of_number_has_a_key_of_its_own():
    made = NumberKeys.derive(b"\x09" * 32)

    assert set(made.public) == set(NATIONAL_NUMBERS)
    assert len(set(made.public.values())) == len(NATIONAL_NUMBERS)
    with pytest.raises(OprfRefused):
        made.pair("surname")


def test_the_fingerprint_changes_with_any_key():
    first, second = NumberKeys.derive(b"\x09" * 32), NumberKeys.derive(b"\x0a" * 32)

    assert first.key_id != second.key_id
    assert first.key_id == fingerprint(first.public)
    assert fingerprint(first.public | {"upn": second.public["upn"]}) != first.key_id


def test_the_library_leaves_no_file_behind():
    import sys

    assert not Path(sys.modules["rbcl._sodium"].lib_path).exists()
