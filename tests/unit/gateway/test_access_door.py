"""The door: nothing is open before the intent is on record, and nothing after the block."""

import copy
import pickle
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from audit import AuditLog, EventRefused, EventType
from gateway.access import (
    RIGHTS,
    Access,
    AccessDenied,
    AccessMissing,
    Door,
    LogUnavailable,
    Right,
    may,
    require,
)
from policies import Rulebook
from policies.terms import ACTIONS
from tests.unit.gateway.conftest import NOW, Opening, make_request


def types(log: AuditLog) -> list[EventType]:
    kept = {EventType.ACCESS_INTENT, EventType.ACCESS_OUTCOME, EventType.ACCESS_REFUSED}
    return [entry.event.type for entry in log.entries(types=kept)]


def last_detail(log: AuditLog) -> Mapping[str, str | int]:
    return list(log.entries())[-1].event.detail


def test_every_action_of_the_protocol_has_its_rights() -> None:
    assert RIGHTS.keys() == ACTIONS


def test_every_right_belongs_to_some_action() -> None:
    assert set(Right) == {right for rights in RIGHTS.values() for right in rights}


def test_tokens_are_for_linkage_only() -> None:
    assert {action for action, rights in RIGHTS.items() if Right.READ_TOKENS in rights} == {"link"}


def test_nobody_reads_both_tokens_and_figures() -> None:
    both = {Right.READ_TOKENS, Right.READ_VINTAGE}
    assert not [action for action, rights in RIGHTS.items() if both <= rights]


def test_the_intent_is_durable_before_the_block_and_the_outcome_after_it(
    opening: Opening, log: AuditLog
) -> None:
    with opening("query") as access:
        assert types(log) == [EventType.ACCESS_INTENT]
        assert [entry.event.access for entry in log.unmatched_intents()] == [access.id]
    assert types(log) == [EventType.ACCESS_INTENT, EventType.ACCESS_OUTCOME]
    assert not log.unmatched_intents()
    assert last_detail(log)["outcome"] == "done"


def test_the_intent_says_what_was_asked_and_by_which_clauses(
    opening: Opening, log: AuditLog
) -> None:
    with opening("query") as access:
        (intent,) = log.unmatched_intents()
    assert intent.event.purpose == "sf-evaluation"
    assert intent.event.clauses == access.decision.clauses != ()
    assert intent.event.detail["measures"] == "families"
    assert intent.event.detail["dimensions"] == "district:district"
    assert intent.event.detail["protocol_digest"] == access.decision.digest


def test_a_fault_inside_is_an_outcome_with_its_class_and_nothing_of_its_message(
    opening: Opening, log: AuditLog, tmp_path: Path
) -> None:
    with pytest.raises(ZeroDivisionError), opening("query"):
        raise ZeroDivisionError("Anna Smith, 943 476 5919")
    assert last_detail(log) == {"outcome": "failed", "error": "ZeroDivisionError"}
    assert b"Anna" not in b"".join(path.read_bytes() for path in (tmp_path / "log").iterdir())


def test_a_fault_whose_class_has_an_odd_name_is_recorded_all_the_same(
    opening: Opening, log: AuditLog
) -> None:
    odd = type("_943476 5919", (Exception,), {})
    with pytest.raises(odd), opening("query"):
        raise odd
    assert last_detail(log)["error"] == "UnnamedError"


def test_an_interrupt_is_an_outcome_too(opening: Opening, log: AuditLog) -> None:
    with pytest.raises(KeyboardInterrupt), opening("link"):
        raise KeyboardInterrupt
    assert last_detail(log)["error"] == "KeyboardInterrupt"


def test_a_refusal_is_on_record_and_names_its_clauses(door: Door, log: AuditLog) -> None:
    request = replace(make_request("query"), dimensions={"district": "ward"})
    with pytest.raises(AccessDenied) as refused, door.open(request):
        pytest.fail("the block ran")
    assert types(log) == [EventType.ACCESS_REFUSED]
    decision = refused.value.decision
    assert decision.clauses
    assert all(clause in str(refused.value) for clause in decision.clauses)
    assert "ward" not in str(refused.value)


def test_words_that_a_person_typed_never_reach_the_log(
    door: Door, log: AuditLog, tmp_path: Path
) -> None:
    typed = "Anna Smith 943 476 5919"
    request = replace(make_request("query"), purpose=typed, measures=(typed,), cohort=typed)
    with pytest.raises(AccessDenied), door.open(request, subject=typed):
        pytest.fail("the block ran")
    written = b"".join(path.read_bytes() for path in (tmp_path / "log").iterdir())
    assert types(log) == [EventType.ACCESS_REFUSED]
    assert b"Anna" not in written
    assert not any(part in written for part in (b"476 5919", b"4765919"))


def test_the_day_is_the_doors_and_not_the_requests(rulebook: Rulebook, log: AuditLog) -> None:
    after_expiry = Door(rulebook, log, lambda: datetime(2029, 1, 2, tzinfo=NOW.tzinfo))
    with pytest.raises(AccessDenied), after_expiry.open(make_request("submit")):
        pytest.fail("the block ran")


def test_an_empty_rulebook_opens_nothing(log: AuditLog) -> None:
    door = Door(Rulebook(), log, lambda: NOW)
    for action in ("submit", "link", "query", "manage_users"):
        with pytest.raises(AccessDenied), door.open(make_request(action)):
            pytest.fail("the block ran")


def test_without_a_log_nothing_is_opened(rulebook: Rulebook, log: AuditLog) -> None:
    door = Door(rulebook, log, lambda: NOW)
    log.close()
    with pytest.raises(LogUnavailable), door.open(make_request("query")):
        pytest.fail("the block ran")
    with pytest.raises(LogUnavailable), door.open(replace(make_request("query"), purpose="x")):
        pytest.fail("the block ran")


def test_a_log_that_breaks_during_the_block_is_told(opening: Opening, log: AuditLog) -> None:
    opened = opening("query")
    access = opened.__enter__()
    log.close()
    with pytest.raises(LogUnavailable):
        opened.__exit__(None, None, None)
    with pytest.raises(AccessMissing):
        access.require(Right.READ_VINTAGE)


@pytest.mark.parametrize("action", ["submit", "link", "query", "read_audit", "manage_users"])
def test_an_access_carries_the_rights_of_its_action_and_no_other(
    action: str, opening: Opening
) -> None:
    with opening(action) as access:
        for right in Right:
            assert may(access, right) == (right in RIGHTS[action])
            if right in RIGHTS[action]:
                access.require(right)
                continue
            with pytest.raises(AccessMissing):
                access.require(right)


def test_an_access_is_worth_nothing_after_its_block(opening: Opening) -> None:
    with opening("link") as access:
        access.require(Right.READ_TOKENS)
    with pytest.raises(AccessMissing):
        access.require(Right.READ_TOKENS)


def test_an_access_is_not_made_copied_pickled_subclassed_or_changed(opening: Opening) -> None:
    with opening("link") as access:
        with pytest.raises(AccessMissing):
            Access(object(), access.request, access.decision)
        for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                attempt(access)
        with pytest.raises(TypeError):
            type("Wider", (Access,), {})
        with pytest.raises(AttributeError):
            access.rights = frozenset(Right)  # type: ignore[misc]


def test_an_access_put_together_by_hand_opens_nothing(opening: Opening) -> None:
    class Lookalike:
        rights = frozenset(Right)

        def require(self, right: Right) -> None: ...

    forged = object.__new__(Access)
    with opening("link") as access:
        for name in ("id", "actor", "request", "decision", "_detail", "_mutex"):
            object.__setattr__(forged, name, getattr(access, name))
        object.__setattr__(forged, "rights", frozenset(Right))
        for other in (forged, Lookalike(), None, access.id):
            with pytest.raises(AccessMissing):
                require(other, Right.READ_TOKENS)


def test_a_note_reaches_the_outcome_if_the_log_allows_it(opening: Opening, log: AuditLog) -> None:
    with opening("link") as access:
        access.note("rows_read", "100-999")
        for key, value in (("surname", "x"), ("rows_read", 512), ("submission", "9434765919")):
            with pytest.raises(EventRefused):
                access.note(key, value)
    assert last_detail(log) == {"rows_read": "100-999", "outcome": "done"}


def test_the_outcome_cannot_be_written_over_by_a_note(opening: Opening, log: AuditLog) -> None:
    opened = opening("link")
    opened.__enter__().note("outcome", "done")
    opened.__exit__(ValueError, ValueError(), None)
    assert last_detail(log)["outcome"] == "failed"


def test_a_question_brings_its_obligations_and_other_work_has_none(opening: Opening) -> None:
    with opening("query") as access:
        assert access.obligations.min_cell >= 1
    with opening("link") as access, pytest.raises(AccessMissing):
        _: Any = access.obligations
