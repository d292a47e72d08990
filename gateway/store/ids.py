"""Opaque ids. The letters in front say of what, and keep an id from looking like a national number."""

import secrets


def new_id(prefix: str) -> str:
    """`<prefix>-` and 64 random bits in hex."""
    return f"{prefix}-{secrets.token_hex(8)}"
