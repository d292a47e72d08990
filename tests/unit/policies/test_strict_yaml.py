"""The YAML reader refuses whatever two readers could understand differently, and says where."""

import pytest

from policies import ProtocolInvalid
from policies.strict_yaml import parse


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "duplicate_key", 3),
        ("a:\n  b: 1\n  b: 1\n", "duplicate_key", 3),
        ("a: &x 1\n", "anchor", 1),
        ("a: &x [1]\nb: *x\n", "anchor", 1),
        ("a: !!python/name:os.system x\n", "tag", 1),
        ("a: !mine {}\n", "tag", 1),
        ("1: a\n", "key_not_text", 1),
        ("? [a]\n: b\n", "key_not_text", 1),
        ("<<: {a: 1}\n", "key_not_text", 1),
        ("a: 0x1f\n", "number_form", 1),
        ("a: 1_000\n", "number_form", 1),
        ("a: 010\n", "number_form", 1),
        ("a: .nan\n", "number_form", 1),
        ("a: .inf\n", "number_form", 1),
        ("a: 1e3\n", "number_form", 1),
        ("a: 12345678901234567890\n", "number_form", 1),
        ("a: [1\n", "not_yaml", None),
        ("a: 1\n---\nb: 2\n", "not_yaml", None),
        ("", "empty", None),
    ],
)
def test_a_document_with_one_ambiguity_is_refused_with_its_rule(text, rule, line):
    with pytest.raises(ProtocolInvalid) as caught:
        parse(text)
    fault = caught.value.faults[0]
    assert fault.rule == rule
    assert line is None or fault.line == line


def test_bytes_that_are_not_utf8_are_refused():
    with pytest.raises(ProtocolInvalid, match="UTF-8"):
        parse(b"a: \xff\xfe")


def test_deep_nesting_and_great_size_are_refused_and_do_not_crash():
    for text in ("[" * 2000, "a: " + "x" * 1_000_001):
        with pytest.raises(ProtocolInvalid):
            parse(text)


def test_every_fault_is_listed_not_only_the_first():
    with pytest.raises(ProtocolInvalid) as caught:
        parse("a: 1\na: 2\nb: &x 3\nc: 0x1\n")
    assert [fault.rule for fault in caught.value.faults] == [
        "duplicate_key",
        "anchor",
        "number_form",
    ]


def test_dates_stay_text_and_only_true_and_false_are_booleans():
    content = parse("d: 2026-04-01\ny: yes\nt: true\nn: null\nf: 0.5\ni: -3\n").content
    assert content == {
        "d": "2026-04-01",
        "y": "yes",
        "t": True,
        "n": None,
        "f": 0.5,
        "i": -3,
    }
