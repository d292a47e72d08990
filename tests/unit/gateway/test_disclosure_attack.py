"""An attacker with every released table of a question and linear programming: what can be told of a withheld cost."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from gateway.disclosure import (
    Dimension,
    Rules,
    draw_multipliers,
    perturb,
    protect_table,
    tabulate,
)

KEY = b"a key that is at least 32 bytes ."
SHARES = {"a": 0.34, "b": 0.3, "c": 0.2, "d": 0.1, "e": 0.06}
AGENCIES = {"police": 0.5, "health": 0.3, "housing": 0.15, "dwp": 0.05}


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    families = pl.DataFrame(
        {
            "family": range(300),
            "district": rng.choice(list(SHARES), 300, p=list(SHARES.values())),
            "issue_band": rng.choice(["2-4", "5+"], 300),
        }
    )
    contacts = pl.DataFrame(
        {
            "family": rng.integers(0, 300, 500),
            "agency": rng.choice(list(AGENCIES), 500, p=list(AGENCIES.values())),
            "cost_pence": rng.lognormal(13, 1.0, 500).astype(np.int64),
        }
    ).join(families, on="family")
    return perturb(contacts, draw_multipliers(families, list(AGENCIES), KEY))


def test_no_withheld_cost_is_known_within_ten_per_cent(events: pl.DataFrame) -> None:
    """All figures of district x agency, district, agency and the total, which the attacker gets unrounded."""
    axes = [
        Dimension("district", "district", tuple(SHARES)),
        Dimension("agency", "agency", tuple(AGENCIES), overlapping=True),
    ]
    known, sums, true, families = released_and_true(events, axes)
    hidden = [cell for cell in product(SHARES, AGENCIES) if cell not in known]
    small = [cell for cell in hidden if 0 < families.get(cell, 0) < 10]
    assert len(small) >= 3
    rows, totals = relations(known, sums, hidden)
    for cell in small:
        low, high = interval(rows, totals, hidden.index(cell))
        assert max(high / true[cell] - 1, 1 - low / true[cell]) >= 0.10


def released_and_true(events, axes):  # type: ignore[no-untyped-def]
    """Released cells (with margins as "all"), their perturbed sums, true sums and families."""
    known: set[tuple[str, str]] = set()
    sums: dict[tuple[str, str], float] = {}
    for keep in ([0, 1], [0], [1], []):
        chosen = [axes[i] for i in keep]
        exact = tabulate(events, chosen, ("cost",), key=KEY, cost_pence="perturbed_pence")
        pence = exact.measures["cost"].pence.ravel()
        for cell, figure in zip(protect_table(exact, Rules(), KEY).cells, pence, strict=True):
            place = (cell.keys.get("district", "all"), cell.keys.get("agency", "all"))
            sums[place] = float(figure)
            known |= set() if cell.is_withheld else {place}
    cells = events.group_by("district", "agency").agg(
        pl.col("cost_pence").sum(), pl.col("family").n_unique()
    )
    true = {(d, a): cost for d, a, cost, _ in cells.iter_rows()}
    return known, sums, true, {(d, a): n for d, a, _, n in cells.iter_rows()}


def relations(known, sums, hidden):  # type: ignore[no-untyped-def]
    """Each line with a released total: the withheld cells of it sum to the total less what is shown."""
    rows, totals = [], []
    lines = [[(d, a) for a in AGENCIES] + [(d, "all")] for d in SHARES]
    lines += [[(d, a) for d in SHARES] + [("all", a)] for a in AGENCIES]
    for *cells, total in lines:
        if total in known:
            rows.append([1.0 if h in cells else 0.0 for h in hidden])
            totals.append(sums[total] - sum(sums[c] for c in cells if c in known))
    return np.array(rows), np.array(totals)


def interval(rows, totals, place):  # type: ignore[no-untyped-def]
    """The least and most the withheld cell can be, costs being no less than 0."""
    aim = np.zeros(rows.shape[1])
    aim[place] = 1.0
    scale = max(totals.max(), 1.0)
    ends = [
        linprog(sign * aim, A_eq=rows, b_eq=totals / scale, bounds=(0, None)).fun
        for sign in (1, -1)
    ]
    return ends[0] * scale, -ends[1] * scale


def test_a_single_family_isolated_by_subtraction_is_ten_per_cent_off(events: pl.DataFrame) -> None:
    """Even who knows every other family's perturbed cost learns one cost only within 10 %."""
    alone = events.group_by("family", "agency").agg(pl.col("cost_pence", "perturbed_pence").sum())
    ratio = alone["perturbed_pence"] / alone["cost_pence"]
    assert ((ratio - 1).abs() >= 0.0999999).all()
    assert ((ratio - 1).abs() <= 0.21).all()
