"""The body of an upload, gathered in memory. In: a request and a limit in bytes; out: the bytes.

Never writes to disk; refuses an empty body, one over the limit, and one that breaks off.
"""

from __future__ import annotations

from fastapi import Request
from starlette.requests import ClientDisconnect


class UploadTooLarge(Exception):
    """The body is larger than this gateway takes."""


class UploadBrokenOff(Exception):
    """The connection ended before the body did."""


async def read_body(request: Request, limit: int) -> bytes:
    """All bytes of the body, at most `limit`."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise UploadTooLarge(f"an extract may have at most {limit:,} bytes; send it in parts")
    gathered = bytearray()
    try:
        async for chunk in request.stream():
            gathered += chunk
            if len(gathered) > limit:
                raise UploadTooLarge(
                    f"an extract may have at most {limit:,} bytes; send it in parts"
                )
    except ClientDisconnect:
        raise UploadBrokenOff(
            "the upload broke off; nothing was kept, send the file again"
        ) from None
    return bytes(gathered)
