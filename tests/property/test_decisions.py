"""Properties of every decision, over random requests and randomly narrowed protocols."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policies import Actor, Decision, Request, Rulebook, decide, shipped_protocols
from policies.protocol import protocol_of
from policies.strict_yaml import Document, parse
from policies.terms import ACTIONS

CONTENT: Any = parse(shipped_protocols()[0].read_bytes()).content
PROTOCOL = protocol_of(Document(CONTENT, {}))
RULEBOOK = Rulebook([PROTOCOL])

MEASURES = [item.item for item in PROTOCOL.measures]
SOURCES = [item.item for item in PROTOCOL.sources]
LEVELS = {item.item: list(item.levels) for item in PROTOCOL.dimensions}
ROLES = [clause.role for clause in PROTOCOL.role_clauses]
PARTIES = [party.id for party in PROTOCOL.parties]
KNOWN_WORDS = frozenset(
    [*MEASURES, *SOURCES, *LEVELS, *ROLES, *PARTIES, *ACTIONS]
    + [level for levels in LEVELS.values() for level in levels]
    + [name for cohort in PROTOCOL.cohorts.agreed for name in cohort.names]
    + ["family", "person", "sf-evaluation", "direct-case-work"]
)

few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(few, max_examples=200)

strange = st.text(max_size=12).filter(lambda word: word not in KNOWN_WORDS)
level_pairs = st.sampled_from([(d, lvl) for d, levels in LEVELS.items() for lvl in levels])
wild_pairs = st.one_of(
    level_pairs,
    st.tuples(st.sampled_from([*LEVELS, *SOURCES]), st.sampled_from(["month", "street", "x"])),
)


def actors(roles: st.SearchStrategy[str]) -> st.SearchStrategy[Actor]:
    ages = st.integers(-2, 400)
    return st.builds(
        Actor,
        id=st.just("a1"),
        role=roles,
        agency=st.sampled_from([*PARTIES, "probation"]),
        training=st.fixed_dictionaries({}, optional={"five_safes": ages, "isp_briefing": ages}),
        mfa=st.booleans(),
        holds=st.lists(st.sampled_from(ROLES), max_size=1).map(tuple),
    )


TRAINED = Actor("a1", "evaluator", "council", {"five_safes": 1, "isp_briefing": 1})


def questions(
    pairs: st.SearchStrategy[tuple[str, str]] = wild_pairs, extra: tuple[str, ...] = ("gp_visits",)
) -> st.SearchStrategy[Request]:
    """Questions of a trained evaluator, most of them wrong in one way or another."""
    return st.builds(
        Request,
        actor=st.just(TRAINED),
        action=st.just("query"),
        day=st.just(date(2026, 11, 22)),
        purpose=st.just("sf-evaluation"),
        cohort=st.sampled_from(["all-families", "complex-needs@1", "at-risk"]),
        unit=st.sampled_from(["family", "person"]),
        measures=st.lists(st.sampled_from([*MEASURES, *extra]), min_size=1, max_size=5).map(tuple),
        dimensions=st.lists(pairs, max_size=5).map(dict),
        agencies=st.lists(st.sampled_from(PARTIES[:3]), max_size=2).map(tuple),
        period_from=st.one_of(st.none(), st.dates(date(2015, 1, 1), date(2026, 1, 1))),
        optout_age_days=st.just(1),
        cells=st.one_of(st.none(), st.integers(0, 700)),
    )


anything = st.one_of(
    questions(),
    st.builds(
        Request,
        actor=actors(st.sampled_from([*ROLES, "researcher"])),
        action=st.sampled_from(sorted(ACTIONS)),
        day=st.dates(date(2026, 1, 1), date(2029, 6, 1)),
        purpose=st.sampled_from(["sf-evaluation", "direct-case-work", "marketing", None]),
        cohort=st.sampled_from(["all-families", "at-risk", "other", None]),
        unit=st.sampled_from(["family", "person", None]),
        measures=st.lists(st.sampled_from([*MEASURES, "contact_kind"]), max_size=3).map(tuple),
        dimensions=st.lists(wild_pairs, max_size=4).map(dict),
        dataset=st.sampled_from([None, *PROTOCOL.datasets, ("police", "custody")]),
        optout_age_days=st.sampled_from([None, -1, 0, 7, 8]),
        attestation_age_days=st.sampled_from([None, 0, 21, 22]),
    ),
)


def clauses(decision: Decision) -> set[str]:
    return {reason.clause for reason in decision.reasons}


@many
@given(anything)
def test_a_decision_is_a_permission_or_has_reasons_and_never_both(request):
    decision = decide(RULEBOOK, request)
    assert decision.permitted is not bool(decision.reasons)
    assert (decision.obligations is not None) is (decision.permitted and request.action == "query")
    assert all(reason.text and reason.clause for reason in decision.reasons)


@many
@given(anything)
def test_an_empty_rulebook_refuses_everything(request):
    assert not decide(Rulebook(), request).permitted


@many
@given(questions(), strange, st.sampled_from(["measure", "breakdown", "level", "agency"]))
def test_a_word_that_nobody_agreed_is_refused_wherever_it_stands(request, word, place):
    added = {
        "measure": {"measures": (*request.measures, word)},
        "breakdown": {"dimensions": {**request.dimensions, word: "district"}},
        "level": {"dimensions": {**request.dimensions, "district": word}},
        "agency": {"agencies": (*request.agencies, word)},
    }[place]
    assert not decide(RULEBOOK, replace(request, **added), seek_nearest=False).permitted


@many
@given(anything, strange, st.sampled_from(["action", "role", "party", "purpose", "cohort", "unit"]))
def test_an_unknown_actor_action_or_purpose_is_refused(request, word, place):
    # Elsewhere than in questions, purpose, cohort and unit are not part of the request.
    assume(place in {"action", "role", "party"} or request.action == "query")
    changed = {
        "action": lambda: replace(request, action=word),
        "role": lambda: replace(request, actor=replace(request.actor, role=word)),
        "party": lambda: replace(request, actor=replace(request.actor, agency=word)),
        "purpose": lambda: replace(request, purpose=word),
        "cohort": lambda: replace(request, cohort=word),
        "unit": lambda: replace(request, unit=word),
    }[place]()
    assert not decide(RULEBOOK, changed, seek_nearest=False).permitted


@few
@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_words_does_not_change_the_decision(request, random):
    def shuffled(words):
        return random.sample(list(words), len(words))

    turned = replace(
        request,
        measures=tuple(shuffled(request.measures)),
        dimensions=dict(shuffled(request.dimensions.items())),
        agencies=tuple(shuffled(request.agencies)),
    )
    one, two = decide(RULEBOOK, request), decide(RULEBOOK, turned)
    assert one.permitted == two.permitted
    assert clauses(one) == clauses(two)
    assert (one.nearest is None) == (two.nearest is None)
    if one.nearest is not None:
        assert set(one.nearest.measures) == set(two.nearest.measures)
        assert one.nearest.dimensions == two.nearest.dimensions


@many
@given(questions(), st.one_of(level_pairs, wild_pairs), st.sampled_from([*MEASURES, *SOURCES]))
def test_asking_for_more_never_turns_a_refusal_into_a_permission(request, pair, measure):
    refused = decide(RULEBOOK, request, seek_nearest=False)
    assume(not refused.permitted and pair[0] not in request.dimensions)
    wider = replace(
        request,
        measures=(*request.measures, measure),
        dimensions={**request.dimensions, pair[0]: pair[1]},
    )
    assert not decide(RULEBOOK, wider, seek_nearest=False).permitted


@many
@given(questions())
def test_the_nearest_question_is_permitted_and_only_narrower(request):
    nearest = decide(RULEBOOK, request).nearest
    assume(nearest is not None)
    assert decide(RULEBOOK, nearest).permitted
    assert set(nearest.measures) <= set(request.measures)
    assert set(nearest.dimensions) <= set(request.dimensions)
    for name, level in nearest.dimensions.items():
        asked = request.dimensions[name]
        assert asked not in LEVELS[name] or LEVELS[name].index(level) >= LEVELS[name].index(asked)
    for same in ("actor", "action", "day", "purpose", "cohort", "agencies", "dataset"):
        assert getattr(nearest, same) == getattr(request, same)
    assert nearest.unit == request.unit or nearest.unit == "family"


@many
@given(questions(level_pairs, extra=()))
def test_a_question_in_agreed_words_always_has_a_nearest_one_when_refused(request):
    decision = decide(RULEBOOK, request)
    assert decision.permitted or decision.nearest is not None


_TIGHTER: dict[str, Callable[[Any], object]] = {
    "cells": lambda doc: doc["disclosure"][3].update(max_cells=100),
    "dimensions": lambda doc: doc["disclosure"][2].update(max_dimensions=1),
    "training": lambda doc: doc["roles"][1].update(
        needs={"training": ["five_safes", "sdc"], "max_age_days": 10}
    ),
    "suspend": lambda doc: doc.update(status="suspended"),
    "expire": lambda doc: doc["dates"].update(review_by="2026-05-01", expires="2026-06-01"),
    "prohibit": lambda doc: doc["purposes"][0].update(prohibited=True, why="No longer."),
    "history": lambda doc: doc["data"]["minimisation"].update(history_from="2022-01-01"),
    "optout": lambda doc: doc["optout"][0].update(max_age_days=0),
    "conflict": lambda doc: doc["roles"][-1]["conflicts"].append(["data_officer", "ig_officer"]),
}


def _removals() -> list[tuple[str, ...]]:
    """Every single permission that can be taken out of the shipped protocol."""
    found: list[tuple[str, ...]] = [("measure", name) for name in MEASURES]
    found += [
        ("level", name, lvl) for name, lvls in LEVELS.items() if len(lvls) > 1 for lvl in lvls
    ]
    found += [
        ("may", clause.role, action) for clause in PROTOCOL.role_clauses for action in clause.may
    ]
    found += [("of", clause.role, party) for clause in PROTOCOL.role_clauses for party in clause.of]
    found += [("cohort", cohort.id) for cohort in PROTOCOL.cohorts.agreed]
    found += [("unit", "family"), ("unit", "person")]
    return found + [(kind,) for kind in _TIGHTER]


def _remove(doc: Any, kind: str, *which: str) -> None:
    """Take one permission out of the document in place; leaves it alone where nothing would remain."""
    items = doc["data"]["items"]
    if kind == "measure":
        doc["data"]["items"] = [item for item in items if item["item"] != which[0]]
        doc["purposes"][0]["outcome_measures"] = []
    elif kind == "level":
        item = next(item for item in items if item["item"] == which[0])
        item["levels"] = [lvl for lvl in item["levels"] if lvl != which[1]] or item["levels"]
    elif kind in {"may", "of"}:
        clause = next(clause for clause in doc["roles"] if clause.get("role") == which[0])
        clause[kind] = [word for word in clause[kind] if word != which[1]] or clause[kind]
    elif kind == "cohort":
        agreed = doc["cohorts"]["agreed"]
        doc["cohorts"]["agreed"] = [one for one in agreed if one["id"] != which[0]] or agreed
    elif kind == "unit":
        allowed = doc["units"]["allowed"]
        doc["units"]["allowed"] = [one for one in allowed if one != which[0]] or allowed
    else:
        _TIGHTER[kind](doc)


@cache
def _narrowed(removals: frozenset[tuple[str, ...]]) -> Rulebook:
    doc = deepcopy(CONTENT)
    for removal in sorted(removals):
        _remove(doc, *removal)
    # A protocol may not be left without a measure.
    if not any(item["kind"] == "measure" for item in doc["data"]["items"]):
        return Rulebook()
    return Rulebook([protocol_of(Document(doc, {}))])


@few
@given(
    st.sets(st.sampled_from(_removals()), min_size=1, max_size=3).map(frozenset),
    st.lists(anything, min_size=3, max_size=8),
)
def test_taking_permissions_away_never_permits_more(removals, requests):
    narrowed = _narrowed(removals)
    for request in requests:
        if decide(narrowed, request, seek_nearest=False).permitted:
            assert decide(RULEBOOK, request, seek_nearest=False).permitted


@few
@given(
    st.sets(st.sampled_from(_removals()), min_size=1, max_size=2).map(frozenset),
    st.lists(questions(), min_size=3, max_size=8),
)
def test_a_second_protocol_for_a_purpose_never_permits_more(removals, requests):
    other = [
        protocol.model_copy(update={"id": "isp:exampleshire/second"})
        for protocol in _narrowed(removals).protocols
    ]
    both = Rulebook([PROTOCOL, *other])
    for request in requests:
        if decide(both, request, seek_nearest=False).permitted:
            assert decide(RULEBOOK, request, seek_nearest=False).permitted
