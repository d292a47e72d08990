"""Where a ledger is attacked: one family at a time, and groups of few, each with the share that may be told of it.

In: a notebook. Out: groups drawn by chance, beside the sums that left over the same columns. The limits are the ledger's own, of
counts with the grace that it gives to what was known before anybody asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from gateway.disclosure.ledger.counts import DRAW, SPREAD, upper_of_counts
from gateway.disclosure.ledger.known import (
    EXACT,
    UPPER_OF_ATTRIBUTE,
    singles,
)
from gateway.disclosure.ledger.limits import GRACE, UPPER_OF_COST, upper_of_costs, with_grace
from gateway.disclosure.ledger.state import noise_about

from .notebook import Notebook
from .page import COST, About, Page
from .share import told_alone
from .sums import Places, Reals
from .targets import Few, draw_groups, families_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array

ONE: Final = "one family"
FEW: Final = "few families"


@dataclass(frozen=True)
class Front:
    """`groups` to attack with `rows` (sums), both over the same columns; `releases` (sums); `limit` (groups): what may be told."""

    of: str
    about: str
    rows: csr_array
    releases: Places
    noise: float
    groups: csr_array
    limit: Reals


def fronts(notebook: Notebook, sample: int, rng: np.random.Generator) -> Iterator[Front]:
    """First what is known of single families, then of groups of few."""
    for about in sorted(notebook.about):
        yield _one(about, notebook.about[about], notebook.families, sample, rng)
    for kind in sorted(notebook.pages):
        yield _few(kind, notebook.pages[kind], notebook.least, sample, rng)


def _one(about: str, known: About, families: int, sample: int, rng: np.random.Generator) -> Front:
    """Any families, and not only those that the ledger watches one by one."""
    chosen = np.sort(rng.permutation(families)[:sample])
    limit = UPPER_OF_COST if about == COST else UPPER_OF_ATTRIBUTE
    return Front(
        ONE,
        about,
        known.sets.rows_of(families),
        np.array(known.releases, dtype=np.int64),
        noise_about(about),
        singles(chosen, families),
        np.full(len(chosen), limit),
    )


def _few(kind: str, page: Page, least: int, sample: int, rng: np.random.Generator) -> Front:
    sums = page.all_sums()
    of_few = Few(page.payer, least, page.value if kind == COST else None)
    groups = draw_groups(sums.rows, page.withheld, of_few, sample, rng)
    families = families_of(groups, page.payer).astype(np.float64)
    if kind == COST:
        # What one figure tells by itself is for the threshold and for dominance to judge.
        alone = told_alone(sums.rows, groups) + GRACE
        noise, limit = EXACT, np.maximum(upper_of_costs(families), alone)
    else:
        noise, limit = DRAW / SPREAD, with_grace(upper_of_counts(families))
    return Front(FEW, kind, sums.rows, sums.reach.release, noise, groups, limit)
