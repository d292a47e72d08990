"""THE DOOR. In: a request. Out: an `Access`, for as long as the `with` block lasts.

The order is the design: decide, make the audit entry durable, only then let anybody in, and at the
end write how it went. A refusal is an entry too. The store serves nothing without an Access, and
only this file can make one. It never logs a value, and never opens when the log cannot be written.
"""

import dataclasses
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import Enum, auto
from typing import Final, NoReturn, cast

from audit import AuditLog, Event, EventType
from audit.detail import require_detail, require_id
from audit.errors import AuditError, EventRefused
from policies import Actor, Decision, Obligations, Request, Rulebook, decide


class Right(Enum):
    """What the holder of an Access may have the store do."""

    # An agency's own extracts.
    ADD_SUBMISSION = auto()
    WITHDRAW_SUBMISSION = auto()
    READ_OWN_SUBMISSIONS = auto()
    # Linkage: the only work that sees tokens.
    READ_SUBMISSIONS = auto()
    READ_TOKENS = auto()
    READ_RECORDS = auto()
    READ_LINKS = auto()
    WRITE_RUN = auto()
    WRITE_VINTAGE = auto()
    READ_RUNS = auto()
    REVIEW_LINKS = auto()
    # Figures.
    READ_VINTAGE = auto()
    WRITE_RELEASE = auto()
    READ_RELEASES = auto()
    # Running and watching the gateway.
    MANAGE_CREDENTIALS = auto()
    MANAGE_KEY_PACKAGES = auto()
    READ_AUDIT = auto()
    EXPORT_AUDIT = auto()
    READ_HEALTH = auto()
    READ_PROTOCOL = auto()


LINKED: Final = frozenset({Right.READ_SUBMISSIONS, Right.READ_LINKS, Right.READ_RUNS})
LINKING: Final = LINKED.union(
    {Right.READ_TOKENS, Right.READ_RECORDS, Right.WRITE_RUN, Right.WRITE_VINTAGE}
)
OWN: Final = frozenset({Right.READ_OWN_SUBMISSIONS})
RELEASES: Final = frozenset({Right.READ_RELEASES})
# An action without a line here opens nothing, whatever the protocol says.
RIGHTS: Final[Mapping[str, frozenset[Right]]] = {
    "submit": OWN | {Right.ADD_SUBMISSION, Right.WITHDRAW_SUBMISSION},
    "withdraw_own": OWN | {Right.WITHDRAW_SUBMISSION},
    "see_own_submissions": OWN,
    "see_own_quality_report": OWN,
    "link": LINKING,
    "measure_quality": LINKED | {Right.REVIEW_LINKS},
    "query": RELEASES | {Right.READ_VINTAGE, Right.READ_RUNS, Right.WRITE_RELEASE},
    "read_releases": RELEASES,
    "release": RELEASES | {Right.WRITE_RELEASE},
    "refuse": RELEASES,
    "read_audit": RELEASES | {Right.READ_AUDIT, Right.READ_RUNS},
    # It opens the data that was asked about, to see what the answers tell of them; only shares leave.
    "attack_ledger": RELEASES | {Right.READ_VINTAGE, Right.READ_RUNS},
    "export_audit": frozenset({Right.READ_AUDIT, Right.EXPORT_AUDIT}),
    "read_protocol": frozenset({Right.READ_PROTOCOL}),
    "suspend": frozenset({Right.READ_PROTOCOL}),
    # Keys are the keystore's; the Access to these is the record that they were used.
    "unseal": frozenset(),
    "deliver_key": frozenset({Right.MANAGE_KEY_PACKAGES}),
    "rotate_key": frozenset({Right.MANAGE_KEY_PACKAGES}),
    "manage_users": frozenset({Right.MANAGE_CREDENTIALS}),
    "see_health": frozenset({Right.READ_HEALTH}),
}
UNNAMED: Final = "unnamed"
MAX_CLAUSES: Final = 64
CLASS_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]{1,63}")


class AccessDenied(Exception):
    """The protocol does not permit this request; `decision` says why, and what it would permit."""

    def __init__(self, decision: Decision) -> None:
        super().__init__("refused by clause " + ", ".join(decision.clauses))
        self.decision = decision


class AccessMissing(Exception):
    """Something was asked of the store without an Access, or with one that does not cover it."""


class LogUnavailable(Exception):
    """The audit log cannot be written, so nothing is opened."""


class _Seal:
    """Held by this module alone; whoever shows it is the Door."""


_SEAL: Final = _Seal()


class Access:
    """A recorded permission to read or write for one request. Made by `Door.open` and nobody else.

    Worth nothing once its block has ended; cannot be copied, pickled, subclassed or changed.
    """

    __slots__ = ("_detail", "_mutex", "actor", "decision", "id", "request", "rights")

    id: str
    actor: Actor
    request: Request
    decision: Decision
    rights: frozenset[Right]
    _detail: dict[str, str | int]
    _mutex: threading.Lock

    def __init__(self, seal: object, request: Request, decision: Decision) -> None:
        if seal is not _SEAL:
            raise AccessMissing("an Access is made by the Door only")
        values = {
            "id": f"access-{secrets.token_hex(8)}",
            "actor": request.actor,
            "request": request,
            "decision": decision,
            "rights": RIGHTS[request.action],
            "_detail": {},
            "_mutex": threading.Lock(),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def require(self, right: Right) -> None:
        """Raise AccessMissing unless this Access is open and its action carries the right."""
        require(self, right)

    @property
    def obligations(self) -> Obligations:
        """What the protocol asks of the result. Raises AccessMissing when it asks nothing."""
        if self.decision.obligations is None:
            raise AccessMissing("this request carries no obligations, so no figure may come of it")
        return self.decision.obligations

    def note(self, key: str, value: str | int) -> None:
        """Add to the outcome entry; the audit log's allow-list decides (EventRefused)."""
        require_detail(key, value)
        with self._mutex:
            self._detail[key] = value

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("an Access does not change")

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("an Access has no other kinds")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("an Access is not copied or pickled")

    def __repr__(self) -> str:
        return f"Access({self.id})"


# INVARIANT: in here exactly while the block of its `Door.open` runs.
_OPEN: Final[set[Access]] = set()


def require(access: object, right: Right) -> Access:
    """The Access, if it is a real and open one with this right; else AccessMissing.

    The store calls this and not the method: an object that only looks like an Access has methods.
    """
    if not may(access, right):
        raise AccessMissing(f"{right.name} is not among the rights of this Access")
    # `may` has found it to be one.
    return cast(Access, access)


def may(access: object, right: Right) -> bool:
    """Whether a real and open Access has this right; AccessMissing when it is not one."""
    if type(access) is not Access or access not in _OPEN:
        raise AccessMissing("this needs an open Access")
    return right in access.rights


class Door:
    """Decides by one rulebook, records in one log, by one clock."""

    def __init__(self, rulebook: Rulebook, log: AuditLog, clock: Callable[[], datetime]) -> None:
        self._rulebook = rulebook
        self._log = log
        self._clock = clock

    @contextmanager
    def open(
        self,
        request: Request,
        subject: str | None = None,
        *,
        count_cells: Callable[[Request], int] | None = None,
    ) -> Iterator[Access]:
        """Let the request in for the length of the block. `count_cells` is handed to `decide`.

        Raises AccessDenied (after the refusal is on record) or LogUnavailable (nothing was opened,
        or the outcome could not be recorded). The day is the door's own, not the request's.
        """
        request = dataclasses.replace(request, day=self._clock().date())
        decision = decide(self._rulebook, request, count_cells=count_cells)
        entry = _entry(request, decision, subject)
        if not decision.permitted or request.action not in RIGHTS:
            self._append(dataclasses.replace(entry, type=EventType.ACCESS_REFUSED))
            raise AccessDenied(decision)
        access = Access(_SEAL, request, decision)
        entry = dataclasses.replace(entry, access=access.id)
        self._append(entry)
        # Only from here on is anything opened: the intent is on the disk.
        _OPEN.add(access)
        try:
            yield access
        except BaseException as fault:
            self._close(access, entry, {"outcome": "failed", "error": _class_name(fault)})
            raise
        self._close(access, entry, {"outcome": "done"})

    def _close(self, access: Access, intent: Event, outcome: Mapping[str, str]) -> None:
        _OPEN.discard(access)
        with access._mutex:
            detail = {**access._detail, **outcome}
        self._append(dataclasses.replace(intent, type=EventType.ACCESS_OUTCOME, detail=detail))

    def _append(self, event: Event) -> None:
        try:
            self._log.append(event)
        except (AuditError, OSError) as fault:
            raise LogUnavailable(
                f"the audit log cannot be written: {type(fault).__name__}"
            ) from None


def _entry(request: Request, decision: Decision, subject: str | None) -> Event:
    return Event(
        type=EventType.ACCESS_INTENT,
        actor=request.actor.id,
        role=_named(request.actor.role) or UNNAMED,
        agency=_named(request.actor.agency) or UNNAMED,
        action=_named(request.action) or UNNAMED,
        subject=_named(subject),
        purpose=_named(request.purpose),
        clauses=decision.clauses[:MAX_CLAUSES],
        detail=_detail(request, decision),
    )


def _detail(request: Request, decision: Decision) -> dict[str, str | int]:
    """What was asked, as far as it can be said in ids; the rest stays out of the log."""
    said = {
        "dataset": "/".join(request.dataset or ()),
        "cohort": request.cohort or "",
        "unit": request.unit or "",
        "measures": ",".join(request.measures),
        "dimensions": ",".join(f"{name}:{level}" for name, level in request.dimensions.items()),
        "agencies": ",".join(request.agencies),
        "protocol_digest": decision.digest,
    }
    return {key: value for key, value in said.items() if value and _is_sayable(key, value)}


def _is_sayable(key: str, value: str) -> bool:
    try:
        require_detail(key, value)
    except EventRefused:
        return False
    return True


def _named(text: str | None) -> str | None:
    """The text if it is an id; else a word in its place, since what a person typed may say anything."""
    if text is None:
        return None
    try:
        require_id("text", text)
    except EventRefused:
        return UNNAMED
    return text


def _class_name(fault: BaseException) -> str:
    name = type(fault).__name__
    return name if CLASS_NAME.fullmatch(name) else "UnnamedError"
