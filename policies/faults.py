"""Faults of a protocol document: where, which rule, how to mend it; and the error that carries all of them.

A fault names a place and a rule; it never repeats the value that was found there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `path` in the document ("data.items[3].clause"), `rule` broken, `fix`, `line` if known."""

    path: str
    rule: str
    fix: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.path or 'document'} (line {self.line})" if self.line else self.path
        return f"{place or 'document'}: {self.rule}: {self.fix}"


class ProtocolInvalid(ValueError):
    """The document is not a usable protocol; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults) or "protocol is not valid")
