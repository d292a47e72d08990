"""A protocol's own tests, and the proof that they would notice: clause mutation and gaps in the paperwork.

Takes a Protocol; returns failures, survivors and concerns as data. Never changes a protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.compile import Compiled, compile_protocol
from policies.decide import decide
from policies.faults import Fault
from policies.protocol import Protocol
from policies.request import Actor, Request
from policies.rulebook import Rulebook
from policies.sections.trials import Trial


@dataclass(frozen=True, slots=True)
class Failure:
    """A test of the document that its decision did not meet: expected and found clauses (none: allow)."""

    name: str
    expected: tuple[str, ...]
    found: tuple[str, ...]


def run_tests(protocol: Protocol) -> tuple[Failure, ...]:
    """Every test of the document that fails. No tests at all is one failure."""
    if not protocol.tests:
        return (Failure("the protocol has no tests", (), ()),)
    return tuple(_failures(compile_protocol(protocol), protocol.tests))


def survivors(protocol: Protocol) -> tuple[str, ...]:
    """Clauses and permits that can be dropped without any test of the document failing.

    Each is a sentence that could be lost unseen. Expects that `run_tests` is empty.
    """
    compiled = compile_protocol(protocol)
    droppable = [*compiled.rules, *(permit.name for permit in compiled.permits)]
    return tuple(name for name in droppable if _survives(compiled, name))


def concerns(protocol: Protocol) -> tuple[Fault, ...]:
    """Gaps that a person has to settle: no power stated, no condition for sensitive data, no register entry."""
    return tuple((*_register(protocol), *_powers(protocol), *_conditions(protocol)))


def request_of(protocol: Protocol, trial: Trial) -> Request:
    """The request that a test of the document describes, with its defaults filled in (see Trial)."""
    role, agency = trial.who.split("@")
    courses = {course for c in protocol.role_clauses if c.needs for course in c.needs.training}
    asks = trial.action == "query"
    return Request(
        actor=Actor(
            id="test",
            role=role,
            agency=agency,
            training={course: trial.training_age for course in courses},
            mfa=trial.mfa,
            holds=trial.holds,
        ),
        action=trial.action,
        day=trial.day,
        purpose=trial.purpose or (_first_purpose(protocol) if asks else None),
        cohort=trial.cohort or (_first_cohort(protocol) if asks else None),
        unit=trial.unit or (_first_unit(protocol) if asks else None),
        measures=trial.measures,
        dimensions=trial.dimensions,
        dataset=_dataset(trial),
        agencies=trial.agencies,
        period_from=trial.period_from,
        optout_age_days=trial.optout_age,
        attestation_age_days=trial.attestation_age,
        cells=trial.cells,
        queries_today=trial.queries_today,
        queries_this_quarter=trial.queries_this_quarter,
    )


def _failures(compiled: Compiled, trials: Iterable[Trial]) -> Iterator[Failure]:
    rulebook, protocol = Rulebook([compiled]), compiled.protocol
    for trial in trials:
        decision = decide(rulebook, request_of(protocol, trial), seek_nearest=False)
        found = tuple(sorted({reason.clause for reason in decision.reasons}))
        expected = tuple(sorted(set(trial.clauses)))
        if decision.permitted != (trial.expect == "allow") or found != expected:
            yield Failure(trial.name, expected, found)


def _survives(compiled: Compiled, name: str) -> bool:
    # The tests that name the clause come first: one failure is enough, and most often they give it.
    trials = sorted(compiled.protocol.tests, key=lambda trial: name not in trial.clauses)
    return next(_failures(compiled.without(name), trials), None) is None


def _first_purpose(protocol: Protocol) -> str | None:
    return next((purpose.id for purpose in protocol.purposes if not purpose.prohibited), None)


def _first_cohort(protocol: Protocol) -> str | None:
    return protocol.cohorts.agreed[0].id if protocol.cohorts else None


def _first_unit(protocol: Protocol) -> str | None:
    return protocol.units.allowed[0] if protocol.units else None


def _dataset(trial: Trial) -> tuple[str, str] | None:
    if trial.dataset is None:
        return None
    agency, _, dataset = trial.dataset.partition(".")
    return agency, dataset


def _register(protocol: Protocol) -> Iterator[Fault]:
    powers = [power for clause in protocol.legal for power in clause.powers]
    by_act = any((power.gateway or "").startswith("DEA2017") for power in powers)
    if by_act and not protocol.public_register.dea_register_ref:
        fix = "enter it in the public register and give the reference"
        yield Fault("register.dea_register_ref", "no_register_entry", fix)


def _powers(protocol: Protocol) -> Iterator[Fault]:
    stated = {party for clause in protocol.legal if clause.powers for party in clause.party}
    for number, party in enumerate(protocol.parties):
        if party.is_controller and stated.isdisjoint({party.id, "*"}):
            yield Fault(f"parties[{number}]", "no_power_stated", f"state the power of {party.id}")


def _conditions(protocol: Protocol) -> Iterator[Fault]:
    special = {p for clause in protocol.legal if clause.special_category for p in clause.party}
    criminal = {p for clause in protocol.legal if clause.criminal_offence for p in clause.party}
    covered = {"special_category": special, "criminal_offence": criminal}
    for number, item in enumerate(protocol.data.items):
        parties = covered.get(item.sensitivity)
        if parties is not None and item.agency != "*" and parties.isdisjoint({item.agency, "*"}):
            fix = f"state the condition under which {item.agency} shares it"
            yield Fault(f"data.items[{number}]", "no_condition_stated", fix)
