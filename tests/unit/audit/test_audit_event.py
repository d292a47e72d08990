"""Events say what happened in ids, clauses and bands, and nothing else."""

import json

import pytest
import rfc8785

from audit import CHECKPOINT_AT_ONCE, Event, EventRefused, EventType, band, detail
from audit.detail import BANDS, DETAIL


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0-9"), (9, "0-9"), (10, "10-99"), (99, "10-99"), (100, "100-999"), (10**9, "1000000+")],
)
def test_a_count_is_logged_as_the_band_it_falls_in(count, expected):
    assert band(count) == expected


def test_a_negative_count_has_no_band():
    with pytest.raises(EventRefused):
        band(-1)


def test_every_event_type_has_a_value_of_its_own_with_subject_and_verb():
    values = [kind.value for kind in EventType]
    assert len(set(values)) == len(values)
    assert all(value.count(".") == 1 and value == value.lower() for value in values)


def test_every_key_protocol_release_and_role_event_is_signed_at_once():
    urgent = ("key.", "protocol.", "credential.", "role.", "release.made", "release.withdrawn")
    expected = {kind for kind in EventType if kind.value.startswith(urgent)}
    assert expected == CHECKPOINT_AT_ONCE


@pytest.mark.parametrize("field", ["role", "agency", "action", "subject", "access", "purpose"])
@pytest.mark.parametrize("value", ["two words", "", "line\nbreak", "é", "a" * 97, "<b>", "a'b"])
def test_free_text_is_refused_and_not_repeated(an_event, field, value):
    with pytest.raises(EventRefused, match=field) as refusal:
        an_event(**{field: value})
    assert not value or value not in str(refusal.value)


@pytest.mark.parametrize(
    "value",
    [
        "9434765919",
        "943-476-5919",
        "100012345678",
        "18446744073709551615",
        "AB123456C",
        "A123456789012",
        "LE17/1AA",
        "LE171AA",
    ],
)
def test_a_value_shaped_like_an_identifier_or_a_token_is_refused(an_event, value):
    with pytest.raises(EventRefused, match="shape") as refusal:
        an_event(subject=value)
    assert value not in str(refusal.value)


@pytest.mark.parametrize("value", ["submission-0012", "police.contacts", "2026-10", "a1b2c3d4e5f6"])
def test_ids_pass(an_event, value):
    assert an_event(subject=value).subject == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cells", 28),
        ("cells", "28"),
        ("cells", "20-30"),
        ("error", "it failed: Mrs Smith"),
        ("error", "valueError"),
        ("digest", "AB" * 32),
        ("bytes_cut", -1),
        ("bytes_cut", True),
        ("bytes_cut", 9434765919),
        ("bytes_cut", "12"),
        ("day", "22/11/2026"),
        ("dataset", 7),
        ("name", "x"),
    ],
)
def test_a_detail_outside_the_allow_list_is_refused(an_event, key, value):
    with pytest.raises(EventRefused, match="detail"):
        an_event(detail={key: value})


def test_every_detail_form_takes_a_fitting_value(an_event):
    fitting = {"ID": "police.contacts", "BAND": BANDS[1], "DIGEST": "ab" * 32}
    fitting |= {"ERROR": "ValueError", "DAY": "2026-11"}
    by_rule = {getattr(detail, name).rule: value for name, value in fitting.items()}
    for key, form in DETAIL.items():
        value = by_rule.get(form.rule, 12)
        assert an_event(detail={key: value}).detail == {key: value}


def test_an_event_cannot_be_changed_afterwards(an_event):
    given = {"cells": "10-99"}
    event = an_event(detail=given)
    given["cells"] = "100-999"
    assert event.detail["cells"] == "10-99"
    with pytest.raises(TypeError):
        event.detail["cells"] = "0-9"
    with pytest.raises(AttributeError):
        event.role = "administrator"


def test_the_canonical_form_is_rfc_8785_without_absent_fields(an_event):
    event = an_event(purpose="sf-evaluation", clauses=["4.2"], detail={"cells": "10-99"})
    fields = json.loads(event.canonical())
    assert rfc8785.dumps(fields) == event.canonical()
    assert "subject" not in fields
    assert Event.from_fields(fields) == event


def test_stored_fields_that_are_no_event_are_refused():
    for fields in ({}, {"type": "cake.eaten"}, {"type": "access.intent", "mood": "good"}):
        with pytest.raises(EventRefused):
            Event.from_fields(fields)


@pytest.mark.parametrize("actor", ["", "x" * 201, 7, "a\nb", "\ud800"])
def test_an_actor_is_a_short_printable_text(an_event, actor):
    with pytest.raises(EventRefused, match="actor"):
        an_event(actor=actor)


def test_a_type_outside_the_enum_is_refused():
    with pytest.raises(EventRefused, match="type"):
        Event("access.intent", "a", "b", "c", "d")
