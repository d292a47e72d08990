"""Vintage differencing: one family objects, the linkage runs again, and what has changed is that family.

Source: Xiao and Tao, "m-invariance: towards privacy preserving re-publication of dynamic datasets" (SIGMOD 2007); for official
statistics, Hundepool et al. (2012), 5.4. Background knowledge: who objected and the family's district. A coin decides for each
agency and each difficulty whether the family was in that cell; the attacker asks the same tables before and after, and has
learnt from people of the attacker's own what each change means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from gateway.questions import shipped_catalogue
from tests.redteam.disclosure.asker import Answers, Asker, Body, Place, place_of
from tests.redteam.disclosure.differencing import Seen
from tests.redteam.disclosure.knowledge import AGENCIES, table
from tests.redteam.disclosure.population import Population

BY_AGENCY, BY_ISSUE = ("agency", "district"), ("district", "issue")


@dataclass(frozen=True)
class Objection:
    """The people before and after, and the coin of each cell that the family may have been in."""

    before: Population
    after: Population
    bits: tuple[tuple[str, Place, bool], ...]


def make_objection(population: Population, seed: int) -> Objection:
    """A family of which coins decide all; those who stay are the same in both."""
    rng = np.random.default_rng(seed)
    # Somebody else carries the family's id without any record, so that nothing hangs on who it was.
    families = population.known["family"].unique(maintain_order=True).to_list()
    family = families[int(rng.integers(len(families)))]
    own = pl.col("family") == family
    district = population.attributes.filter(own, pl.col("attribute") == "district")["value"][0]
    bits = []
    person = population.known.filter(own)["person"][0]
    events, issues = population.events.filter(~own), population.issues.filter(~own)
    for agency in AGENCIES:
        is_in = bool(rng.random() < 0.5)
        bits.append(("agency", place_of({"agency": agency, "district": district}), is_in))
        if is_in:
            like = population.events.filter(pl.col("agency") == agency).sample(
                2, seed=int(rng.integers(2**31))
            )
            events = pl.concat([events, _of(like, person, family)])
    for issue in shipped_catalogue().issues:
        is_in = bool(rng.random() < 0.5)
        bits.append(("issue", place_of({"district": district, "issue": issue}), is_in))
        if is_in:
            like = population.issues[[0]].with_columns(pl.lit(issue).alias("issue"))
            issues = pl.concat([issues, _of(like, person, family)])
    known = pl.concat(
        [population.known.filter(~own)]
        + [
            _of(population.known[[0]], person, family).with_columns(pl.lit(a).alias("agency"))
            for a in AGENCIES
        ]
    )
    before = replace(population, known=known, events=events, issues=issues)
    return Objection(before, population.without([family]), tuple(bits))


def _of(rows: pl.DataFrame, person: str, family: str) -> pl.DataFrame:
    return rows.with_columns(pl.lit(person).alias("person"), pl.lit(family).alias("family"))


def attack(
    before: Asker,
    refresh: Callable[[], Asker],
    bits: tuple[tuple[str, Place, bool], ...],
    *,
    other_words: bool = False,
) -> Seen:
    """How the answers changed in each cell, with its coin. `refresh` runs the linkage and returns who answers now.

    With `other_words` the second question is about the same families and is not the first one.
    """
    first = Answers(before)
    for kind, place, _ in bits:
        first.table(_asked(kind, place)[0])
    second = Answers(refresh())
    return [
        (_feature(first, second, kind, place, other_words), is_in) for kind, place, is_in in bits
    ]


def _asked(kind: str, place: Place, *, other_words: bool = False) -> tuple[Body, Place]:
    """The question for a cell, and where the cell is in its answer."""
    here = dict(place)
    if kind == "agency" and other_words:
        asked = table("families", "cost", by=("district",), agencies=(here["agency"],))
        return asked, place_of({"district": here["district"]})
    if kind == "agency":
        return table("families", "cost", by=BY_AGENCY), place
    asked = table("families", by=BY_ISSUE)
    if not other_words:
        return asked, place
    # Nothing happened outside the period, so that a longer one is about the same families.
    return {**asked, "period": {"from": "2023-04", "to": "2026-06"}}, place


def _feature(
    first: Answers, second: Answers, kind: str, place: Place, other_words: bool
) -> tuple[object, ...]:
    before, spot = _asked(kind, place)
    after, other_spot = _asked(kind, place, other_words=other_words)
    feature: list[object] = [kind]
    for measure in before["measures"]:
        one, two = first.value(before, measure, spot), second.value(after, measure, other_spot)
        feature += [one is None, two is None]
        if one is not None and two is not None:
            feature.append(0 if one == two else 1 if one > two else -1)
    return tuple(feature)
