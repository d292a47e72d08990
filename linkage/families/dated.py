"""Dated families: which family each person belongs to on each day.

Go in: token records, persons and a rule. Comes out: from when to when each person was in which
family. The whole-period families of a run (`group_families`) are not these and do not change.
"""

from datetime import date

import polars as pl

from linkage.components import components
from linkage.families.groups import GROUPINGS
from linkage.families.names import kept_names
from linkage.families.rule import FamilyRule
from linkage.families.spans import spans_of
from linkage.families.ties import ties_of
from linkage.told import Told, told_once

# A set of tied persons with more states than this (persons times changes) is followed by month.
_MOST_STATES = 200_000
_PERSON_BITS = 32


def memberships(tokens: pl.DataFrame, persons: pl.DataFrame, rule: FamilyRule) -> pl.DataFrame:
    """The family of each person over time.

    On each day a person lives at one home at most: the one last named by then, before that the
    first one named. The ties of the rule hold on the days on which both live at the home they
    shared; a declared relative counts until another guardian or partner is declared, or until the
    two no longer live at the home they shared, whichever is first, unless declared again later.
    Two who are seen together again within `near_days`, or who need not have been apart, were not
    apart. Those tied on a day, directly or through others, are a family on that day.

    A family keeps its number from change to change for as long as it keeps more of its members
    than any other family does. The numbers say nothing, and are not those of a run.

    Args:
        tokens: record, seen_on and token columns.
        persons: record, person.

    Returns:
        person, family, from, until: every person is in exactly one family on every day. `from` is
        the first day and `until` the first day no longer; null where nothing bounds it, so that a
        child is counted before birth and nobody leaves unless seen elsewhere. A home that a person
        went back to after another is not seen as a return.
    """
    numbered = persons.select(pl.col("person").unique().sort()).with_row_index("cluster")
    told = told_once(tokens)
    records = told.records.join(persons, on="record").join(numbered, on="person").drop("person")
    spans = spans_of(ties_of(Told(records, told.values), rule), rule)
    states = _states(numbered["cluster"], spans)
    grouped = _grouped(states, spans, rule)
    named = kept_names(grouped)
    return _merged(named).join(numbered, on="cluster").select("person", "family", "from", "until")


def family_at(
    tokens: pl.DataFrame, persons: pl.DataFrame, rule: FamilyRule, day: date
) -> pl.DataFrame:
    """The family of each person on one day, see `memberships`.

    Args:
        tokens: record, seen_on and token columns.
        persons: record, person.

    Returns:
        person, family. Numbers agree from day to day for the same records, persons and rule.
    """
    begun = pl.col("from").is_null() | (pl.col("from") <= day)
    lasting = pl.col("until").is_null() | (pl.col("until") > day)
    found = memberships(tokens, persons, rule).filter(begun & lasting)
    return found.select("person", "family").sort("person")


def _states(persons: pl.Series, spans: pl.DataFrame) -> pl.DataFrame:
    """part, cluster, change, begins: each person at each change among those tied to them, ever."""
    parts = components(persons, spans.select("left", "right"))
    part = parts.rename({"node": "cluster", "component": "part"})
    tied = spans.join(part.rename({"cluster": "left"}), on="left")
    bounds = pl.concat([tied.select("part", begins=bound) for bound in ("starts", "ends")])
    changes = bounds.drop_nulls().unique()
    first = part.select("part", pl.lit(None, pl.Date).alias("begins")).unique()
    every = pl.concat([first, _thinned(changes, part)]).sort("part", "begins", nulls_last=False)
    counted = every.with_columns(
        pl.int_range(pl.len(), dtype=pl.UInt32).over("part").alias("change")
    )
    return part.join(counted, on="part", how="left")


def _thinned(changes: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    sizes = part.group_by("part").len("persons")
    counted = changes.join(sizes, on="part").with_columns(
        (pl.len().over("part") * pl.col("persons") > _MOST_STATES).alias("many")
    )
    monthly = pl.when("many").then(pl.col("begins").dt.month_end()).otherwise("begins")
    return counted.select("part", monthly.alias("begins")).unique()


def _grouped(states: pl.DataFrame, spans: pl.DataFrame, rule: FamilyRule) -> pl.DataFrame:
    """states with `group`: the groups of each part at each of its changes."""
    # A person at two changes is two nodes: 'change and person' in one number.
    node = (pl.col("change").cast(pl.UInt64) * 2**_PERSON_BITS + pl.col("cluster")).alias("node")
    nodes = states.with_columns(node)
    begun = pl.col("starts").is_null() | (pl.col("starts") <= pl.col("begins"))
    lasting = pl.col("ends").is_null() | (pl.col("ends") > pl.col("begins"))
    at_left = nodes.select("part", "change", "begins", left_node="node", left="cluster")
    holding = at_left.join(spans, on="left").filter(
        begun.fill_null(value=False) & lasting.fill_null(value=True)
    )
    right = (pl.col("change").cast(pl.UInt64) * 2**_PERSON_BITS + pl.col("right")).alias("right")
    ties = holding.select(pl.col("left_node").alias("left"), right, "firm", "days")
    found = GROUPINGS[rule.definition.grouping](nodes["node"], ties)
    return nodes.join(found, on="node").select(
        "part", "change", "begins", "cluster", group="component"
    )


def _merged(named: pl.DataFrame) -> pl.DataFrame:
    """cluster, family, from, until; changes that did not concern a person left out."""
    ordered = named.sort("cluster", "change")
    moved = pl.col("family") != pl.col("family").shift(1).over("cluster")
    kept = ordered.filter(moved.fill_null(value=True))
    return kept.select(
        "cluster",
        "family",
        pl.col("begins").alias("from"),
        pl.col("begins").shift(-1).over("cluster").alias("until"),
    )
