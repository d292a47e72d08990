"""The body of a request, gathered in memory. In: a request and a limit in bytes; out: the bytes, or the document in them.

Read by the route itself, so that nobody is listened to before it is known who speaks. Never writes to disk; refuses
a body over the limit, and one that breaks off.
"""

from __future__ import annotations

from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

Document = TypeVar("Document", bound=BaseModel)


class UploadTooLarge(Exception):
    """The body is larger than this gateway takes."""


class UploadBrokenOff(Exception):
    """The connection ended before the body did."""


class NotWellFormed(Exception):
    """The body is not the JSON document that this route takes; `faults` are pairs of field and rule."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("the body is not the document that this address takes")
        self.faults = faults


async def read_body(request: Request, limit: int) -> bytes:
    """All bytes of the body, at most `limit`. Raises UploadTooLarge, UploadBrokenOff."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    gathered = bytearray()
    try:
        async for chunk in request.stream():
            gathered += chunk
            if len(gathered) > limit:
                raise _too_large(limit)
    except ClientDisconnect:
        raise UploadBrokenOff("the upload broke off; nothing was kept, send it again") from None
    return bytes(gathered)


def document_of(model: type[Document], body: bytes) -> Document:
    """The body as a document. Raises NotWellFormed, which names declared fields only: a key may be a name as well."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        raise NotWellFormed(
            [(_declared(model, fault["loc"]), fault["type"]) for fault in told]
        ) from None


def _declared(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    return str(place[0]) if place and place[0] in model.model_fields else "body"


def _too_large(limit: int) -> UploadTooLarge:
    return UploadTooLarge(f"this address takes at most {limit:,} bytes; send it in parts")
