"""The ledgers of this process, one for each vintage. In: a vintage and who asks. Out: its ledger, for one question at a time.

A ledger is made again from the releases of its vintage: what was served, and to which question, is all it needs. Nothing of
it rests on disk. A release that cannot be counted again closes the vintage (`Unprotectable`): unseen is not unserved.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.access import Access
from gateway.disclosure import ExactTable, ProtectedTable, Unprotectable
from gateway.disclosure.ledger import Ledger, served_cells
from gateway.questions import Catalogue, Question, QuestionRefused
from gateway.store import Store
from gateway.store.releases import Release

Exact = Callable[[Question], ExactTable]
KEPT_OPEN = 2


@dataclass
class Kept:
    """A vintage's ledger, and the last release that is in it."""

    ledger: Ledger = field(default_factory=Ledger)
    last: int = 0

    def enter(self, release: int, exact: ExactTable, protected: ProtectedTable) -> None:
        """The release left with these figures."""
        self.ledger.enter(exact, served_cells(exact, protected))
        self.last = release


class Ledgers:
    """Ledgers by vintage. One question at a time: what two would show together, neither would see alone."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._mutex = threading.Lock()

    @contextmanager
    def of(
        self, access: Access, vintage: str, store: Store, catalogue: Catalogue, exact: Exact
    ) -> Iterator[Kept]:
        """The vintage's ledger with every release in it, for as long as the block lasts. Raises `Unprotectable`."""
        with self._mutex:
            kept = self._kept.pop(vintage, Kept())
            for release in store.releases.since(access, vintage, kept.last):
                kept.enter(release.number, *_made_again(release, catalogue, exact))
            self._kept[vintage] = kept
            while len(self._kept) > KEPT_OPEN:
                del self._kept[next(iter(self._kept))]
            yield kept


def margins(ledger: Ledger, min_cell: int) -> Mapping[str, float]:
    """How near the vintage is to each limit (1: there), for an officer."""
    return {name: round(share, 3) for name, share in ledger.margins(min_cell).items()}


def _made_again(
    release: Release, catalogue: Catalogue, exact: Exact
) -> tuple[ExactTable, ProtectedTable]:
    try:
        question = Question.from_mapping(release.question, catalogue)
    except QuestionRefused:
        raise Unprotectable(
            "ledger", "not_counted", "an earlier release cannot be counted"
        ) from None
    return exact(question), ProtectedTable.from_dict(release.table)
