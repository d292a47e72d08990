"""What must hold of a ledger after any questions in any order, checked from the frames and never by the ledger's own rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array

from gateway.disclosure import Dimension, ExactTable, Rules, protect_table, tabulate
from gateway.disclosure.ledger import Ledger, served_cells
from gateway.disclosure.ledger.counts import DRAW, SPREAD
from gateway.disclosure.ledger.known import EXACT
from gateway.disclosure.ledger.limits import GRACE
from gateway.disclosure.ledger.posterior import Posterior
from gateway.disclosure.ledger.trial import FREE

KEY = b"a key that is at least 32 bytes ."
LEAST = 10
DIMENSIONS = (
    Dimension("district", "district", ("blaby", "melton", "oadby")),
    Dimension("arm", "arm", ("accepted", "comparison")),
    Dimension("needs", "needs", ("few", "many"), sensitive=True),
    Dimension("agency", "agency", ("health", "police", "schools"), overlapping=True),
)
BY_NAME = {d.name: d for d in DIMENSIONS}
SOME = settings(
    deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], max_examples=10
)
Flags = NDArray[np.bool_]
Set = frozenset[int]


@dataclass(frozen=True)
class Asked:
    """A table: the dimensions, and the categories that the frame was filtered to before."""

    by: tuple[str, ...]
    only: tuple[tuple[str, tuple[str, ...]], ...]

    def rows(self, county: pl.DataFrame) -> pl.DataFrame:
        for name, chosen in self.only:
            county = county.filter(pl.col(name).is_in(chosen))
        return county

    def table(self, county: pl.DataFrame) -> ExactTable:
        """The table; a row is told from others by all it holds, so its number stands in the frame."""
        restricted = [n for n, _ in self.only if BY_NAME[n].sensitive and n not in self.by]
        return tabulate(
            self.rows(county),
            [BY_NAME[name] for name in self.by],
            ("families", "cost"),
            key=KEY,
            restricted=restricted,
        )

    def cells(self, county: pl.DataFrame) -> Iterator[tuple[tuple[int, ...], pl.DataFrame]]:
        """Every cell's place and rows, one filter after another."""
        for at in np.ndindex(*(len(BY_NAME[n].categories) for n in self.by)):
            rows = self.rows(county)
            for name, place in zip(self.by, at, strict=True):
                rows = rows.filter(pl.col(name) == BY_NAME[name].categories[place])
            yield at, rows


@dataclass(frozen=True)
class History:
    """What was asked of a county, which cells were shown, and which of them with a figure of their own.

    In the others an earlier figure stands, about a set that differs by a few families.
    """

    county: pl.DataFrame
    ledger: Ledger
    asked: tuple[Asked, ...]
    shown: tuple[dict[str, Flags], ...]
    served: tuple[dict[str, Flags], ...]

    def sets(self, measure: str, *, shown: bool) -> list[tuple[Set, Set]]:
        """The families and the rows behind each cell of the measure that told of itself, or that was withheld."""
        found = []
        for asked, told, seen in zip(self.asked, self.served, self.shown, strict=True):
            for at, rows in asked.cells(self.county):
                if bool(told[measure][at]) if shown else not seen[measure][at]:
                    found.append((frozenset(rows["family"]), frozenset(rows["row"])))
        return found


def ask(ledger: Ledger, exact: ExactTable) -> dict[str, Flags]:
    return served_cells(exact, protect_table(exact, Rules(), KEY, ledger))


def live(county: pl.DataFrame, asked: Sequence[Asked]) -> History:
    ledger, shown, served = Ledger(), [], []
    for each in asked:
        exact = each.table(county)
        seen = ask(ledger, exact)
        stands = ledger.standing(exact, tuple(seen), LEAST)
        ledger.enter(exact, seen)
        shown.append(seen)
        served.append({name: flags & ~stands[name].flags for name, flags in seen.items()})
    return History(county, ledger, tuple(asked), tuple(shown), tuple(served))


@st.composite
def counties(draw: st.DrawFn) -> pl.DataFrame:
    """A row for each family and agency that it is known to, with a cost."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    families = draw(st.integers(30, 80))
    knows = rng.random((families, 3)) < draw(st.sampled_from([0.5, 0.8, 1.0]))
    knows[~knows.any(axis=1), 0] = True
    family, agency = np.nonzero(knows)
    own = {
        d.name: rng.choice(d.categories, families, p=rng.dirichlet(np.full(len(d.categories), 4.0)))
        for d in DIMENSIONS[:-1]
    }
    return pl.DataFrame(
        {
            "row": np.arange(len(family)),
            "family": family,
            **{name: values[family] for name, values in own.items()},
            "agency": np.array(BY_NAME["agency"].categories)[agency],
            "cost_pence": rng.lognormal(12, 0.5, len(family)).astype(np.int64),
        }
    )


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    by = draw(st.lists(st.sampled_from(list(BY_NAME)), max_size=3, unique=True))
    only = []
    for name in draw(st.lists(st.sampled_from(list(BY_NAME)), max_size=2, unique=True)):
        of = BY_NAME[name].categories
        chosen = draw(st.lists(st.sampled_from(of), min_size=1, max_size=len(of), unique=True))
        only.append((name, tuple(chosen)))
    return Asked(tuple(by), tuple(only))


HISTORIES = st.builds(live, counties(), st.lists(questions(), min_size=2, max_size=6))


@SOME
@given(HISTORIES)
def test_nothing_withheld_follows_from_what_was_served(history: History) -> None:
    no_two_served_figures_differ_by_fewer_than_ten_families(history)
    no_cost_of_a_family_or_of_a_withheld_few_follows_from_the_served_ones(history)
    no_withheld_small_count_is_known_beyond_its_limit(history)


def no_two_served_figures_differ_by_fewer_than_ten_families(history: History) -> None:
    counts = [families for families, _ in history.sets("families", shown=True)]
    assert not any(0 < len(one ^ two) < LEAST for one, two in combinations(counts, 2))
    owner = dict(history.county.select("row", "family").iter_rows())
    costs = [rows for _, rows in history.sets("cost", shown=True)]
    differing = [len({owner[row] for row in one ^ two}) for one, two in combinations(costs, 2)]
    assert not any(0 < families < LEAST for families in differing)


def no_cost_of_a_family_or_of_a_withheld_few_follows_from_the_served_ones(
    history: History,
) -> None:
    rows = history.county.height
    known = _row_space([units for _, units in history.sets("cost", shown=True)], rows)
    few = {u for families, u in history.sets("cost", shown=False) if 0 < len(families) < LEAST}
    whole = {frozenset(own["row"]) for _, own in history.county.group_by("family")}
    single = {frozenset([row]) for row in range(rows)}
    assert not [units for units in few | whole | single if _is_in(known, _vector(units, rows))]


def no_withheld_small_count_is_known_beyond_its_limit(history: History) -> None:
    """The limit: as by a third of a draw more, or a little above what was known before it was first asked for."""
    families = history.county["family"].n_unique()
    dense, drawn, most = Dense(families, DRAW / SPREAD), set[Set](), dict[Set, float]()
    for asked, served in zip(history.asked, history.served, strict=True):
        cells = [
            (frozenset(rows["family"]), bool(served["families"][at]))
            for at, rows in asked.cells(history.county)
        ]
        for few in {each for each, _ in cells if 0 < len(each) < LEAST} - set(most):
            third = SPREAD * len(few) / (SPREAD * len(few) + DRAW / 3)
            most[few] = max(third, dense.explained(_vector(few, families)) + GRACE)
        for told in {each for each, is_shown in cells if is_shown} - drawn:
            dense.tell(_vector(told, families))
            drawn.add(told)
    for few, limit in most.items():
        assert dense.explained(_vector(few, families)) <= limit + 1e-9


@SOME
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([EXACT, DRAW / SPREAD]),
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
)
def test_the_posterior_is_that_of_a_plain_update_of_the_whole_covariance(
    seed: int, noise: float, batches: list[int]
) -> None:
    rng = np.random.default_rng(seed)
    posterior, dense, targets = Posterior(noise), Dense(20, noise), np.zeros((0, 20))
    for size in batches:
        more = (rng.random((2, 20)) < 0.2).astype(float)
        more = more[more.any(axis=1)]
        posterior.watch(csr_array(more))
        targets = np.vstack([targets, more])
        sums = (rng.random((size, 20)) < rng.uniform(0.1, 0.9)).astype(float)
        # Some that follow from others.
        sums = np.vstack([sums, sums[:1], 1 - sums[-1:]])
        posterior.take(csr_array(sums), np.arange(len(sums)))
        # A sum that stands twice in one table is one sum.
        for row in dict.fromkeys(map(tuple, sums)):
            dense.tell(np.array(row))
        expected = [dense.explained(target) for target in targets]
        np.testing.assert_allclose(posterior.explained, expected, atol=1e-6)


@SOME
@given(HISTORIES, st.lists(questions(), min_size=1, max_size=2))
def test_a_ledger_made_again_answers_as_the_one_that_lived_through_it(
    history: History, new: list[Asked]
) -> None:
    again = Ledger()
    for asked, served in zip(history.asked, history.served, strict=True):
        again.enter(asked.table(history.county), served)
    for asked in new:
        exact = asked.table(history.county)
        ours, theirs = ask(again, exact), ask(history.ledger, exact)
        assert all((ours[name] == theirs[name]).all() for name in ours)


@SOME
@given(HISTORIES)
def test_who_asks_again_gets_every_cell_that_was_served_before(history: History) -> None:
    for asked, served in zip(history.asked, history.served, strict=True):
        again = ask(history.ledger, asked.table(history.county))
        assert not any((served[name] & ~again[name]).any() for name in served)


class Dense:
    """The posterior of independent unit variances, as the whole covariance matrix."""

    def __init__(self, units: int, noise: float) -> None:
        self.covariance, self.noise = np.eye(units), noise

    def tell(self, row: NDArray[np.float64]) -> None:
        """The sum is known, unless it follows from the others already."""
        along = self.covariance @ row
        if row @ along > FREE:
            self.covariance -= np.outer(along, along) / (row @ along + self.noise)

    def explained(self, target: NDArray[np.float64]) -> float:
        """The share of the target's variance that is gone."""
        return float(1 - target @ self.covariance @ target / target.sum())


def _vector(members: Set, size: int) -> NDArray[np.float64]:
    row = np.zeros(size)
    row[list(members)] = 1
    return row


def _row_space(sets: list[Set], size: int) -> NDArray[np.float64]:
    """An orthonormal basis of what sums of these sets determine."""
    rows = np.array([_vector(each, size) for each in set(sets)]).reshape(-1, size)
    _, length, basis = np.linalg.svd(rows, full_matrices=False)
    found: NDArray[np.float64] = basis[length > 1e-9 * length.max(initial=1.0)]
    return found


def _is_in(basis: NDArray[np.float64], row: NDArray[np.float64]) -> bool:
    return bool(np.linalg.norm(row - basis.T @ (basis @ row)) < 1e-6)
