"""The ASGI application of one gateway. In: a wired gateway; out: routes, problem documents, traces.

It decides nothing: what is served, refused and traced is told in the modules it puts together.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from gateway.api import router
from gateway.app.last_stop import LastStop
from gateway.app.problems import add_problems
from gateway.app.telemetry import instrument
from gateway.bootstrap import Gateway

DESCRIPTION = """Agencies' records in, protected figures out.

Errors are problem documents (RFC 9457). Long work is answered with 202 and a job. Nothing personal ever stands in an
address."""


def create_app(gateway: Gateway, trace_file: Path | None = None) -> FastAPI:
    """The application; closing it closes the gateway."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        try:
            gateway.close()
        finally:
            # After the jobs: the last of them has a trace too.
            provider.shutdown()

    app = FastAPI(
        title="Families Data Gateway",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        # The usual pages load scripts from elsewhere; /openapi.json is for every tool.
        docs_url=None,
        redoc_url=None,
    )
    app.state.gateway = gateway
    app.include_router(router)
    add_problems(app)
    app.add_middleware(LastStop)
    provider = instrument(app, trace_file)
    gateway.jobs.tracer = provider.get_tracer("gateway.jobs")
    return app
