"""Properties of tokens: what one error may do to a value, and what never happens."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from linkage.tokens import LinkageKey, encode, standardise, tokenise

NAMES = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=14)
KEY = LinkageKey(b"\x07" * 32)


def one(rule, value):
    """What a rule makes of a column that holds one value."""
    return rule(pl.Series([value], dtype=pl.String))[0]


def near(encoder, value, other):
    return bool(set(one(encoder, value)) & set(one(encoder, other)))


@st.composite
def one_edit(draw):
    """A name and the name after one insertion, deletion, substitution or adjacent swap."""
    name = draw(NAMES)
    at = draw(st.integers(0, len(name) - 2))
    letter = draw(st.sampled_from("ABCXYZ"))
    kind = draw(st.sampled_from(["insert", "delete", "substitute", "swap"]))
    changed = {
        "insert": name[:at] + letter + name[at:],
        "delete": name[:at] + name[at + 1 :],
        "substitute": name[:at] + letter + name[at + 1 :],
        "swap": name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    }[kind]
    return name, changed


@given(one_edit())
def test_names_one_edit_apart_share_a_member(pair):
    assert near(encode.deletions, *pair)


@given(NAMES, NAMES)
def test_names_that_share_a_member_differ_in_length_by_at_most_one(name, other):
    if near(encode.deletions, name, other):
        assert abs(len(name) - len(other)) <= 1


@given(
    st.dates(date(1901, 2, 1), date(2026, 3, 31)), st.integers(0, 7), st.sampled_from("0123456789")
)
def test_dates_one_digit_apart_share_a_member(day, at, digit):
    digits = day.strftime("%Y%m%d")
    mistyped = digits[:at] + digit + digits[at + 1 :]
    assert near(encode.near_dates, digits, mistyped)


@given(st.text(max_size=30))
def test_standardising_a_standard_name_changes_nothing(text):
    standard = one(standardise.name, text)
    if standard is not None:
        assert one(standardise.name, standard) == standard


@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
def test_any_text_is_tokenised_and_tokens_agree_exactly_when_standard_forms_do(values):
    frame = pl.DataFrame(
        {
            "row": pl.Series(range(len(values)), dtype=pl.UInt32),
            "seen_on": pl.Series([None] * len(values), dtype=pl.Date),
            **{role: values for role in ("surname", "postcode", "address", "nhs_number", "upn")},
        }
    )
    made = tokenise(frame, KEY, namespace="police")
    for role, standard in (("surname", standardise.name), ("postcode", standardise.postcode)):
        forms = standard(pl.Series(values)).to_list()
        found = made[f"{role}_exact"].to_list()
        for form, a in zip(forms, found, strict=True):
            for other, b in zip(forms, found, strict=True):
                assert (a == b) == (form == other)
