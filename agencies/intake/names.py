"""The fine sieve for names: those that the extract itself holds, looked up in a note as whole words.

In: the distinct names of an extract. Out: a NameFinder. A name counts when it is written with a capital letter; one
that is also an everyday word counts only beside another name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agencies.intake.ambiguous import AMBIGUOUS_NAMES

_SHORTEST: Final = 3


def spellings(names: Iterable[str]) -> list[str]:
    """Each name as it is written in a note: as recorded, with one capital, all in capitals."""
    parts = {part for name in names for part in (name, *name.split()) if len(part) >= _SHORTEST}
    forms = {form for part in parts for form in (part, part.title(), part.upper())}
    return sorted(form for form in forms if not form[0].islower())


class NameFinder:
    """Finds names of the extract in notes; it shows none of them."""

    def __init__(self, written: list[str]) -> None:
        from ahocorasick_rs import AhoCorasick, MatchKind

        # With no pattern at all nothing can be found; the automaton wants at least one.
        self._search = AhoCorasick(written or ["\x00"], matchkind=MatchKind.LeftmostLongest)

    def names_someone(self, note: str) -> bool:
        """Whether a whole word of the note is a name, or an everyday word stands beside a name."""
        last_end = -2
        for _, start, end in self._search.find_matches_as_indexes(note):
            if not _is_whole_word(note, start, end):
                continue
            if note[start:end].lower() not in AMBIGUOUS_NAMES or start - last_end == 1:
                return True
            last_end = end
        return False


def _is_whole_word(note: str, start: int, end: int) -> bool:
    before = note[start - 1 : start]
    after = note[end : end + 1]
    return not before.isalnum() and not after.isalnum()
