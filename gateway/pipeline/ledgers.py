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
from gateway.disclosure.ledger import Ledger, served_cells, threshold_of
from gateway.questions import Catalogue, Question, QuestionRefused
from gateway.store import Store
from gateway.store.releases import Release

Exact = Callable[[str, Question], ExactTable]


@dataclass
class Kept:
    """A vintage's ledger, and the last release that is in it."""

    ledger: Ledger = field(default_factory=Ledger)
    last: int = 0

    def enter(self, release: int, exact: ExactTable, protected: ProtectedTable) -> None:
        """The release left with these figures."""
        self.ledger.enter(exact, served_cells(exact, protected), threshold_of(protected))
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
        """The vintage's ledger with every release in it, for as long as the block lasts. Raises `Unprotectable`.

        `exact`: the table of a question on a vintage, with its members.
        """
        with self._mutex:
            # Forgotten while it is worked on: after an error it is made again.
            kept = self._kept.pop(vintage, None) or self._made(
                access, vintage, store, catalogue, exact
            )
            for release in store.releases.since(access, vintage, kept.last):
                question = _asked(release, catalogue)
                table = ProtectedTable.from_dict(release.table)
                kept.enter(release.number, exact(vintage, question), table)
            # A later vintage's ledger holds what it needs of the earlier ones.
            self._kept = {vintage: kept}
            yield kept

    def _made(
        self, access: Access, vintage: str, store: Store, catalogue: Catalogue, exact: Exact
    ) -> Kept:
        """With the releases of the vintages before it; of a shredded one nobody can tell any more who was in a figure."""
        ledger: Ledger | None = None
        for earlier in store.vintages.before(access, vintage):
            ledger = Ledger(ledger)
            for release in store.releases.since(access, earlier.id, 0):
                table, told = (
                    exact(earlier.id, _asked(release, catalogue)),
                    ProtectedTable.from_dict(release.table),
                )
                ledger.enter(table, served_cells(table, told), threshold_of(told))
        return Kept(Ledger(ledger))


def margins(ledger: Ledger, min_cell: int) -> Mapping[str, float]:
    """How near the vintage is to each limit (1: there), for an officer."""
    return {name: round(share, 3) for name, share in ledger.margins(min_cell).items()}


def _asked(release: Release, catalogue: Catalogue) -> Question:
    try:
        return Question.from_mapping(release.question, catalogue)
    except QuestionRefused:
        message = "an earlier release cannot be counted"
        raise Unprotectable("ledger", "not_counted", message) from None
