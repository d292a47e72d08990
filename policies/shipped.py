"""The protocols that come with the package, by path."""

from __future__ import annotations

from pathlib import Path


def shipped_protocols() -> tuple[Path, ...]:
    """Paths of the shipped protocol documents, in order of name."""
    return tuple(sorted((Path(__file__).parent / "protocols").glob("*.yaml")))
