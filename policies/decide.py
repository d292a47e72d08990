"""Request -> Decision: permitted or refused, every failing clause, the obligations, the nearest permitted question.

Pure: no clock, no data, no database. Nothing permits by default: no protocol, no clear answer and an
obligation nobody can honour are refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from policies.compile import Compiled
from policies.decision import Decision, Reason
from policies.judge import judge
from policies.nearest import nearest_permitted
from policies.obligations import Obligations, ObligationUnknown, stated_by, strictest
from policies.request import Request
from policies.rulebook import Rulebook

NO_PROTOCOL = "No protocol in force covers this purpose."


CountCells = Callable[[Request], int]


def decide(
    rulebook: Rulebook,
    request: Request,
    *,
    seek_nearest: bool = True,
    count_cells: CountCells | None = None,
) -> Decision:
    """Decide one request.

    A question (`query`) must be permitted by every protocol that covers its purpose, and carries the
    strictest of their obligations. Any other action must be permitted by one protocol. `seek_nearest=False`
    spares the search where only the answer matters. `count_cells` gives the size of a question's table, so
    that the limit on cells holds for the nearest question too; without it `request.cells` is used.
    """
    if request.action == "query":
        return _decide_question(rulebook, _sized(request, count_cells), seek_nearest, count_cells)
    return _decide_operation(rulebook, request)


def _sized(request: Request, count_cells: CountCells | None) -> Request:
    return replace(request, cells=count_cells(request)) if count_cells else request


def _decide_question(
    rulebook: Rulebook, request: Request, seek_nearest: bool, count_cells: CountCells | None
) -> Decision:
    covering = rulebook.covering(request.purpose, request.day)
    if not covering:
        return _refused(rulebook, (), (_uncovered(rulebook, request),), None)
    reasons = tuple(reason for each in covering for reason in judge(each, request))
    if not reasons:
        return _permitted_question(rulebook, covering)
    nearest = _nearest(covering, request, count_cells) if seek_nearest else None
    return _refused(rulebook, covering, reasons, nearest)


def _nearest(
    covering: tuple[Compiled, ...], request: Request, count_cells: CountCells | None
) -> Request | None:
    def is_permitted(other: Request) -> bool:
        sized = _sized(other, count_cells)
        return not any(judge(each, sized) for each in covering)

    found = nearest_permitted([each.protocol for each in covering], request, is_permitted)
    return _sized(found, count_cells) if found else None


def _permitted_question(rulebook: Rulebook, covering: tuple[Compiled, ...]) -> Decision:
    try:
        obligations = strictest(stated_by(each.protocol.disclosure) for each in covering)
    except ObligationUnknown as error:
        fix = "Have the protocol corrected by its information governance officers."
        return _refused(rulebook, covering, (Reason("6", f"Refused: {error}.", fix),), None)
    return _permitted(rulebook, covering, obligations)


def _decide_operation(rulebook: Rulebook, request: Request) -> Decision:
    refusals: list[Reason] = []
    for each in rulebook.compiled:
        reasons = judge(each, request)
        if not reasons:
            return _permitted(rulebook, (each,), None)
        refusals.extend(reasons)
    if not refusals:
        refusals = [
            Reason("0", "No protocol is loaded, so nothing is permitted.", "Load a protocol.")
        ]
    return _refused(rulebook, rulebook.compiled, tuple(refusals), None)


def _uncovered(rulebook: Rulebook, request: Request) -> Reason:
    purposes = dict.fromkeys(
        purpose.id
        for protocol in rulebook.protocols
        for purpose in protocol.purposes
        if not purpose.prohibited
    )
    fix = f"Purposes: {', '.join(purposes)}." if purposes else "Load a protocol."
    about = (request.purpose,) if request.purpose is not None else ()
    return Reason("2", NO_PROTOCOL, fix, about)


def _permitted(
    rulebook: Rulebook, deciding: tuple[Compiled, ...], obligations: Obligations | None
) -> Decision:
    return Decision(True, (), obligations, None, *_cited(rulebook, deciding))


def _refused(
    rulebook: Rulebook,
    deciding: tuple[Compiled, ...],
    reasons: tuple[Reason, ...],
    nearest: Request | None,
) -> Decision:
    return Decision(False, reasons, None, nearest, *_cited(rulebook, deciding))


def _cited(rulebook: Rulebook, deciding: Iterable[Compiled]) -> tuple[str, str]:
    protocols = [each.protocol for each in deciding]
    names = ", ".join(protocol.name for protocol in protocols)
    return names, protocols[0].digest if len(protocols) == 1 else rulebook.digest
