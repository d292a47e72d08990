"""Ties: which two persons belong together, for what reason and over which days.

Go in: token records with their person. Come out: pairs. Every source returns the same columns:
left, right: the persons. place: the home they shared, null for declared relatives.
firm: said by more than a shared address. days: how long they were seen at the home together.
since, starts, ends: the first day on which they can have been, and are taken to have been,
together, and the day from which no longer; null where no other home or relative sets a bound.
told_from, told_until: the first and last day on which the relative was declared.
"""

from collections.abc import Callable, Mapping
from functools import partial

import polars as pl

from linkage.families.homes import home_ties
from linkage.families.kin import kin_ties
from linkage.families.rule import FamilyRule, Source
from linkage.told import Told

SOURCES: Mapping[Source, Callable[[Told, FamilyRule], pl.DataFrame]] = {
    "home": home_ties,
    "home_careful": partial(home_ties, careful=True),
    "kin": kin_ties,
}


def ties_of(told: Told, rule: FamilyRule) -> pl.DataFrame:
    """All ties that the rule recognises between the persons (`cluster`) of these records."""
    return pl.concat([SOURCES[source](told, rule) for source in rule.definition.ties])
