"""What a gateway remembers of its answers: after a restart, after a crash between two steps, and with two questions at once.

A real home, log, store and protocol; only linkage is left out, since the families are synthetic.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_gateway import (
    EVALUATOR,
    NOW,
    ask,
    question,
    settings_of,
    small_gateway,
)

from gateway.bootstrap import Gateway, open_gateway
from gateway.disclosure import Unprotectable
from gateway.pipeline import answer as answering
from gateway.pipeline.answer import answer, estimate, query_request
from gateway.pipeline.ledgers import Kept, Ledgers
from gateway.pipeline.wiring import Wiring
from gateway.questions import Question
from gateway.store.releases import Release

title = "The ledger is made again from the releases, and nothing is missing in it"

PERIOD = {"from": "2024-04", "to": "2026-03"}
ASKED: tuple[dict[str, Any], ...] = (
    {"measures": ["families", "cost"], "by": {"district": "district", "issues": "banded"}},
    {"measures": ["cost"], "by": {"district": "district"}, "cohort": "at-risk", "period": PERIOD},
    {"measures": ["families"], "by": {"issues": "banded"}, "cohort": "complex-needs"},
)
NEW: tuple[dict[str, Any], ...] = (
    {"measures": ["families", "cost"], "by": {"district": "district"}, "cohort": "complex-needs"},
    {"measures": ["cost"], "by": {"agency": "agency", "district": "district"}, "period": PERIOD},
    {"measures": ["families"], "by": {"district": "district"}},
)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway with a vintage of some hundred families and nothing asked of it."""
    with small_gateway(tmp_path) as opened:
        yield opened


@contextmanager
def protector_of(asked: Question, wiring: Wiring) -> Iterator[answering.Protector]:
    """What would answer the question; it is not answered."""
    request = query_request(asked, EVALUATOR, wiring)
    with (
        wiring.door.open(request, count_cells=lambda r: 1) as access,
        answering.Protector.opened(access, wiring) as protector,
    ):
        yield protector


def would_be(body: dict[str, Any], wiring: Wiring) -> dict[str, Any]:
    """The table that the question would be answered with."""
    asked = question(body, wiring)
    with protector_of(asked, wiring) as protector:
        return protector.protect(asked).to_dict()


def released_numbers(wiring: Wiring) -> list[int]:
    """The numbers of all releases."""
    request = query_request(question(ASKED[0], wiring), EVALUATOR, wiring)
    with wiring.door.open(request, count_cells=lambda r: 1) as access:
        return [each.number for each in wiring.store.releases.list(access)]


def started_again(wiring: Wiring) -> Wiring:
    """The same store, log and keys in a process that has answered nothing yet."""
    return replace(wiring, ledgers=Ledgers())


def test_a_gateway_that_was_started_again_answers_as_the_one_that_was_not(
    gateway: Gateway,
) -> None:
    lived = gateway.wiring
    for body in ASKED:
        ask(body, lived)
        # What is only estimated leaves no trace that a restart could lose.
        estimate(question(NEW[1], lived), EVALUATOR, lived)
    again = started_again(lived)
    for body in NEW:
        assert would_be(body, again) == would_be(body, lived)
    assert ask(NEW[0], again).table == would_be(NEW[0], lived)


def test_opened_anew_from_disk_it_has_every_release_in_its_ledger(
    gateway: Gateway, tmp_path: Path
) -> None:
    for body in ASKED:
        ask(body, gateway.wiring)
    expected = [would_be(body, gateway.wiring) for body in NEW]
    gateway.close()
    opened = open_gateway(settings_of(tmp_path), clock=lambda: NOW)
    try:
        assert [would_be(body, opened.wiring) for body in NEW] == expected
    finally:
        opened.close()


def test_a_release_that_was_written_and_not_entered_is_counted_at_the_next_question(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(Exception):
        """Between the release and the ledger."""

    def crash(*_: object) -> None:
        raise Crash

    wiring = gateway.wiring
    ask(ASKED[0], wiring)
    with monkeypatch.context() as broken:
        broken.setattr(Kept, "enter", crash)
        with pytest.raises(Crash):
            ask(ASKED[1], wiring)
    assert [would_be(body, wiring) for body in NEW] == [
        would_be(body, started_again(wiring)) for body in NEW
    ]
    # It is in there: whoever asks it again is near to it, and gets the same.
    assert (
        would_be(ASKED[1], wiring)["cells"] == ask(ASKED[1], started_again(wiring)).table["cells"]
    )


def test_asked_again_a_question_gets_the_table_that_left_and_nobody_is_counted_again(
    gateway: Gateway,
) -> None:
    """Whatever else was answered in between, and for whatever purpose; each answer has a number and entries of its own."""
    wiring = gateway.wiring
    first = ask(ASKED[0], wiring)
    for body in (*ASKED[1:], *NEW):
        ask(body, wiring)
    asked, before = question(ASKED[0], wiring), wiring.log.size
    with protector_of(asked, wiring) as protector:
        assert protector.protect(asked).to_dict() == first.table
        assert not protector.exact.made
        # By other rules another table: that one has not left.
        assert protector.refresh.told(asked, replace(protector.rules, min_cell=15)) is None
    again = ask(ASKED[0], wiring)
    assert again.table == first.table
    assert again.number > first.number
    assert wiring.log.size > before
    assert would_be(NEW[0], wiring) == would_be(NEW[0], started_again(wiring))


def test_what_was_kept_and_never_released_is_counted_when_it_leaves(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash before the release has its number: whoever asks then is the first who gets the figures."""

    class Crash(Exception):
        """Between what stands and the release."""

    def crash(*_: object, **__: object) -> None:
        raise Crash

    wiring = gateway.wiring
    with monkeypatch.context() as broken:
        broken.setattr(answering, "_released", crash)
        with pytest.raises(Crash):
            ask(ASKED[0], wiring)
    assert not released_numbers(wiring)
    ask(ASKED[0], wiring)
    assert would_be(NEW[0], wiring) == would_be(NEW[0], started_again(wiring))
    with protector_of(question(NEW[0], wiring), wiring) as protector:
        assert protector.kept.entered


def test_two_at_once_are_answered_one_after_the_other(gateway: Gateway) -> None:
    """However they come: what each is answered is what it is answered in one of the two orders."""
    wiring, ready = gateway.wiring, threading.Barrier(2)

    def at_once(body: dict[str, Any]) -> Release:
        ready.wait(timeout=30)
        return ask(body, wiring)

    pair = (ASKED[1], {**ASKED[1], "cohort": "all-families"})
    with ThreadPoolExecutor(2) as both:
        releases = sorted(both.map(at_once, pair), key=lambda each: each.number)
    by_number = [each.question for each in releases]
    alone = started_again(wiring)
    # Asked again in the order of their numbers nothing changes, so the second was answered beside the first.
    for release, asked in zip(releases, by_number, strict=True):
        again = answer(Question.from_mapping(asked, wiring.catalogue), EVALUATOR, alone)
        assert again.table["cells"] == release.table["cells"]
    assert would_be(NEW[0], wiring) == would_be(NEW[0], started_again(wiring))


def test_a_release_that_cannot_be_counted_again_closes_the_vintage(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A catalogue without the dimension that was asked for: who was in those figures cannot be told."""
    wiring = gateway.wiring
    ask(ASKED[2], wiring)
    fewer = {name: d for name, d in wiring.catalogue.dimensions.items() if name != "issues"}
    catalogue = wiring.catalogue.model_copy(update={"dimensions": fewer})
    with pytest.raises(Unprotectable) as refused:
        would_be(NEW[2], replace(started_again(wiring), catalogue=catalogue))
    assert refused.value.rule == "not_counted"
