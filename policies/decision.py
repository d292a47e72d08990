"""What comes back from the rulebook: permitted or refused, with every reason and every obligation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.obligations import Obligations
from policies.request import Request


@dataclass(frozen=True, slots=True)
class Reason:
    """One failing clause.

    `text` and `fix` use words of the protocol only. `about` names what the asker wrote, for showing back
    to the asker: it may hold any text and does not belong in a log.
    """

    clause: str
    text: str
    fix: str = ""
    about: tuple[str, ...] = ()
    protocol: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one request.

    `reasons` holds every failing clause (empty when permitted); `obligations` go with a permitted question;
    `nearest` is the nearest question that would be permitted now, found by search and decided again.
    `protocol` cites id@version of the protocols that decided; `digest` is the digest of that one protocol,
    or of the rulebook when several or none decided.
    """

    permitted: bool
    reasons: tuple[Reason, ...]
    obligations: Obligations | None
    nearest: Request | None
    protocol: str
    digest: str

    @property
    def clauses(self) -> tuple[str, ...]:
        """Failing clauses when refused, the clauses of the obligations when permitted; sorted, no repeats."""
        stated: Mapping[str, str] = self.obligations.clauses if self.obligations else {}
        found = {reason.clause for reason in self.reasons} or set(stated.values())
        return tuple(sorted(found, key=_clause_order))


def _clause_order(clause: str) -> tuple[tuple[int, str], ...]:
    parts = clause.split(".")
    return tuple((int(part), "") if part.isdigit() else (1_000_000, part) for part in parts)
