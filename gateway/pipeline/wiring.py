"""What a use case works with, built once at the entrance and handed down. Holds parts, decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agencies.register import Register
from audit import AuditLog
from gateway.access import Door
from gateway.keys import Keys
from gateway.pipeline.ledgers import Ledgers
from gateway.questions import Catalogue
from gateway.store import Store
from policies import Actor, Request, Rulebook

Progress = Callable[[str, float], None]


def utc_now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Numbers:
    """How national numbers are tokenised: by the oblivious function of this epoch, or under the linkage key.

    `daily_limit` is how many blinded ones are answered for one agency in a day.
    """

    are_oblivious: bool = False
    epoch: int = 1
    daily_limit: int = 0


@dataclass(frozen=True)
class Linkage:
    """The linkage domain and epoch that tokens are made for; seed, engine and memory of the runs."""

    domain: str
    epoch: int
    seed: int
    numbers: Numbers = Numbers()
    engine: str = "duckdb"
    memory_mb: int = 4096


@dataclass(frozen=True)
class Wiring:
    """The parts of one gateway."""

    register: Register
    catalogue: Catalogue
    rulebook: Rulebook
    keys: Keys = field(repr=False)
    log: AuditLog
    store: Store
    door: Door
    linkage: Linkage
    ledgers: Ledgers = field(default_factory=Ledgers, repr=False)
    clock: Callable[[], datetime] = utc_now

    def operation(self, actor: Actor, action: str) -> Request:
        """A request for an action that is no question."""
        return Request(actor=actor, action=action, day=self.clock().date())
