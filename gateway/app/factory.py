"""The ASGI application of one gateway. In: a wired gateway; out: routes, problem documents, traces.

The last stop of every error: what is not foreseen is named by its class alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gateway.api import router
from gateway.api.body import UploadBrokenOff, UploadTooLarge
from gateway.app.last_stop import LastStop
from gateway.app.telemetry import instrument
from gateway.auth import NotAuthenticated
from gateway.bootstrap import Gateway
from gateway.jobs.problems import PROBLEMS, problem_of

MEDIA_TYPE = "application/problem+json"
DESCRIPTION = """Agencies' records in, protected figures out.

Errors are problem documents (RFC 9457). Long work is answered with 202 and a job. Nothing personal ever stands in an
address."""
AT_THE_EDGE: dict[type[Exception], tuple[int, str]] = {
    NotAuthenticated: (401, "Not signed in"),
    UploadTooLarge: (413, "The file is too large"),
    UploadBrokenOff: (400, "The upload broke off"),
}


def create_app(gateway: Gateway, trace_file: Path | None = None) -> FastAPI:
    """The application; closing it closes the gateway."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        provider.shutdown()
        gateway.close()

    app = FastAPI(
        title="Families Data Gateway", version="1", description=DESCRIPTION, lifespan=lifespan
    )
    app.state.gateway = gateway
    app.include_router(router)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (*AT_THE_EDGE, *(known for known, _ in PROBLEMS)):
        app.add_exception_handler(kind, _failed)
    app.add_middleware(LastStop)
    provider = instrument(app, trace_file)
    return app


async def _failed(_: Request, error: Exception) -> JSONResponse:
    if type(error) in AT_THE_EDGE:
        status, title = AT_THE_EDGE[type(error)]
        return _answer(
            {"type": "about:blank", "title": title, "status": status, "detail": str(error)}
        )
    return _answer(problem_of(error))


async def _http(_: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    title = error.detail if isinstance(error, HTTPException) else "error"
    return _answer({"type": "about:blank", "title": title, "status": status})


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Where and by which rule, never what was sent: FastAPI's own answer would quote it."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    told = [
        {"at": ".".join(str(part) for part in fault["loc"]), "rule": fault["type"]}
        for fault in faults
    ]
    return _answer(
        {
            "type": "about:blank",
            "title": "The request is not well formed",
            "status": 422,
            "faults": told,
        }
    )


def _answer(problem: dict[str, object]) -> JSONResponse:
    status = problem["status"]
    return JSONResponse(
        problem, status_code=status if isinstance(status, int) else 500, media_type=MEDIA_TYPE
    )
