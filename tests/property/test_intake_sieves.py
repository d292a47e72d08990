"""The coarse sieve of free text is wider than the fine ones: what it passes over, they would pass as well."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agencies.intake.names import NameFinder, spellings
from agencies.intake.recognisers import points_to_someone
from agencies.intake.suspicion import may_hold_name, may_hold_reference

title = "The quick look at a note costs no finding"

WORD = st.sampled_from(
    [
        "calm",
        "call",
        "at",
        "the",
        "door",
        "of",
        "nhs",
        "dob",
        "born",
        "flat",
        "mobile",
        "no",
        "Station",
        "Elm",
        "seen",
        "by",
    ]
)
DIGITS = st.from_regex(r"\+?\(?[0-9][0-9 .()/\-]{2,14}[0-9]", fullmatch=True)
REFERENCE = st.one_of(
    DIGITS,
    st.from_regex(r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}", fullmatch=True),
    st.from_regex(r"[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d]", fullmatch=True),
    st.from_regex(r"[a-z.]{1,8}@[a-z\-]{1,8}\.(com|org|co\.uk|nhs\.uk)", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}[a-b]?,? [A-Z][a-z]{2,6} (Street|Road|lane|Close|Way)", fullmatch=True),
    st.from_regex(r"(DOB|d\.o\.b\.?|born on|Birthday|birth:) ?[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{2,4}", fullmatch=True),
    st.text("0123456789 -+().@abABzZ/", min_size=1, max_size=24),
)  # fmt: skip
NOTE = st.lists(st.one_of(WORD, REFERENCE), min_size=1, max_size=6).map(" ".join)
QUICK = settings(max_examples=100, deadline=None)


def _passes(note: str, sieve: pl.Expr) -> bool:
    return bool(pl.DataFrame({"note": [note]}).select(sieve).item())


@given(NOTE)
@QUICK
def test_what_presidio_recognises_is_never_passed_over(note):
    if points_to_someone(note):
        assert _passes(note, may_hold_reference(pl.col("note")))


@given(
    st.lists(st.from_regex(r"[A-Z][a-zé'\-]{1,7}( [A-Z][a-z]{2,5})?", fullmatch=True), max_size=4),
    st.data(),
)
@QUICK
def test_a_name_that_is_found_is_never_passed_over(names, data):
    words = st.one_of(WORD, *([st.sampled_from(names)] if names else []))
    note = " ".join(data.draw(st.lists(words, min_size=1, max_size=6)))
    written = spellings(names)
    if NameFinder(written).names_someone(note):
        assert _passes(note, may_hold_name(pl.col("note"), written))
