"""A real home, log, store and protocol with a vintage of some hundred synthetic families; only linkage is left out.

In: a folder. Out: an open gateway, and questions as an evaluator asks them in its process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from audit.errors import LogClosed
from benchmarks.questions import build_vintage
from gateway.bootstrap import Gateway, make_home, open_gateway
from gateway.config import Settings
from gateway.pipeline.answer import answer
from gateway.pipeline.wiring import Wiring
from gateway.questions import Question
from gateway.store.releases import Release
from policies import Actor

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EVALUATOR = Actor("staff-e", "evaluator", "council", {"five_safes": 5, "isp_briefing": 5})
LINKER = Actor("staff-l", "linkage_officer", "gateway", {"five_safes": 5, "isp_briefing": 5})
OFFICER = Actor("staff-i", "ig_officer", "council", {"five_safes": 5, "isp_briefing": 5})


def question(body: dict[str, Any], wiring: Wiring) -> Question:
    whole = {"purpose": "sf-evaluation", "cohort": "all-families", "unit": "family"}
    return Question.from_mapping(whole | body, wiring.catalogue)


def settings_of(home: Path) -> Settings:
    return Settings(home=home, workers=1)


@contextmanager
def small_gateway(folder: Path) -> Iterator[Gateway]:
    """A gateway with a vintage of some hundred families and nothing asked of it."""
    make_home(settings_of(folder), None, lambda: NOW)
    opened = open_gateway(settings_of(folder), clock=lambda: NOW)
    store, door = opened.wiring.store, opened.door
    with door.open(opened.wiring.operation(LINKER, "link")) as access:
        run = store.runs.begin(access, [], {"seed": 0}).number
        links = pl.DataFrame(schema=dict.fromkeys(("record", "person", "family"), pl.String))
        store.runs.finish(access, run, links, quality={})
        store.vintages.write(access, store.vintages.new_id(), run, build_vintage(350, 5_000))
    yield opened
    # A test may have closed it already.
    with suppress(LogClosed):
        opened.close()


def ask(body: dict[str, Any], wiring: Wiring) -> Release:
    """The release that answers it."""
    return answer(question(body, wiring), EVALUATOR, wiring)
