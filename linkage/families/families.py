"""Families over the whole period of the records: the rules of `rule.RULES` in full.

Persons and their token records go in, a family number per person comes out. A rule is chosen by name and
parameters, and is not a model.
"""

import polars as pl

from linkage.families.groups import GROUPINGS
from linkage.families.rule import FamilyRule
from linkage.families.ties import ties_of
from linkage.told import Told, told_once


def group_families(
    tokens: pl.DataFrame | Told, persons: pl.DataFrame, rule: FamilyRule
) -> pl.DataFrame:
    """Apply a rule: `household@1` is 1 to 3 and 5, `kin@1` 4 and 5, `household-and-kin@1` all five.

    1. Place. Addresses with one UPRN are one place; without it, those with one postcode and the
       same flat, number and street, the street at most about one edit apart (see `places`).
    2. Household. Two persons belong together if their stays at one place overlap, or lie at most
       `near_days` apart. A stay lasts from the first to the last day seen there, and ends when
       the person is first seen at a later place. Stays further apart, up to `far_days`, count
       only when the surnames agree (equal, or about one edit apart) and no move of either person
       lies between: postcode and surname are weak support inside an address, never on their own.
    3. Size. Persons at one place who would be more than `largest_household` are not a household
       (a hostel, a ward, a care home): their shared address says nothing. Nor does a place
       where more than 50 persons were seen over the whole period.
    4. Kin. A declared guardian or partner belongs together with the person, wherever they live.
       References are tokenised in the agency's own namespace.
    5. Family. All who belong together directly or through others. Families that moved stay
       whole, because one common address suffices. A person with no link is a family of one.

    `household-and-kin@2` puts slips right in 1 (see `slips`), asks in 2 that nobody moved between
    (see `homes.home_ties`, `careful`) and that more than one registration knows of a stranger who
    was elsewhere as well (see `doubts`), and keeps groups apart in 5 (see `groups.kept_apart`).

    Args:
        tokens: record, seen_on and token columns.
        persons: record, cluster.

    Returns:
        cluster, family; a family is named by its smallest cluster.
    """
    told = tokens if isinstance(tokens, Told) else told_once(tokens)
    records = told.records.join(persons, on="record")
    ties = ties_of(Told(records, told.values), rule)
    grouped = GROUPINGS[rule.definition.grouping](records["cluster"].unique(), ties)
    return grouped.rename({"node": "cluster", "component": "family"})
