"""Regroup: persons of the last run with new entries among them, as clustering everything would have it.

Go in: entries, the persons they had, which of them are new, and a way to score pairs of chosen entries.
Come out: clusters. Knows nothing of tokens, models or engines.

Why it is the same answer. Links are taken best first, and one is refused only because of a clean list
or the cap. Where a person of the last run and all that now hangs on it hold each list once, stay
within the cap and were not flagged, nothing inside is refused in whatever order the links come, and
what was refused outwards before still is, for a person only grows. So old persons are taken as they
are, and only those in such a conflict are dissolved: all their pairs are scored, and they are
clustered anew together with whatever these pairs reach, until no conflict is left undissolved.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from linkage.cluster import cluster
from linkage.components import components, joined_by_keys
from linkage.oversized import Sized, within_cap
from linkage.score import Scored, nothing_scored

# Scores all pairs with at least one end among `chosen` and none among `seen`.
Score = Callable[[pl.Series, pl.Series], Scored]
_CERTAIN = {"match_weight": pl.lit(float("inf")), "match_probability": pl.lit(1.0)}


@dataclass(frozen=True)
class Earlier:
    """What the last run says of the entries of this one.

    Attributes:
        persons: entry, person, flagged; a line per entry and person it had.
        fresh: entries that show something that the last run did not see.
        lost: persons of whom records are gone; nothing is taken over from them.
        lost_flagged: whether one of those was flagged.
    """

    persons: pl.DataFrame
    fresh: pl.Series
    lost: pl.Series
    lost_flagged: bool


@dataclass(frozen=True)
class Regrouped:
    """`sized`: clusters of all entries. `scored`: the pairs that were compared, once each.

    `dissolved` counts the old entries that were clustered anew; `rounds` the times pairs were scored.
    """

    sized: Sized
    scored: Scored
    dissolved: int
    rounds: int


def regroup(lists: pl.DataFrame, earlier: Earlier, score: Score, largest: int) -> Regrouped:
    """Cluster entries, given the persons that most of them had.

    Args:
        lists: entry, list_no, one line per entry.
        score: scores all pairs with one end or both in its first argument and none in its second;
            its edges are those at or above the threshold, best first.
        largest: the cap; see `oversized`.
    """
    old = earlier.persons
    free = _entries_of(old, _loosened(earlier, lists))
    seen, found, rounds = free.clear(), nothing_scored(), 0
    to_score = pl.concat([earlier.fresh, free]).unique()
    while len(to_score):
        found = _together(found, score(to_score, seen))
        seen, rounds = pl.concat([seen, to_score]), rounds + 1
        standing = old.filter(~pl.col("entry").is_in(free.implode()))
        state = _state(lists, standing, seen, found)
        conflicted = _conflicted(state, standing, largest)
        free = pl.concat([free, conflicted]).unique()
        to_score = conflicted.filter(~conflicted.is_in(seen.implode()))
    standing = old.filter(~pl.col("entry").is_in(free.implode()))
    sized = _clustered(_state(lists, standing, seen, found), standing, found, largest)
    dissolved = old.filter(pl.col("entry").is_in(free.implode()))["entry"].n_unique()
    return Regrouped(sized, found, dissolved, rounds)


def _together(found: Scored, more: Scored) -> Scored:
    """Pairs of two rounds, which have none in common."""
    ends = pl.col("entry_l", "entry_r").cast(pl.UInt32)
    edges = pl.concat([found.edges, more.edges.with_columns(ends)])
    histogram = pl.concat([found.histogram, more.histogram], how="vertical_relaxed")
    best_first = ["match_weight", "entry_l", "entry_r"]
    return Scored(
        edges.sort(best_first, descending=[True, False, False]),
        found.compared + more.compared,
        found.expected_matches + more.expected_matches,
        pl.concat([found.likely, more.likely], how="diagonal_relaxed").sort("entry_l", "entry_r"),
        histogram.group_by("bin").agg(pl.col("pairs", "expected").sum()).sort("bin"),
    )


def _entries_of(old: pl.DataFrame, persons: pl.Series) -> pl.Series:
    return old.filter(pl.col("person").is_in(persons.implode()))["entry"].unique()


def _loosened(earlier: Earlier, lists: pl.DataFrame) -> pl.Series:
    """Persons of whom nothing is taken over, whatever the new pairs say."""
    flagged = earlier.persons.filter("flagged")["person"].unique()
    # Which flagged persons were one before is not known, and with less in it, it may be one again.
    loose = flagged if earlier.lost_flagged else flagged.clear()
    return pl.concat([earlier.lost, loose, _broken(earlier.persons, lists)])


def _broken(old: pl.DataFrame, lists: pl.DataFrame) -> pl.Series:
    """Persons that the lists as they are now would not allow, or that share an entry."""
    listed = old.join(lists, on="entry")
    twice = listed.filter(pl.len().over("person", "list_no") > 1)
    shared = listed.filter(pl.len().over("entry") > 1)
    return pl.concat([twice["person"], shared["person"]]).unique()


def _state(
    lists: pl.DataFrame, standing: pl.DataFrame, seen: pl.Series, found: Scored
) -> pl.DataFrame:
    """entry, list_no, component, active: what hangs together, and whether anything is new in it."""
    kept = joined_by_keys(standing.select(node="entry", key="person"))
    edges = found.edges.select(left="entry_l", right="entry_r")
    hanging = components(lists["entry"], pl.concat([kept, edges]))
    state = lists.select("entry", "list_no").join(hanging, left_on="entry", right_on="node")
    new = pl.col("entry").is_in(seen.implode())
    return state.with_columns(active=new.any().over("component"))


def _conflicted(state: pl.DataFrame, standing: pl.DataFrame, largest: int) -> pl.Series:
    """Entries whose old person is not to be taken as it is."""
    flagged = standing.filter("flagged")["entry"]
    conflict = (
        (pl.len() > largest)
        | (pl.col("list_no").n_unique() < pl.len())
        | pl.col("entry").is_in(flagged.implode()).any()
    )
    found = state.filter(pl.col("active") & conflict.over("component"))["entry"]
    return found.filter(found.is_in(standing["entry"].implode()))


def _clustered(state: pl.DataFrame, standing: pl.DataFrame, found: Scored, largest: int) -> Sized:
    """Persons that nothing new touches as they are; the others from old persons and new links."""
    active = state.filter("active")
    kept = joined_by_keys(standing.select(node="entry", key="person")).filter(
        pl.col("left").is_in(active["entry"].implode())
    )
    certain = kept.select(entry_l="left", entry_r="right", **_CERTAIN)
    edges = pl.concat([certain, found.edges.select(certain.columns)])
    anew = within_cap(cluster(edges, active.select("entry", "list_no")), largest)
    alone = state.filter(~pl.col("active")).select("entry", cluster="component")
    entries = pl.concat([anew.clusters.entries, alone]).sort("entry")
    linked = anew.clusters.linked.filter(pl.col("match_weight").is_finite())
    return Sized(
        replace(anew.clusters, entries=entries, linked=linked),
        pl.concat([anew.flagged, _still_flagged(alone, standing)]),
        anew.oversized,
    )


def _still_flagged(alone: pl.DataFrame, standing: pl.DataFrame) -> pl.Series:
    flagged = standing.filter("flagged")["entry"]
    return alone.filter(pl.col("entry").is_in(flagged.implode()))["cluster"].unique().sort()
