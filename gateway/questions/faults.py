"""What is wrong with a question: one fault for each key and rule, with the registered alternatives.

In: key, rule, message. Out: `QuestionRefused`, which carries every fault. Never: the value that was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong: `key` is the place ("by.district"), `rule` a stable name, `message` says what is offered."""

    key: str
    rule: str
    message: str
    alternatives: tuple[str, ...] = ()

    def __str__(self) -> str:
        offered = f" Registered: {', '.join(self.alternatives)}." if self.alternatives else ""
        return f"{self.key}: {self.message}{offered}"

    def to_dict(self) -> dict[str, object]:
        """The fault for a JSON answer."""
        return {
            "key": self.key,
            "rule": self.rule,
            "message": self.message,
            "alternatives": list(self.alternatives),
        }


class QuestionRefused(ValueError):
    """The question is not one of the registered forms; `faults` names every reason."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class CatalogueFaulty(ValueError):
    """A catalogue file does not say what it must: a mistake of the installation, not of who asks."""
