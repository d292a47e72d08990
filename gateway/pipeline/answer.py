"""A question becomes a release: open access, count, control disclosure, release.

In: a question and who asks; out: a numbered release, or about how much would be withheld. The only place where unprotected
figures exist; they are gone when this returns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import rfc8785

from audit import Event, EventType
from audit.detail import band
from gateway.access import Access, AccessDenied
from gateway.disclosure import ExactTable, ProtectedTable, Rules
from gateway.disclosure.methods import ExactRules, PrivacyRules, protect_by
from gateway.evaluation import exact_table
from gateway.pipeline.coarser import Tries, one_sentence, protected_or_offered
from gateway.pipeline.counted import Counted
from gateway.pipeline.estimate import Estimate, estimated
from gateway.pipeline.ledgers import Kept, margins
from gateway.pipeline.link import NOISE
from gateway.pipeline.obligations import rules_of, terms_of
from gateway.pipeline.once import Once
from gateway.pipeline.refresh import Refresh
from gateway.pipeline.wiring import Wiring
from gateway.questions import Question, QuestionRefused
from gateway.store.releases import NewRelease, Release
from gateway.store.vintages import Vintage
from policies import Actor, Decision, Request, decide


class QuestionDenied(AccessDenied):
    """The protocol does not permit the question; `nearest` is the whole question that it would permit, or None."""

    def __init__(self, decision: Decision, nearest: Question | None) -> None:
        super().__init__(decision)
        self.nearest = nearest


def answer(question: Question, actor: Actor, wiring: Wiring) -> Release:
    """The release that answers a question. Raises QuestionDenied, NotFound (nothing linked yet), NothingReleased."""
    with _asked(question, actor, wiring) as access:
        terms = terms_of(access.obligations)
        if not isinstance(terms, Rules):
            return _answered_once(access, question, terms, wiring)
        with Protector.opened(access, wiring) as protector:
            tries = _tries(protector, access, wiring)
            protected, coarser = protected_or_offered(access, question, protector.protect, tries)
            protector.refresh.keep(question, protected)
            told = margins(protector.kept.ledger, protector.rules.min_cell)
            release = _released(
                access, question, protected, protector.vintage, wiring, coarser=coarser, audit=told
            )
            protector.enter(release.number, question, protected)
            return release


def estimate(question: Question, actor: Actor, wiring: Wiring) -> Estimate:
    """About how many cells the question will lose; decided, logged and counted like it. Raises as `answer` does."""
    with _asked(question, actor, wiring) as access:
        access.note("kind", "estimate")
        with Protector.opened(access, wiring) as protector:
            tries = _tries(protector, access, wiring)
            return estimated(question, protector.rules, tries)


def _tries(protector: Protector, access: Access, wiring: Wiring) -> Tries:
    permitted = partial(_is_permitted, access.actor, wiring)
    return Tries(protector.protect, permitted, wiring.catalogue)


@contextmanager
def _asked(question: Question, actor: Actor, wiring: Wiring) -> Iterator[Access]:
    """The door, opened for the question. Raises QuestionDenied with what would be permitted."""
    asked = query_request(question, actor, wiring)
    try:
        with (
            wiring.door.open(asked, count_cells=partial(_cells, question, wiring)) as access,
            one_sentence(access),
        ):
            yield access
    except AccessDenied as refused:
        nearest = refused.decision.nearest
        offered = None if nearest is None else _narrowed(question, nearest, wiring)
        raise QuestionDenied(refused.decision, offered) from None


@dataclass
class Protector:
    """What turns questions on the vintage in force into protected tables, beside all that was served before."""

    access: Access
    wiring: Wiring
    rules: Rules
    vintage: Vintage
    refresh: Refresh
    kept: Kept
    exact: Callable[[str, Question], ExactTable]

    @classmethod
    @contextmanager
    def opened(cls, access: Access, wiring: Wiring) -> Iterator[Protector]:
        """One for the length of the block; nobody else's question is answered meanwhile."""
        rules = rules_of(access.obligations)
        vintage = wiring.store.vintages.latest(access)
        wiring.store.vintage_uses.for_many(access, vintage.id)
        exact = Counted(access, wiring)
        refresh = Refresh(access, wiring, vintage.id)
        held = wiring.ledgers.of(access, vintage.id, wiring.store, wiring.catalogue, exact)
        with held as kept:
            yield cls(access, wiring, rules, vintage, refresh, kept, exact)

    def protect(self, asked: Question) -> ProtectedTable:
        """The table as it may leave; for a question that was answered before, as it left. Raises Unprotectable."""
        told = self.refresh.told(asked, self.rules)
        if told is not None:
            return told
        exact, key = self.exact(self.vintage.id, asked), self.wiring.keys.disclosure_key(NOISE)
        protected = protect_by(exact, self.rules, key, ledger=self.kept.ledger)
        return self.refresh.over(asked, exact, protected)

    def enter(self, release: int, question: Question, protected: ProtectedTable) -> None:
        """The table has left under this number."""
        self.kept.enter(release, question, protected, self.exact)


def _answered_once(
    access: Access, question: Question, terms: ExactRules | PrivacyRules, wiring: Wiring
) -> Release:
    """By a method that answers a question once: whoever asks again gets the same release."""
    once = Once.of(access, question, terms, wiring)
    earlier = once.earlier()
    if earlier is not None:
        access.note("release_number", earlier.number)
        return earlier
    tables = wiring.store.vintages.open(access, once.vintage.id)
    exact = exact_table(tables, question, wiring.catalogue, every_category=once.is_private)
    return _released(access, question, once.protect(exact), once.vintage, wiring, sole=once.answer)


def _is_permitted(actor: Actor, wiring: Wiring, question: Question) -> bool:
    asked = query_request(question, actor, wiring)
    count = partial(_cells, question, wiring)
    return decide(wiring.rulebook, asked, count_cells=count).permitted


def _narrowed(question: Question, request: Request, wiring: Wiring) -> Question | None:
    """The question as `request` narrows it; None where the catalogue does not offer that."""
    body = question.canonical() | {
        "unit": request.unit,
        "measures": list(request.measures),
        "by": dict(request.dimensions),
    }
    if question.period and request.period_from:
        body["period"] = {"from": f"{request.period_from:%Y-%m}", "to": question.period.to}
    try:
        return Question.from_mapping(body, wiring.catalogue)
    except QuestionRefused:
        return None


def _cells(question: Question, wiring: Wiring, request: Request) -> int:
    """Cells of one measure's table; one for what cannot be asked, which is never offered anyway."""
    asked = _narrowed(question, request, wiring)
    return asked.cell_count(wiring.catalogue) if asked else 1


def query_request(question: Question, actor: Actor, wiring: Wiring) -> Request:
    """The question as the protocol sees it."""
    return Request(
        actor=actor,
        action="query",
        day=wiring.clock().date(),
        purpose=question.purpose,
        cohort=question.cohort,
        unit=question.unit,
        measures=question.measures,
        dimensions=question.by,
        agencies=question.where.get("agency", ()),
        period_from=date.fromisoformat(f"{question.period.from_}-01") if question.period else None,
    )


def _released(
    access: Access,
    question: Question,
    protected: ProtectedTable,
    vintage: Vintage,
    wiring: Wiring,
    *,
    coarser: Question | None = None,
    audit: Mapping[str, float] | None = None,
    sole: str | None = None,
) -> Release:
    table = protected.to_dict()
    access.note("cells", band(len(protected.cells)))
    access.note("cells_withheld", band(sum(protected.withheld.values())))
    entry = _recorded(access, question, table, vintage, wiring)
    return wiring.store.releases.add(
        access,
        NewRelease(
            question=question.canonical(),
            table=table,
            clauses=access.decision.clauses,
            purpose=question.purpose,
            run=vintage.run,
            vintage=vintage.id,
            protocol_digest=access.decision.digest,
            audit_index=entry,
            coarser=coarser.canonical() if coarser else None,
            audit=audit,
            sole=sole,
        ),
    )


def _recorded(
    access: Access, question: Question, table: Mapping[str, Any], vintage: Vintage, wiring: Wiring
) -> int:
    """The log's entry that the table leaves; its index.

    In the log before it has a number: a crash in between leaves a release that nobody got, never one unseen.
    """
    detail: dict[str, str | int] = {
        "question_digest": question.digest,
        "table_digest": hashlib.sha256(rfc8785.dumps(dict(table))).hexdigest(),
        "vintage": vintage.id,
        "run_number": vintage.run,
    }
    event = Event(
        EventType.RELEASE_MADE,
        *(access.actor.id, access.actor.role, access.actor.agency, "query"),
        access=access.id,
        purpose=question.purpose,
        clauses=access.decision.clauses,
        detail=detail,
    )
    return wiring.log.append(event).index
