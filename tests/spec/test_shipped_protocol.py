"""The shipped protocol proves itself: its own tests hold, and no clause could be lost unseen."""

from datetime import date
from pathlib import Path

import pytest

from policies import Protocol, load_protocol, shipped_protocols
from policies.check import concerns, run_tests, survivors

title = "A protocol carries its own tests, and dropping any clause makes one of them fail"


@pytest.fixture(scope="module", params=shipped_protocols(), ids=lambda path: Path(path).stem)
def protocol(request) -> Protocol:
    return load_protocol(request.param)


def test_there_is_a_shipped_protocol():
    assert shipped_protocols()


def test_every_test_in_the_document_holds(protocol):
    assert run_tests(protocol) == ()


def test_no_clause_and_no_permit_can_be_dropped_without_a_test_failing(protocol):
    assert survivors(protocol) == ()


def test_no_power_condition_or_register_entry_is_missing(protocol):
    assert concerns(protocol) == ()


def test_it_is_in_force_and_covers_the_eight_datasets_of_the_six_agencies(protocol):
    assert protocol.status == "in_force"
    assert protocol.dates.effective <= date(2026, 11, 22) <= protocol.dates.expires
    assert set(protocol.datasets) == {
        ("police", "contacts"),
        ("council", "social_care"),
        ("council", "early_help"),
        ("schools", "attendance"),
        ("schools", "exclusions"),
        ("housing", "tenancies"),
        ("health", "ecds"),
        ("dwp", "spells"),
    }


def test_identifiers_are_for_tokens_only(protocol):
    identifiers = protocol.data.identifiers
    assert identifiers.used_for == "token_only"
    offered = {item.item for item in (*protocol.measures, *protocol.dimensions)}
    assert offered.isdisjoint(identifiers.fields)
