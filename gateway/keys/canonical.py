"""Secret-bearing JSON files in exactly one spelling: canonical JSON (RFC 8785), a digest, a newline.

In: the members of a document, or the bytes of a file. Out: the other. Tells damage from a wrong passphrase; what stops
somebody who changes a file on purpose is the associated data of whoever seals with it.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785


class NotCanonical(Exception):
    """The bytes are not a document that this program wrote; the text says why, and no value."""


def spelt(body: Mapping[str, Any]) -> bytes:
    """The file of a document."""
    return rfc8785.dumps({**body, "digest": digest_of(body)}) + b"\n"


def read(content: bytes) -> dict[str, Any]:
    """The document of a file, without its digest. Raises NotCanonical."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise NotCanonical("it is not a JSON document") from None
    if not isinstance(document, dict):
        raise NotCanonical("it is not a JSON object")
    body = {name: value for name, value in document.items() if name != "digest"}
    if document.get("digest") != digest_of(body):
        raise NotCanonical("it is not as it was written")
    # Canonical to the byte: a changed space or a member given twice is damage too.
    if spelt(body) != content:
        raise NotCanonical("it is not in canonical form")
    return body


def digest_of(body: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, in hex. Raises NotCanonical for what has none."""
    try:
        return sha256(rfc8785.dumps(dict(body))).hexdigest()
    except rfc8785.CanonicalizationError:
        raise NotCanonical("it holds what canonical JSON cannot hold") from None
