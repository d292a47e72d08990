"""The shipped protocol as text, as an editable document, and as a rulebook; a plain evaluator's question."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policies import Actor, Protocol, Request, Rulebook, load_protocol, shipped_protocols
from policies.protocol import protocol_of
from policies.strict_yaml import Document, parse

EVALUATOR = Actor("a1", "evaluator", "council", {"five_safes": 30, "isp_briefing": 30})


@pytest.fixture(scope="session")
def shipped() -> Protocol:
    return load_protocol(shipped_protocols()[0])


@pytest.fixture(scope="session")
def rulebook(shipped: Protocol) -> Rulebook:
    return Rulebook([shipped])


@pytest.fixture(scope="session")
def content() -> dict[str, Any]:
    document = parse(shipped_protocols()[0].read_bytes()).content
    assert isinstance(document, dict)
    return document


@pytest.fixture
def edited(content: dict[str, Any]) -> Callable[[Callable[[dict[str, Any]], object]], Protocol]:
    """The shipped protocol after an edit of its plain content."""

    def edit(change: Callable[[dict[str, Any]], object]) -> Protocol:
        changed = deepcopy(content)
        change(changed)
        return protocol_of(Document(changed, {}))

    return edit


@pytest.fixture
def ask() -> Callable[..., Request]:
    """An ordinary question of an evaluator, with the differences that a test states."""
    ordinary = Request(
        actor=EVALUATOR,
        action="query",
        day=date(2026, 11, 22),
        purpose="sf-evaluation",
        cohort="all-families",
        unit="family",
        measures=("families", "cost"),
        dimensions={"district": "district", "period": "quarter"},
        optout_age_days=1,
    )
    return lambda **differences: replace(ordinary, **differences)
