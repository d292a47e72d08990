"""The attack that runs every night: over HTTP and by the command as an officer has them, and on releases that no ledger saw."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_gateway import EVALUATOR, OFFICER, ask, question, small_gateway

from gateway.bootstrap import Gateway
from gateway.cli.demo.questions import PERMITTED
from gateway.disclosure.attack import Effort
from gateway.disclosure.methods import protect_by
from gateway.pipeline import answer as answering
from gateway.pipeline.counted import Counted
from gateway.pipeline.ledger_attack import ReleaseNotCounted, attack_ledger
from gateway.pipeline.link import NOISE
from gateway.pipeline.obligations import rules_of
from gateway.pipeline.wiring import Wiring
from gateway.store.releases import Releases

title = "Every night everything that left is turned on groups that nobody asked for"

COSTS: dict[str, Any] = {"measures": ["cost"], "by": {"agency": "agency", "district": "district"}}
# Two windows of time and both together: less it, they are the quarter that is in both.
WINDOWS = tuple(
    {**COSTS, "period": {"from": first, "to": last}}
    for first, last in (("2024-04", "2026-03"), ("2024-04", "2025-03"), ("2025-01", "2026-03"))
)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway with a vintage of some hundred families and nothing asked of it."""
    with small_gateway(tmp_path) as opened:
        yield opened


def leave_unseen(body: dict[str, Any], wiring: Wiring) -> int:
    """A release as a gateway would make it whose ledger had forgotten everything; its number."""
    asked = question(body, wiring)
    with answering._asked(asked, EVALUATOR, wiring) as access:
        vintage = wiring.store.vintages.latest(access)
        exact = Counted(access, wiring)(vintage.id, asked)
        key = wiring.keys.disclosure_key(NOISE)
        protected = protect_by(exact, rules_of(access.obligations), key)
        return answering._released(access, asked, protected, vintage, wiring).number


def attacked(wiring: Wiring, **effort: int) -> dict[str, Any]:
    with wiring.door.open(wiring.operation(OFFICER, "attack_ledger")) as access:
        return attack_ledger(
            access, wiring, lambda step, share: None, seed=7, effort=Effort(**effort)
        )


def test_answers_that_stood_beside_one_another_hold(gateway: Gateway) -> None:
    wiring = gateway.wiring
    for body in (*WINDOWS, {"measures": ["families"], "by": {"issues": "banded"}}):
        ask(body, wiring)
    told = attacked(wiring, sample=2_000)
    assert told["holds"]
    assert told["releases"] == 4
    assert {(each["of"], each["about"]) for each in told["lines"]} >= {
        ("one family", "cost"),
        ("few families", "cost"),
        ("few families", "families"),
        ("between two bounds", "cost"),
    }
    assert any(each["drawn"] for each in told["lines"])


def test_releases_that_no_ledger_saw_are_found_and_named(gateway: Gateway) -> None:
    wiring = gateway.wiring
    numbers = [leave_unseen(body, wiring) for body in WINDOWS]
    told = attacked(wiring)
    assert not told["holds"]
    (few,) = [each for each in told["lines"] if each["of"] == "few families"]
    assert few["passed"] > 0
    assert few["most"] > 1
    assert sorted(few["releases"]) == numbers
    # Twice the same seed, twice the same groups.
    assert attacked(wiring) == told


def test_the_log_says_of_which_vintage_with_which_seed_and_how_it_ended(gateway: Gateway) -> None:
    wiring = gateway.wiring
    held = attacked(wiring)
    for body in WINDOWS:
        leave_unseen(body, wiring)
    attacked(wiring)
    first, second = [
        dict(each.event.detail)
        for each in wiring.log.entries()
        if each.event.action == "attack_ledger" and "state" in each.event.detail
    ]
    assert (first["state"], first["questions"], first["findings"]) == ("holds", "0-9", "0-9")
    assert (second["state"], second["outcome"]) == ("limit-passed", "done")
    assert (second["vintage"], second["seed"]) == (held["vintage"], 7)


def test_a_release_that_cannot_be_counted_again_is_an_error_and_no_silence(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring = gateway.wiring
    ask(WINDOWS[0], wiring)
    since = Releases.since

    def changed(self: Releases, *of: Any) -> tuple[Any, ...]:
        """As after the catalogue lost a dimension."""
        return tuple(
            replace(each, question={**each.question, "by": {"ward": "ward"}})
            for each in since(self, *of)
        )

    monkeypatch.setattr(Releases, "since", changed)
    with pytest.raises(ReleaseNotCounted, match="release 1 cannot be counted again"):
        attacked(wiring)


def run(server: Any, role: str, *words: str) -> subprocess.CompletedProcess[str]:
    """`gateway attack` in a process of its own."""
    with server.officer(role) as officer:
        credential = officer._http.headers["authorization"].removeprefix("Bearer ")
    return subprocess.run(
        [sys.executable, "-m", "gateway", "attack", *words],
        env={"GATEWAY_URL": server.url, "GATEWAY_CREDENTIAL": credential, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.xdist_group("county")
def test_an_officer_attacks_by_one_command_and_a_program_reads_how_it_ended(journey: Any) -> None:
    with journey.server.officer("evaluator") as evaluator:
        for asked in PERMITTED:
            evaluator.ask(asked)
    said = run(journey.server, "ig_officer", "--groups", "50", "--seed", "3")
    assert said.returncode == 0, said.stderr
    assert "No group that was drawn is known better than it may be." in said.stdout
    told = json.loads(run(journey.server, "ig_officer", "--json", "--seed", "3").stdout)
    assert told["schema"] == "ledger-attack/1"
    assert (told["holds"], told["seed"], told["groups"]) == (True, 3, 400)
    assert told["releases"] >= len(PERMITTED)


@pytest.mark.xdist_group("county")
@pytest.mark.parametrize(
    ("role", "agency"),
    [("evaluator", None), ("linkage_officer", None), ("administrator", "gateway")],
)
def test_nobody_else_attacks(journey: Any, role: str, agency: str | None) -> None:
    with journey.server.officer(role, agency) as other:
        problem = other.problem("POST", "/v1/ledger/attacks")
    assert problem["status"] == 403
    assert problem["clauses"]


@pytest.mark.xdist_group("county")
@pytest.mark.parametrize(
    "query", ["groups=0", "groups=2001", "seed=-1", "seed=1000000", "groups=x"]
)
def test_numbers_out_of_range_are_refused(journey: Any, query: str) -> None:
    with journey.server.officer("ig_officer") as officer:
        assert officer.problem("POST", f"/v1/ledger/attacks?{query}")["status"] == 422
