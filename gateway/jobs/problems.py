"""Errors as problem documents (RFC 9457): one table for routes, jobs and the command line.

In: an exception; out: type, title, status, detail, and what to do. An error that is not in the table is named by its
class alone, because its text may quote a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from agencies.register import UnknownDataset, UnsoundCatalogue
from audit.errors import AuditError, KeyUnreadable, VerificationFailed
from gateway.access import AccessDenied, LogUnavailable
from gateway.client.http import GatewayRefused
from gateway.disclosure import Unprotectable
from gateway.keys.errors import KeyPackageError, KeystoreError, KeystoreExists, KeystoreMissing
from gateway.pipeline.agreement import AgreementBroken
from gateway.pipeline.answer import QuestionDenied
from gateway.pipeline.bundle_rules import BundleRefused
from gateway.pipeline.coarser import NothingReleased
from gateway.pipeline.ingest import ExtractRejected
from gateway.pipeline.ledger_attack import ReleaseNotCounted
from gateway.pipeline.link import NothingToLink
from gateway.pipeline.numbers import NumberNotDeclared, NumbersMixed, NumbersNotOblivious
from gateway.pipeline.obligations import ObligationNotKept
from gateway.pipeline.once import MethodRefused
from gateway.pipeline.quality import SampleTooSmall
from gateway.questions import CatalogueFaulty, QuestionRefused
from gateway.store import errors as store
from linkage.errors import (
    EngineMissing,
    LinkageError,
    LinksOutdated,
    OprfMissing,
    OprfRefused,
    ReviewInvalid,
)
from policies import Decision, ProtocolInvalid

UNFORESEEN: Final = "/problems/Unforeseen"


class GatewayStopping(Exception):
    """The gateway is being stopped, so that nothing new is begun."""


@dataclass(frozen=True)
class Problem:
    """How one kind of error is told: `fix` says what to do next."""

    status: int
    title: str
    fix: str = ""


NO_LOG: Final = "Make room on the disk; if the log is broken, restore it and start again."
KEY_FORM: Final = "Give it as `gateway audit export` prints it, or a file that holds it."
PACKAGE: Final = "Ask the gateway's administrator for a new one if this one cannot be put right."
Kinds = type[Exception] | tuple[type[Exception], ...]

# The first class that fits wins, so a special one stands before its parent.
PROBLEMS: Final[tuple[tuple[Kinds, Problem], ...]] = (
    (AccessDenied, Problem(403, "The protocol does not permit this")),
    (BundleRefused, Problem(422, "The bundle was refused as a whole")),
    (ExtractRejected, Problem(422, "The extract was refused as a whole")),
    (
        store.DuplicateSubmission,
        Problem(409, "This file was sent before", "Nothing to do; it is stored already."),
    ),
    (QuestionRefused, Problem(422, "The question is not one that can be asked")),
    # Evaluators see this and never the one below, whose text names a rule.
    (
        NothingReleased,
        Problem(422, "No figure can be released for this", "Ask with fewer or coarser dimensions."),
    ),
    (
        Unprotectable,
        Problem(422, "No figure can be released for this", "Ask with fewer or coarser dimensions."),
    ),
    (UnknownDataset, Problem(404, "No such dataset", "Name one of those.")),
    (store.NotFound, Problem(404, "Not found")),
    (
        store.AllowanceSpent,
        Problem(
            429,
            "Enough for today",
            "Prepare it in parts, one a day, or ask the administrator for more.",
        ),
    ),
    (
        NumbersNotOblivious,
        Problem(409, "Numbers are not tokenised this way here", "Send extracts as they are."),
    ),
    (NumberNotDeclared, Problem(422, "The dataset has no such number")),
    (
        NumbersMixed,
        Problem(409, "Tokens of numbers do not compare", "Withdraw these and send them again."),
    ),
    (OprfMissing, Problem(500, "An extra is not installed")),
    (OprfRefused, Problem(422, "This is not what the exchange of numbers allows")),
    (store.StoreFull, Problem(507, "The disk is full", "Nothing was kept; make room, try again.")),
    (store.RecordsDamaged, Problem(500, "A stored file is damaged", "Restore it from the backup.")),
    (store.RecordsShredded, Problem(410, "These records were destroyed")),
    (
        (store.WrongKeys, store.LakeMismatch, store.StoreTooNew),
        Problem(500, "The store does not open", "Look which home and which keys it is given."),
    ),
    (
        MethodRefused,
        Problem(409, "The protocol's method does not give this", "Read what was released before."),
    ),
    (
        store.VintageTaken,
        Problem(409, "No further table of this data leaves", "Read what was released before."),
    ),
    (store.StoreError, Problem(409, "The store cannot do this now")),
    (
        LogUnavailable,
        Problem(503, "No log, no service", NO_LOG),
    ),
    (KeyUnreadable, Problem(422, "The public key cannot be read", KEY_FORM)),
    (
        VerificationFailed,
        Problem(422, "The log does not verify", "Keep the copy as it is; tell the IG officer."),
    ),
    (AuditError, Problem(503, "No log, no service", NO_LOG)),
    (
        KeystoreExists,
        Problem(409, "There is a gateway here already", "Serve it, or name another folder."),
    ),
    (
        KeystoreMissing,
        Problem(500, "There is no gateway here yet", "Run `gateway init` with the same --home."),
    ),
    (KeyPackageError, Problem(422, "The key package cannot be used", PACKAGE)),
    (KeystoreError, Problem(500, "The key store does not open")),
    (UnsoundCatalogue, Problem(422, "The catalogue has faults")),
    (CatalogueFaulty, Problem(422, "The catalogue of questions has faults")),
    (
        ObligationNotKept,
        Problem(409, "The protocol asks for what this gateway cannot do", "Tell the IG officer."),
    ),
    (AgreementBroken, Problem(500, "Protocol and catalogue disagree", "Put the cohorts right.")),
    (ProtocolInvalid, Problem(422, "The protocol document has faults")),
    (
        ReleaseNotCounted,
        Problem(
            409,
            "A release cannot be counted again",
            "Its question is not in the catalogue any more, so no question of this vintage is answered either; put the catalogue back.",
        ),
    ),
    (GatewayStopping, Problem(503, "The gateway is stopping", "Start it again later.")),
    (NothingToLink, Problem(409, "Nothing to link", "Data officers send extracts first.")),
    (SampleTooSmall, Problem(422, "The sample is too small")),
    (LinksOutdated, Problem(409, "The last run cannot be carried on", "Link in full.")),
    (
        ReviewInvalid,
        Problem(422, "The verdicts do not fit the sample", "Fetch the sample of this run again."),
    ),
    (
        EngineMissing,
        Problem(
            503,
            "The linkage engine is not installed",
            "Install what it names, or set GATEWAY_LINKAGE_ENGINE to duckdb, and start again.",
        ),
    ),
    (LinkageError, Problem(422, "The records cannot be linked")),
)


def foreseen() -> Iterator[type[Exception]]:
    """Every kind of error that is in the table."""
    for kinds, _ in PROBLEMS:
        yield from kinds if isinstance(kinds, tuple) else (kinds,)


def problem_of(error: BaseException) -> dict[str, Any]:
    """The problem document of an error."""
    if isinstance(error, GatewayRefused):
        return {"status": error.status, "title": "refused", "detail": str(error), **error.problem}
    for kind, problem in PROBLEMS:
        if isinstance(error, kind):
            told = _told(error, problem)
            return {name: value for name, value in told.items() if value not in ("", None)}
    return {
        "type": UNFORESEEN,
        "title": "Something failed that should not",
        "status": 500,
        "detail": f"{type(error).__name__}; its text is not shown, because it may quote a value",
    }


def _told(error: Exception, problem: Problem) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": f"/problems/{type(error).__name__}",
        "title": problem.title,
        "status": problem.status,
        "detail": str(error),
        "fix": problem.fix,
    }
    match error:
        case ExtractRejected():
            told |= {"rule": error.rule, "detail": error.message, "fix": error.fix}
        case QuestionRefused():
            told |= {"faults": [asdict(fault) for fault in error.faults]}
        case UnsoundCatalogue():
            told |= {"faults": [asdict(fault) for fault in error.faults]}
        case QuestionDenied():
            nearest = error.nearest.canonical() if error.nearest else None
            told |= {**_refusal(error.decision), "nearest": nearest}
        case AccessDenied():
            told |= _refusal(error.decision)
        case NothingReleased():
            told |= {"coarser": error.coarser.canonical() if error.coarser else None}
    return told


def _refusal(decision: Decision) -> dict[str, Any]:
    """Every failing clause with what would satisfy it."""
    clauses = [
        {"clause": reason.clause, "text": reason.text, "fix": reason.fix}
        for reason in decision.reasons
    ]
    return {"clauses": clauses, "protocol": decision.protocol}
