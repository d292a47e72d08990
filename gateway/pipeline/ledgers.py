"""The ledgers of this process, one for each vintage. In: a vintage and who asks. Out: its ledger, for one question at a time.

A ledger is made again from the releases of its vintage: what was served, and to which question, is all it needs. Nothing of
it rests on disk. A release that cannot be counted again closes the vintage (`Unprotectable`): unseen is not unserved.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from gateway.access import Access
from gateway.disclosure import ExactTable, ProtectedTable, Unprotectable
from gateway.disclosure.ledger import Ledger, served_cells, threshold_of
from gateway.questions import Catalogue, Question, QuestionRefused
from gateway.store import Store
from gateway.store.releases import Release

Exact = Callable[[str, Question], ExactTable]


@dataclass
class Kept:
    """A vintage's ledger, what is in it, and the last release that was looked at."""

    vintage: str
    ledger: Ledger = field(default_factory=Ledger)
    last: int = 0
    entered: set[str] = field(default_factory=set, repr=False)

    def enter(
        self, release: int, question: Question, protected: ProtectedTable, exact: Exact
    ) -> None:
        """The release left with these figures. The same answer to the same question tells nothing, and is not counted again."""
        answered = _digest(question, protected)
        if answered not in self.entered:
            counted = exact(self.vintage, question)
            self.ledger.enter(counted, served_cells(counted, protected), threshold_of(protected))
            self.entered.add(answered)
        self.last = release

    def enter_all(self, releases: Iterable[Release], catalogue: Catalogue, exact: Exact) -> None:
        """What left in each of them. Raises `Unprotectable` for one that cannot be counted again."""
        for release in releases:
            table = ProtectedTable.from_dict(release.table)
            self.enter(release.number, asked_in(release, catalogue), table, exact)


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
            kept.enter_all(store.releases.since(access, vintage, kept.last), catalogue, exact)
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
            releases = store.releases.since(access, earlier.id, 0)
            Kept(earlier.id, ledger).enter_all(releases, catalogue, exact)
        return Kept(vintage, Ledger(ledger))


def margins(ledger: Ledger, min_cell: int) -> Mapping[str, float]:
    """How near the vintage is to each limit (1: there), for an officer."""
    return {name: round(share, 3) for name, share in ledger.margins(min_cell).items()}


def asked_in(release: Release, catalogue: Catalogue) -> Question:
    """The question that a release answers. Raises `Unprotectable` where the catalogue of today has no such question."""
    try:
        return Question.from_mapping(release.question, catalogue)
    except QuestionRefused:
        message = "an earlier release cannot be counted"
        raise Unprotectable("ledger", "not_counted", message) from None


def _digest(question: Question, protected: ProtectedTable) -> str:
    said: dict[str, Any] = {"question": question.asked, "table": protected.to_dict()}
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()
