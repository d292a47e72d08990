"""Problem documents (RFC 9457) of the HTTP interface, and the record of what was refused before any door.

In: an exception of a request; out: a JSON answer without a word of what was sent, and an audit entry about it.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from agencies.register import UnknownDataset
from audit import AuditError, Event, EventType
from gateway.api.body import NotWellFormed, UploadBrokenOff, UploadTooLarge
from gateway.auth import NotAuthenticated
from gateway.jobs.problems import foreseen, problem_of
from gateway.questions import QuestionRefused

MEDIA_TYPE: Final = "application/problem+json"
AT_THE_EDGE: Final[dict[type[Exception], tuple[int, str, str]]] = {
    NotAuthenticated: (401, "Not signed in", "Ask your administrator for a credential."),
    UploadTooLarge: (413, "The body is too large", "Send it in parts."),
    UploadBrokenOff: (400, "The upload broke off", "Send it again."),
}
# Refused for what was said, before it was asked whether it is permitted: no door has put these on record.
BEFORE_THE_DOOR: Final = (UnknownDataset, QuestionRefused, RequestValidationError, NotWellFormed)
UNNAMED: Final = "unnamed"


def add_problems(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotWellFormed, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (*AT_THE_EDGE, *foreseen()):
        app.add_exception_handler(kind, _failed)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    if type(error) in AT_THE_EDGE:
        status, title, fix = AT_THE_EDGE[type(error)]
        return _answer(_problem(status, title, detail=str(error), fix=fix))
    return await _recorded(request, error, problem_of(error))


async def _http(_: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    title = error.detail if isinstance(error, HTTPException) else "error"
    headers = error.headers if isinstance(error, HTTPException) else None
    fix = "The addresses that there are: /openapi.json."
    return _answer(_problem(status, title, fix=fix), headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Where and by which rule, never what was sent: FastAPI's own answer would quote it."""
    told = [{"at": place, "rule": rule} for place, rule in _faults(error)]
    title, fix = "The request is not well formed", "The form of every request: /openapi.json."
    return await _recorded(request, error, _problem(422, title, fix=fix, faults=told))


def _faults(error: Exception) -> list[tuple[str, str]]:
    if isinstance(error, NotWellFormed):
        return error.faults
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    # Path and query only (bodies are read by the routes): their names are ours.
    return [(".".join(str(part) for part in fault["loc"][:2]), fault["type"]) for fault in faults]


async def _recorded(request: Request, error: Exception, problem: dict[str, Any]) -> JSONResponse:
    """The problem, once the refusal is in the log; if it cannot be, the problem is that."""
    caller = getattr(request.state, "caller", None)
    if isinstance(error, BEFORE_THE_DOOR) and caller is not None:
        route = getattr(request.scope.get("route"), "name", UNNAMED)
        refused = Event(
            EventType.ACCESS_REFUSED,
            *(caller.id, caller.role, caller.agency),
            action=route,
            detail={"error": type(error).__name__},
        )
        try:
            await run_in_threadpool(request.app.state.gateway.wiring.log.append, refused)
        except AuditError as unrecorded:
            return _answer(problem_of(unrecorded))
    return _answer(problem)


def _problem(status: int, title: str, **further: Any) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "status": status, **further}


def _answer(problem: dict[str, Any], headers: Any = None) -> JSONResponse:
    more = dict(headers or {})
    if problem["status"] == 401:
        more["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem, status_code=problem["status"], headers=more, media_type=MEDIA_TYPE)
