"""A coarser question is offered in a stated order, after a real trial, and in the same words for every reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from audit import AuditLog
from benchmarks.questions import KEY, build_vintage
from gateway.disclosure import ProtectedTable, Rules, Unprotectable, protect_table, tabulate
from gateway.evaluation import exact_table
from gateway.jobs.problems import problem_of
from gateway.pipeline.coarser import (
    MOST_TRIES,
    NothingReleased,
    Tries,
    coarser_questions,
    is_mostly_withheld,
    offer,
    one_sentence,
    protected_or_offered,
)
from gateway.questions import Question, shipped_catalogue

CATALOGUE = shipped_catalogue()
PERIOD = {"from": "2024-04", "to": "2026-03"}


def question(by: dict[str, str], **changed: Any) -> Question:
    body = {
        "purpose": "sf-evaluation",
        "cohort": "complex-needs",
        "unit": "family",
        "measures": ["families"],
        "by": by,
        "period": PERIOD,
    }
    return Question.from_mapping(body | changed)


def orders(by: dict[str, str], **changed: Any) -> list[dict[str, str]]:
    return [dict(each.by) for each in coarser_questions(question(by, **changed), CATALOGUE)]


@pytest.fixture(scope="module")
def vintage() -> dict[str, pa.Table]:
    return build_vintage(600, 9_000)


def tries(vintage: dict[str, pa.Table], permitted: Callable[[Question], bool] = bool) -> Tries:
    def protect(asked: Question) -> ProtectedTable:
        return protect_table(exact_table(vintage, asked, CATALOGUE), Rules(), KEY)

    return Tries(protect, permitted, CATALOGUE)


def test_a_level_is_merged_or_a_dimension_dropped_and_the_most_cells_come_first() -> None:
    assert orders({"district": "district", "issues": "banded"}) == [
        {"district": "district"},
        {"district": "county", "issues": "banded"},
        {"district": "county"},
    ]
    assert orders({"agency": "agency", "period": "quarter"}) == [
        {"agency": "agency", "period": "year"},
        {"period": "quarter"},
        {"agency": "agency"},
        {"period": "year"},
        {},
    ]


def test_a_measure_keeps_the_dimension_that_it_needs() -> None:
    asked = {"issue": "issue", "district": "district"}
    found = orders(asked, measures=["issue_prevalence"])
    assert found == [{"issue": "issue", "district": "county"}]


def test_years_are_offered_only_where_the_period_has_whole_ones() -> None:
    half = {"from": "2024-07", "to": "2026-03"}
    assert orders({"period": "quarter"}, period=half) == [{}]


def test_nothing_is_coarser_than_one_figure() -> None:
    assert orders({}) == []
    assert orders({"district": "county"}) == []


def test_the_first_that_passes_is_offered_and_it_does_pass(vintage: dict[str, pa.Table]) -> None:
    asked = question({"known_to": "combination", "district": "district"})
    trying = tries(vintage)
    assert is_mostly_withheld(trying.protect(asked))
    offered = offer(asked, trying)
    assert offered is not None
    passing = [
        each
        for each in coarser_questions(asked, CATALOGUE)
        if not is_mostly_withheld(trying.protect(each))
    ]
    assert offered == passing[0]


def test_an_offer_tells_only_what_answers_to_the_questions_tried_would_show(
    vintage: dict[str, pa.Table],
) -> None:
    """The search never looks at the table that was asked, and at the coarser ones in their order only."""
    asked = question({"known_to": "combination", "district": "district"})
    trying, seen = tries(vintage), []

    def protect(each: Question) -> ProtectedTable:
        seen.append(each)
        return trying.protect(each)

    offer(asked, Tries(protect, bool, CATALOGUE))
    assert asked not in seen
    assert seen == list(coarser_questions(asked, CATALOGUE))[: len(seen)]


def test_what_the_protocol_does_not_permit_is_neither_tried_nor_offered(
    vintage: dict[str, pa.Table],
) -> None:
    asked = question({"known_to": "combination", "district": "district"})
    first = offer(asked, tries(vintage))
    assert offer(asked, tries(vintage, lambda each: each != first)) != first
    assert offer(asked, tries(vintage, lambda each: False)) is None


def test_no_more_than_a_few_are_tried() -> None:
    seen: list[Question] = []

    def protect(asked: Question) -> ProtectedTable:
        seen.append(asked)
        raise Unprotectable("table", "any", "no")

    asked = question({"agency": "agency", "period": "quarter", "district": "district"})
    assert len(list(coarser_questions(asked, CATALOGUE))) > MOST_TRIES
    assert offer(asked, Tries(protect, bool, CATALOGUE)) is None
    assert len(seen) == MOST_TRIES


# Ways in which a question is refused as a whole: each raises, for another reason.
REASONS: dict[str, Callable[[dict[str, pa.Table]], object]] = {
    "too fine for the rules": lambda vintage: protect_table(
        exact_table(vintage, question({"district": "district"})), Rules(max_cells=2), KEY
    ),
    "rules below the floor": lambda _: Rules(min_cell=3),
    "a short key": lambda vintage: protect_table(
        exact_table(vintage, question({"district": "district"})), Rules(), b"short"
    ),
    "a damaged vintage": lambda vintage: exact_table(
        {name: table for name, table in vintage.items() if name != "events"}, question({})
    ),
    "an unknown measure": lambda vintage: tabulate(
        pa.table({"family": [1]}).to_pandas(), [], ("births",), key=KEY # type: ignore[arg-type]
    ),
}  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_every_refusal_has_the_same_bytes(
    reason: str, vintage: dict[str, pa.Table], opening: Any, log: AuditLog
) -> None:
    asked = question({"district": "district"})
    nothing_else = Tries(lambda _: _raise(), bool, CATALOGUE)

    def protect(_: Question) -> ProtectedTable:
        REASONS[reason](vintage)
        raise AssertionError("it was not refused")

    with pytest.raises(NothingReleased) as within, opening("query") as access:
        protected_or_offered(access, asked, protect, nothing_else)
    with pytest.raises(NothingReleased) as around, opening("query") as access, one_sentence(access):
        REASONS[reason](vintage)
    for refused in (within.value, around.value):
        assert json.dumps(problem_of(refused)) == json.dumps(problem_of(NothingReleased()))
        assert refused.__suppress_context__
    # Who reads the log, and nobody else, learns which rule it was.
    outcomes = [e.event.detail for e in log.entries(-1, 100) if "outcome" in e.event.detail]
    assert len(outcomes) == 2
    assert all(each["error"] == "NothingReleased" and each["rule"] for each in outcomes)


def _raise() -> ProtectedTable:
    raise Unprotectable("table", "any", "no")


def test_a_refusal_offers_the_coarser_question_in_its_problem(
    vintage: dict[str, pa.Table], opening: Any
) -> None:
    asked = question({"district": "district", "issues": "banded"})
    trying = tries(vintage)
    refuse = partial(protect_table, rules=Rules(max_cells=2), key=KEY)
    with pytest.raises(NothingReleased) as refused, opening("query") as access:
        protected_or_offered(access, asked, lambda each: refuse(exact_table(vintage, each)), trying)
    offered = offer(asked, trying)
    assert offered is not None
    told = problem_of(refused.value)
    assert told["coarser"] == offered.canonical()
    assert told["status"] == 422
    assert Question.from_mapping(told["coarser"]) == offered


def test_an_answer_of_which_most_is_shown_offers_nothing(
    vintage: dict[str, pa.Table], opening: Any
) -> None:
    asked = question({"district": "county"}, cohort="all-families")
    trying = tries(vintage)
    with opening("query") as access:
        protected, coarser = protected_or_offered(access, asked, trying.protect, trying)
    assert not is_mostly_withheld(protected)
    assert coarser is None
