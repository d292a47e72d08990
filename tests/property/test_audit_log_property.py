"""Any events, in any groups, over any number of openings: the log keeps all and alters none."""

import json
import tempfile
from pathlib import Path

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import AuditLog, Event, EventRefused, EventType, band
from audit.detail import BANDS
from audit.proof import check_inclusion
from audit.verify import verify

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ids = st.from_regex(r"[a-z][a-z0-9-]{1,8}[a-z]", fullmatch=True)
details = st.fixed_dictionaries(
    {},
    optional={"cells": st.sampled_from(BANDS), "epoch": st.integers(0, 999), "dataset": ids},
)
events = st.builds(
    Event,
    st.sampled_from(EventType),
    actor=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30).filter(
        str.isprintable
    ),
    role=ids,
    agency=ids,
    action=ids,
    subject=st.none() | ids,
    access=st.none() | ids,
    purpose=st.none() | ids,
    clauses=st.lists(ids, max_size=4).map(tuple),
    detail=details,
)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(events, max_size=6), min_size=1, max_size=3))
def test_what_was_appended_is_read_proved_and_verified(openings):
    with tempfile.TemporaryDirectory() as folder:
        told = []
        for group in openings:
            with AuditLog.open(Path(folder) / "log", SIGNER, "a.example", ballast_bytes=1) as log:
                told += [log.append(event) for event in group]
                assert list(log.entries()) == told
                for entry in told[-2:]:
                    proved = check_inclusion(log.prove(entry.index), log.public_key)
                    assert proved.leaf_hash == entry.leaf_hash
        assert verify(Path(folder) / "log", log.public_key).size == len(told)


@settings(max_examples=200, deadline=None)
@given(events)
def test_the_stored_form_of_an_event_is_canonical_and_reads_back(event):
    stored = event.under("0" * 64)
    fields = json.loads(stored.canonical())
    assert rfc8785.dumps(fields) == stored.canonical()
    assert Event.from_fields(fields) == stored


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_a_text_that_is_taken_has_no_spaces_quotes_or_controls(text):
    try:
        event = Event(EventType.ACCESS_INTENT, "a", "b", "c", "d", subject=text)
    except EventRefused:
        return
    assert event.subject.isascii()
    assert event.subject.isprintable()
    assert not set(event.subject) & set(" \"'<>&\\")


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_bands_keep_the_order_of_counts(first, second):
    if first <= second:
        assert BANDS.index(band(first)) <= BANDS.index(band(second))
