"""Overlap: how many families, or people, are known to which combination of agencies.

In: rows of family (and person) and agency. Out: a count for each combination ("only"), none included, and for each agency and pair of
agencies ("at least"). Never a pair that says that all whom one agency knows are known to another, nor a person count that fewer than
ten families are behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.rules import Rules
from gateway.disclosure.suppression.secondary import withhold
from gateway.disclosure.tables import Dimension
from gateway.disclosure.threshold import Flags, below_threshold

from .answer import Answer
from .contributions import Codes, Contributions, read, require_dimensions, to_polars
from .guarded import Guarded
from .sets import incidence, released_counts, stack, too_near

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from scipy.sparse import csr_array

MOST_AGENCIES = 8
NONE = "none"
JOINED = "+"
TOLERANCE = 1e-8
Counted = Literal["families", "people"]


@dataclass(frozen=True)
class Known:
    """Units (families or people): whose each is, its combination of agencies (bit i: agency i), and its id."""

    family: Codes
    mask: Codes
    ids: tuple[int | str, ...]
    families: int

    def behind(self, units: Flags) -> csr_array:
        """The families of some units, as one set."""
        family = self.family[units]
        return incidence(np.zeros(len(family), dtype=np.int64), family, (1, self.families))

    def count_families(self, units: Flags) -> int:
        """How many families some units are of."""
        return len(np.unique(self.family[units]))


def overlap(
    frame: pl.DataFrame | pd.DataFrame,
    agency: Dimension,
    rules: Rules,
    key: bytes,
    *,
    everyone: pl.DataFrame | pd.DataFrame | None = None,
    counted: Counted = "families",
    family: str = "family",
    person: str = "person",
) -> Guarded:
    """Counts by `known_to` ("health+police", "none") and `reading` ("only" these agencies, "at least" these).

    `frame`: a row says that an agency knows a family (or person). `everyone`: a row for each family (or person) of the cohort, needed
    for those known to none. Raises `Unprotectable`, also for a family or person of `frame` that is not in `everyone`.
    """
    require_key(key)
    if counted not in ("families", "people"):
        raise Unprotectable("counted", "unknown_type", "families or people are counted")
    (agencies,) = require_dimensions([agency])
    names = agencies.categories
    clash = any(JOINED in n or n == NONE for n in names)
    if clash or len(names) > MOST_AGENCIES or 2 ** len(names) > rules.max_cells:
        raise Unprotectable(agencies.name, "too_fine", f"at most {MOST_AGENCIES} plain names")
    rows, listed = _joined(frame, everyone, family)
    unit = None if counted == "families" else person
    known = _known(rows, agencies, unit, listed)
    only = _only(known, len(names), rules, whole=everyone is not None)
    answer = Answer(rows)
    figures = _counts(known, [known.mask == m for m in range(2 ** len(names))], rules, key, counted)
    for mask in range(2 ** len(names)):
        part = known.behind(known.mask == mask)
        shown = only[mask] and (mask > 0 or everyone is not None)
        label = {"known_to": _label(mask, names), "reading": "only"}
        answer.add(label, counted, int(figures[mask]) if shown else None, [part], tie="only")
    _add_at_least(answer, known, names, only, rules, key, counted)
    return answer.guarded("overlap", ("known_to", "reading"), rules, {"counted": counted})


def _joined(
    frame: pl.DataFrame | pd.DataFrame, everyone: pl.DataFrame | pd.DataFrame | None, family: str
) -> tuple[Contributions, int]:
    """Both frames as one, those of everyone last; and how many rows say that an agency knows somebody."""
    import polars as pl

    known = to_polars(frame)
    if everyone is None:
        return read(known, family), known.height
    cohort = to_polars(everyone)
    try:
        both = pl.concat([known, cohort], how="diagonal_relaxed")
    except pl.exceptions.PolarsError:
        raise Unprotectable("everyone", "unreadable", "ids of one type are expected") from None
    return read(both, family), known.height


def _known(rows: Contributions, agency: Dimension, unit: str | None, listed: int) -> Known:
    from dataclasses import replace

    units = rows.family if unit is None else rows.ids_of(unit)
    codes = replace(rows, frame=rows.frame[:listed]).codes(agency)
    many = int(units.max(initial=-1)) + 1
    mask, owner = np.zeros(many, dtype=np.int64), np.zeros(many, dtype=np.int64)
    np.bitwise_or.at(mask, units[:listed], np.int64(1) << codes)
    owner[units] = rows.family
    if bool((owner[units] != rows.family).any()):
        raise Unprotectable(unit or "family", "two_families", "a person is of one family")
    if listed < len(units) and not np.isin(units[:listed], units[listed:]).all():
        raise Unprotectable("everyone", "unknown_family", "somebody is known who is not in it")
    ids = rows.ids if unit is None else tuple(_distinct(rows, unit))
    return Known(owner, mask, ids, rows.families)


def _distinct(rows: Contributions, unit: str) -> list[int | str]:
    return rows.frame[unit].unique().sort().to_list()


def _only(known: Known, agencies: int, rules: Rules, *, whole: bool) -> Flags:
    """Which combinations may be shown: enough families in and outside, and the line rule over all of them."""
    masks = 2**agencies
    behind = np.zeros(masks + 1, dtype=np.int64)
    outside = np.zeros(masks, dtype=np.int64)
    for mask in range(masks):
        behind[mask] = known.count_families(known.mask == mask)
        outside[mask] = known.count_families(known.mask != mask)
    behind[-1] = known.families
    unsafe = below_threshold(behind, rules.min_cell)
    # All in one combination: said of each of them, so none outside counts as few.
    unsafe[:-1] |= outside < rules.min_cell
    combination = Dimension("known_to", "combination", tuple(map(str, range(masks))), True, True)
    hidden = withhold(unsafe, behind, [combination], rules.min_cell)
    return ~hidden[:-1]


def _add_at_least(
    answer: Answer,
    known: Known,
    names: Sequence[str],
    only: Flags,
    rules: Rules,
    key: bytes,
    counted: Counted,
) -> None:
    """Each agency and each pair, shown where the pair is safe and no withheld combination follows from it and the others."""
    asked = [1 << i for i in range(len(names))]
    asked += [a | b for a, b in combinations(asked, 2)]
    within = [(known.mask & m) == m for m in asked]
    figures = _counts(known, within, rules, key, counted)
    unseen = np.flatnonzero(~only)
    # Who is in the cohort is taken as known to all.
    relations = [np.ones(len(unseen))]
    served = [known.behind(known.mask == mask) for mask in np.flatnonzero(only)]
    for mask, units, figure in zip(asked, within, figures, strict=True):
        relation = ((unseen & mask) == mask).astype(np.float64)
        shown = _is_safe(known, mask, units, len(names), rules.min_cell)
        shown = shown and _hides_enough(known, units, unseen[relation > 0], rules.min_cell)
        shown = shown and not _tells_one(np.array([*relations, relation]))
        behind = known.behind(units)
        shown = shown and not too_near(stack([*served, behind]), rules.min_cell).any()
        relations += [relation] if shown else []
        served += [behind] if shown else []
        label = {"known_to": _label(mask, names), "reading": "at least"}
        answer.add(label, counted, int(figure) if shown else None, [behind], tie="at least")


def _is_safe(known: Known, mask: int, units: Flags, agencies: int, enough: int) -> bool:
    """Enough families in it and outside; of a pair, enough that one agency knows and the other does not, either way."""
    if min(known.count_families(units), known.count_families(~units)) < enough:
        return False
    bits = [1 << i for i in range(agencies) if mask >> i & 1]
    alone = [known.count_families((known.mask & bit > 0) & ~units) for bit in bits]
    return len(bits) == 1 or min(alone) >= enough


def _hides_enough(known: Known, units: Flags, unseen: Codes, enough: int) -> bool:
    """Of the combinations that make a figure up none is withheld, or several of enough families are."""
    behind = known.count_families(units & np.isin(known.mask, unseen))
    return not unseen.size or (unseen.size > 1 and behind >= enough)


def _tells_one(relations: NDArray[np.float64]) -> bool:
    """Whether a withheld combination has one value only, given the sums of withheld combinations in `relations` (rows)."""
    if not relations.shape[1]:
        return False
    _, singular, basis = np.linalg.svd(relations, full_matrices=True)
    free = basis[int((singular > TOLERANCE).sum()) :]
    return bool((np.abs(free).max(axis=0, initial=0.0) < TOLERANCE).any())


def _counts(
    known: Known, within: Sequence[Flags], rules: Rules, key: bytes, counted: Counted
) -> list[int]:
    """Released counts of units, with the noise of their own set."""
    place = np.concatenate([np.full(int(w.sum()), i, dtype=np.int64) for i, w in enumerate(within)])
    units = np.concatenate([np.flatnonzero(w) for w in within]).astype(np.int64)
    members = incidence(place, units, (len(within), len(known.ids)))
    return [int(n) for n in released_counts(members, known.ids, rules, key, counted)]


def _label(mask: int, names: Sequence[str]) -> str:
    return JOINED.join(sorted(n for i, n in enumerate(names) if mask >> i & 1)) or NONE
