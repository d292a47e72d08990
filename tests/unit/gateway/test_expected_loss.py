"""Before asking: about how many cells a question will lose, from coarser figures alone, and told in five bands."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from benchmarks.questions import KEY, build_vintage
from gateway.disclosure import Dimension, ProtectedTable, Rules, protect_table
from gateway.disclosure.expected import BANDS, Margin, band_of, expected_losses
from gateway.evaluation import exact_table
from gateway.pipeline.coarser import Tries
from gateway.pipeline.estimate import UNKNOWN, estimated
from gateway.questions import Question, shipped_catalogue

CATALOGUE = shipped_catalogue()
ORDER = [name for name, _ in BANDS]
PERIOD = {"from": "2024-04", "to": "2026-03"}
EVENTS = {"measures": ["families", "cost", "cost_per_family"]}
ISSUES = {"measures": ["families", "issue_prevalence"]}
QUESTIONS: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({}, EVENTS),
    ({"district": "district"}, EVENTS),
    ({"district": "district", "issues": "banded"}, EVENTS),
    ({"district": "district", "agency": "agency"}, EVENTS),
    ({"district": "district", "agency": "agency", "issues": "banded"}, EVENTS),
    ({"district": "district", "period": "quarter"}, EVENTS),
    ({"known_to": "combination"}, EVENTS),
    ({"known_to": "combination", "district": "district"}, EVENTS),
    ({"issue": "issue", "district": "district"}, ISSUES),
    ({"known_to": "combination"}, {"measures": ["people"], "unit": "person"}),
]


def question(by: dict[str, str], **changed: Any) -> Question:
    body = {"purpose": "sf-evaluation", "cohort": "all-families", "unit": "family"}
    return Question.from_mapping({**body, "by": by, "period": PERIOD, **changed})


@pytest.fixture(scope="module", params=[250, 2000])
def vintage(request: pytest.FixtureRequest) -> dict[str, pa.Table]:
    return build_vintage(request.param, request.param * 8)


class Seen:
    """Protects for real, and keeps which questions it was given."""

    def __init__(self, vintage: dict[str, pa.Table]) -> None:
        self.vintage, self.asked = vintage, list[Question]()

    def __call__(self, asked: Question) -> ProtectedTable:
        self.asked.append(asked)
        return protect_table(exact_table(self.vintage, asked, CATALOGUE), Rules(), KEY)


def test_the_band_is_near_what_is_then_withheld(vintage: dict[str, pa.Table]) -> None:
    protect, apart = Seen(vintage), []
    for by, changed in QUESTIONS:
        asked = question(by, **changed)
        told = estimated(asked, Rules(), Tries(protect, bool, CATALOGUE))
        table = protect(asked)
        assert told.cells == asked.cell_count(CATALOGUE)
        for measure, count in table.withheld.items():
            true = ORDER.index(band_of(count / told.cells))
            apart.append(abs(ORDER.index(told.withheld[measure]) - true))
    assert sum(steps == 0 for steps in apart) >= 0.6 * len(apart)
    assert sum(steps <= 1 for steps in apart) >= 0.9 * len(apart)


def test_no_cell_of_two_dimensions_is_looked_at(vintage: dict[str, pa.Table]) -> None:
    protect = Seen(vintage)
    for by, changed in QUESTIONS:
        estimated(question(by, **changed), Rules(), Tries(protect, bool, CATALOGUE))
    assert protect.asked
    assert all(len(asked.by) <= 1 for asked in protect.asked)


def test_asking_again_or_in_other_words_tells_the_same(vintage: dict[str, pa.Table]) -> None:
    tries = Tries(Seen(vintage), bool, CATALOGUE)
    by = {"district": "district", "issues": "banded"}
    one = estimated(question(by, measures=["families"]), Rules(), tries)
    other = estimated(
        question(dict(reversed(by.items())), measures=["families"], cohort="all-families@1"),
        Rules(),
        tries,
    )
    assert one == other


def test_what_may_not_be_asked_by_itself_gives_no_estimate(vintage: dict[str, pa.Table]) -> None:
    protect = Seen(vintage)
    refusing = Tries(protect, lambda asked: "district" not in asked.by, CATALOGUE)
    asked = question({"district": "district", "issues": "banded"}, measures=["families"])
    assert estimated(asked, Rules(), refusing).withheld == {"families": UNKNOWN}
    assert all("district" not in each.by for each in protect.asked)


def test_under_another_method_nothing_is_worked_out(vintage: dict[str, pa.Table]) -> None:
    protect = Seen(vintage)
    told = estimated(question({}, measures=["families"]), object(), Tries(protect, bool, CATALOGUE))
    assert told.withheld == {"families": UNKNOWN}
    assert protect.asked == []


def test_an_estimate_holds_no_figure(vintage: dict[str, pa.Table]) -> None:
    tries = Tries(Seen(vintage), bool, CATALOGUE)
    told = estimated(question({"district": "district"}, measures=["families"]), Rules(), tries)
    body = told.to_dict()
    assert set(body) == {"question", "cells", "withheld", "bands", "basis"}
    assert set(body["withheld"].values()) <= set(ORDER)
    assert list(body["bands"]) == ORDER


@pytest.mark.parametrize(
    ("share", "band"),
    [(0.0, "none"), (0.02, "none"), (0.03, "few"), (0.25, "about a quarter"), (0.5, "about half")]
    + [(0.63, "most"), (1.0, "most")],
)
def test_the_bands_cover_every_share(share: float, band: str) -> None:
    assert band_of(share) == band


def test_a_vintage_without_families_loses_everything_or_nothing_breaks() -> None:
    margin = Margin(Dimension("place", "place", ("a", "b")), (None, None))
    losses = expected_losses(0.0, [margin], Rules(), seed="x")
    assert (losses.counts, losses.costs) == (1.0, 1.0)
