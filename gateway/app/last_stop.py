"""The last stop of an error that nobody foresaw. In: any exception of a request; out: a problem document.

Without it the web server would write the exception's text, which may quote a value, into its own log.
"""

from __future__ import annotations

import json
import logging
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.jobs.problems import problem_of

log = logging.getLogger("gateway")


class LastStop:
    """ASGI middleware: answers 500 with the class of the error, and logs where it happened, not what it said."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; catch what falls through."""
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  # see the module's docstring
            log.error("unforeseen %s at %s", type(error).__name__, _place(error))
            if scope["type"] == "http" and not has_begun:
                await _answer(error, send)


async def _answer(error: Exception, send: Send) -> None:
    problem = problem_of(error)
    headers = [(b"content-type", b"application/problem+json")]
    await send({"type": "http.response.start", "status": problem["status"], "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
