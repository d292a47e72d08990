"""The coarser question that would pass, where disclosure control refuses a question or withholds most of its cells.

In: a question and a way to protect one without releasing it. Out: the first coarser question, in an order that the
catalogue alone decides, of which at most half the cells would be withheld. Asking each of them would show which pass, so an
offer says nothing that those answers would not. Never a reason: `NothingReleased` has one sentence for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Final

from audit.errors import EventRefused
from gateway.access import Access
from gateway.disclosure import ProtectedTable, Unprotectable
from gateway.disclosure.protected import SENTENCE
from gateway.questions import Catalogue, Question, QuestionRefused

# Each try is a whole table protected anew.
MOST_TRIES: Final = 8
LARGEST_SHARE_WITHHELD: Final = 0.5
Protect = Callable[[Question], ProtectedTable]


class NothingReleased(Exception):
    """Disclosure control refuses the whole question: one sentence for every reason, and perhaps a coarser question."""

    def __init__(self, coarser: Question | None = None) -> None:
        super().__init__(SENTENCE)
        self.coarser = coarser


@dataclass(frozen=True)
class Tries:
    """How coarser questions are tried: what protects one without releasing it, and whether the protocol permits it."""

    protect: Protect
    is_permitted: Callable[[Question], bool]
    catalogue: Catalogue


def protected_or_offered(
    access: Access, question: Question, protect: Protect, tries: Tries
) -> tuple[ProtectedTable, Question | None]:
    """The protected table, with a coarser question where most of it is withheld. Raises NothingReleased."""
    try:
        protected = protect(question)
    except Unprotectable as error:
        _note_cause(access, error)
        raise NothingReleased(offer(question, tries)) from None
    return protected, offer(question, tries) if is_mostly_withheld(protected) else None


@contextmanager
def one_sentence(access: Access) -> Iterator[None]:
    """Whatever else cannot be protected within the block is told in the same words; the cause stands in the log."""
    try:
        yield
    except Unprotectable as error:
        _note_cause(access, error)
        raise NothingReleased from None


def is_mostly_withheld(protected: ProtectedTable) -> bool:
    """Whether more than half of the cells, of all measures together, are withheld."""
    return sum(protected.withheld.values()) > LARGEST_SHARE_WITHHELD * len(protected.cells)


def offer(question: Question, tries: Tries) -> Question | None:
    """The first coarser question that the protocol permits and disclosure control would answer, of a few; else None."""
    tried = 0
    for candidate in coarser_questions(question, tries.catalogue):
        if tried == MOST_TRIES:
            return None
        if tries.is_permitted(candidate):
            tried += 1
            if _passes(candidate, tries.protect):
                return candidate
    return None


def coarser_questions(question: Question, catalogue: Catalogue) -> Iterator[Question]:
    """Every coarser question of the catalogue: fewest dimensions changed first, then most cells, then by name."""
    found: dict[str, tuple[int, int, str, Question]] = {}
    names = sorted(question.by)
    for levels in product(*(_levels(name, question.by[name], catalogue) for name in names)):
        by = {name: level for name, level in zip(names, levels, strict=True) if level}
        candidate = _asked_by(question, by, catalogue)
        if by != dict(question.by) and candidate is not None:
            changes = sum(by.get(name) != question.by[name] for name in names)
            place = (changes, -candidate.cell_count(catalogue), str(sorted(by.items())))
            found[candidate.digest] = (*place, candidate)
    yield from (each[-1] for each in sorted(found.values(), key=lambda each: each[:3]))


def _levels(name: str, asked: str, catalogue: Catalogue) -> list[str | None]:
    """The level asked, every coarser one, and None for leaving it out; not both "one category" and "left out"."""
    levels = list(catalogue.dimensions[name].levels)
    kept = levels[levels.index(asked) :]
    # A dimension merged into one category gives the figures of the question without it.
    merged = any(catalogue.dimensions[name].levels[level].merged for level in kept)
    return [*kept] if merged else [*kept, None]


def _asked_by(question: Question, by: dict[str, str], catalogue: Catalogue) -> Question | None:
    try:
        return Question.from_mapping(question.canonical() | {"by": by}, catalogue)
    except QuestionRefused:
        return None


def _passes(candidate: Question, protect: Protect) -> bool:
    try:
        return not is_mostly_withheld(protect(candidate))
    except Unprotectable:
        return False


def _note_cause(access: Access, error: Unprotectable) -> None:
    """Why, for who reads the log; an error whose rule is no id is told by its class alone."""
    access.note("cause", type(error).__name__)
    try:
        access.note("rule", error.rule)
    except EventRefused:
        access.note("rule", "unnamed")
