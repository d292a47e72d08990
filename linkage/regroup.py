"""Regroup: the persons of the last run with new entries among them, as clustering everything would have it.

Go in: entries, the persons they had, which of them are new, and a way to score pairs of chosen entries.
Come out: clusters. Knows nothing of tokens, models or engines.

Why it is the same answer. What becomes of an entry depends on the links of all that hangs together with
it, directly or through others, and on nothing else, however links are weighed against one another. So
whatever hangs together with something new is dissolved: its pairs are scored, and those of what they
reach, until nothing more is reached; that is clustered anew, and every other person stays as it is.
An entry that is gone held only its own person together, so that person is dissolved as well.
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
# Where more than this share of the entries is in doubt, the rest is scored at once.
_MOST_IN_DOUBT = 0.5


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
    loose = _entries_of(earlier.persons, _loosened(earlier, lists))
    to_score = pl.concat([earlier.fresh, loose]).unique().sort()
    seen, found, rounds = to_score.clear(), nothing_scored(), 0
    while len(to_score):
        found = _together(found, score(to_score, seen))
        seen, rounds = pl.concat([seen, to_score]), rounds + 1
        to_score = _in_doubt(lists["entry"], earlier.persons, seen, found)
    sized = _clustered(lists, earlier.persons, seen, found, largest)
    dissolved = earlier.persons.filter(pl.col("entry").is_in(seen.implode()))["entry"].n_unique()
    return Regrouped(sized, found, dissolved, rounds)


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


def _entries_of(old: pl.DataFrame, persons: pl.Series) -> pl.Series:
    return old.filter(pl.col("person").is_in(persons.implode()))["entry"].unique()


def _in_doubt(entries: pl.Series, old: pl.DataFrame, seen: pl.Series, found: Scored) -> pl.Series:
    """Entries that hang together with something seen, and are not seen yet."""
    ends = pl.concat([found.edges["entry_l"], found.edges["entry_r"], seen])
    reached = old.filter(pl.col("entry").is_in(ends.implode()))["person"]
    doubted = pl.concat([ends, _entries_of(old, reached)]).unique().sort()
    unseen = doubted.filter(~doubted.is_in(seen.implode()))
    if len(unseen) and len(doubted) > _MOST_IN_DOUBT * len(entries):
        return entries.filter(~entries.is_in(seen.implode()))
    return unseen


def _together(found: Scored, more: Scored) -> Scored:
    """Pairs of two rounds, which have none in common."""
    ends = pl.col("entry_l", "entry_r").cast(pl.UInt32)
    edges = pl.concat([found.edges, more.edges.with_columns(ends)])
    histogram = pl.concat([found.histogram, more.histogram], how="vertical_relaxed")
    best_first = ["match_weight", "entry_l", "entry_r"]
    return replace(
        more,
        edges=edges.sort(best_first, descending=[True, False, False]),
        compared=found.compared + more.compared,
        expected_matches=found.expected_matches + more.expected_matches,
        likely=pl.concat([found.likely, more.likely], how="diagonal_relaxed").sort(
            "entry_l", "entry_r"
        ),
        histogram=histogram.group_by("bin").agg(pl.col("pairs", "expected").sum()).sort("bin"),
    )


def _clustered(
    lists: pl.DataFrame, old: pl.DataFrame, seen: pl.Series, found: Scored, largest: int
) -> Sized:
    """What was seen from its links; every other person as it was."""
    is_seen = pl.col("entry").is_in(seen.implode())
    anew = within_cap(cluster(found.edges, lists.filter(is_seen)), largest)
    standing = old.filter(~is_seen)
    kept = joined_by_keys(standing.select(node="entry", key="person"))
    alone = components(standing["entry"], kept).rename({"node": "entry", "component": "cluster"})
    entries = pl.concat([anew.clusters.entries, alone]).sort("entry")
    flagged = alone.join(standing.filter("flagged"), on="entry", how="semi")["cluster"].unique()
    return Sized(
        replace(anew.clusters, entries=entries),
        pl.concat([anew.flagged, flagged.sort()]),
        anew.oversized,
    )
