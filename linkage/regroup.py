"""Regroup: the persons of the last run with new entries among them, as clustering everything would have it.

Go in: entries, the persons they had, which of them are new, and a way to score pairs of chosen entries.
Come out: clusters. Knows nothing of tokens, models or engines.

Why it is the same answer. A person of the last run goes its way by the links among its own entries, as
long as no link from outside could have joined one of them. From outside come only links with an end
among the entries whose pairs were scored. A certain one always counts. A weak one counts if it joins
when the person is no more than its cores, the least that it is when its turn comes: `cluster` itself is
asked. Whoever could have been joined is dissolved, scored, and asked about in turn; in the end those
seen are clustered by all their links, and every other person stands as it was. An entry that is gone
held only its own person together, so that person is dissolved as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from linkage.cluster import CERTAIN, cluster
from linkage.components import components, joined_by_keys
from linkage.oversized import Sized, within_cap
from linkage.score import Scored, nothing_scored

# Scores all pairs with at least one end among `chosen` and none among `seen`.
Score = Callable[[pl.Series, pl.Series], Scored]
_MOST_IN_DOUBT = 0.5
_CERTAIN = {"match_weight": pl.lit(float("inf")), "match_probability": pl.lit(1.0)}


@dataclass(frozen=True)
class Earlier:
    """What the last run says of the entries of this one.

    Attributes:
        persons: entry, person, flagged, core (which core of the person; null outside); a line per
            entry and person it had.
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

    `cores`: entry, core, as `cores_of` makes them, of all entries.
    `dissolved` counts the old entries that were clustered anew; `rounds` the times pairs were scored.
    """

    sized: Sized
    scored: Scored
    cores: pl.DataFrame
    dissolved: int
    rounds: int


def regroup(
    lists: pl.DataFrame,
    earlier: Earlier,
    score: Score,
    largest: int,
    *,
    most_in_doubt: float = _MOST_IN_DOUBT,
) -> Regrouped:
    """Cluster entries, given the persons that most of them had.

    Args:
        lists: entry, list_no, one line per entry.
        score: scores all pairs with one end or both in its first argument and none in its second;
            its edges are those at or above the threshold, best first.
        largest: the cap; see `oversized`.
        most_in_doubt: where more than this share of the entries is, the rest is scored at once.
    """
    loose = _entries_of(earlier.persons, _loosened(earlier, lists))
    to_score = pl.concat([earlier.fresh, loose]).unique()
    to_score = pl.concat([to_score, _torn(earlier.persons, to_score)]).unique().sort()
    seen, found, rounds = to_score.clear(), nothing_scored(), 0
    while len(to_score):
        found = _together(found, score(to_score, seen))
        seen, rounds = pl.concat([seen, to_score]), rounds + 1
        to_score = _in_doubt(lists, earlier.persons, seen, found)
        if len(to_score) and len(seen) + len(to_score) > most_in_doubt * lists.height:
            to_score = lists["entry"].filter(~lists["entry"].is_in(seen.implode()))
    was_seen = pl.col("entry").is_in(seen.implode())
    standing = earlier.persons.filter(~was_seen)
    sized = _clustered(lists.filter(was_seen), standing, found, largest)
    cores = pl.concat(
        [cores_of(_among(found.edges, seen), lists.filter(was_seen)), _kept_cores(standing)]
    )
    dissolved = earlier.persons.filter(was_seen)["entry"].n_unique()
    return Regrouped(sized, found, cores, dissolved, rounds)


def cores_of(edges: pl.DataFrame, lists: pl.DataFrame) -> pl.DataFrame:
    """What certain links alone make of entries: entry, core (named by one of its entries; null alone)."""
    certain = edges.filter(pl.col("match_probability") >= CERTAIN)
    made = cluster(certain, lists.select("entry", "list_no")).entries
    core = pl.when(pl.len().over("cluster") > 1).then("cluster")
    return made.select("entry", core=core)


def _kept_cores(standing: pl.DataFrame) -> pl.DataFrame:
    held = pl.col("entry").min().over("person", "core")
    return standing.select("entry", core=pl.when(pl.col("core").is_not_null()).then(held))


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


def _in_doubt(lists: pl.DataFrame, old: pl.DataFrame, seen: pl.Series, found: Scored) -> pl.Series:
    """Entries not seen yet of persons that those seen could have joined."""
    standing = old.filter(~pl.col("entry").is_in(seen.implode()))
    certainly = _certainly(standing, found)
    possibly = _possibly(lists, standing, seen, found)
    return _entries_of(standing, pl.concat([certainly, possibly])).sort()


def _torn(old: pl.DataFrame, seen: pl.Series) -> pl.Series:
    """Entries whose person has one that is seen."""
    persons = old.filter(pl.col("entry").is_in(seen.implode()))["person"]
    return _entries_of(old, persons)


def _certainly(standing: pl.DataFrame, found: Scored) -> pl.Series:
    """Persons with a certain link to an entry seen, or flagged and with any."""
    certain = _ends(found.edges.filter(pl.col("match_probability") >= CERTAIN))
    linked = pl.col("entry").is_in(_ends(found.edges).implode()) & pl.col("flagged")
    return standing.filter(pl.col("entry").is_in(certain.implode()) | linked)["person"]


def _possibly(
    lists: pl.DataFrame, standing: pl.DataFrame, seen: pl.Series, found: Scored
) -> pl.Series:
    """Persons that somebody seen joins where they are no more than their cores."""
    linked = pl.col("entry").is_in(_ends(found.edges).implode())
    core = pl.struct("person", "core")
    near = standing.filter(linked | (pl.col("core").is_not_null() & linked.any().over(core)))
    cores = near.drop_nulls("core").select(node="entry", key=core)
    held = joined_by_keys(cores).select(entry_l="left", entry_r="right", **_CERTAIN)
    asked = pl.concat([seen, near["entry"]])
    edges = pl.concat([held, found.edges.select(held.columns)])
    joined = cluster(edges, lists.filter(pl.col("entry").is_in(asked.implode()))).entries
    is_seen = pl.col("entry").is_in(seen.implode())
    mixed = joined.filter(is_seen.any().over("cluster") & ~is_seen)["entry"]
    return near.filter(pl.col("entry").is_in(mixed.implode()))["person"]


def _ends(edges: pl.DataFrame) -> pl.Series:
    return pl.concat([edges["entry_l"], edges["entry_r"]]).unique()


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


def _clustered(lists: pl.DataFrame, standing: pl.DataFrame, found: Scored, largest: int) -> Sized:
    """What was seen (`lists`) from its links; every other person as it was."""
    anew = within_cap(cluster(_among(found.edges, lists["entry"]), lists), largest)
    kept = joined_by_keys(standing.select(node="entry", key="person"))
    alone = components(standing["entry"], kept).rename({"node": "entry", "component": "cluster"})
    entries = pl.concat([anew.clusters.entries, alone]).sort("entry")
    flagged = alone.join(standing.filter("flagged"), on="entry", how="semi")["cluster"].unique()
    return Sized(
        replace(anew.clusters, entries=entries),
        pl.concat([anew.flagged, flagged.sort()]),
        anew.oversized,
    )


def _among(edges: pl.DataFrame, entries: pl.Series) -> pl.DataFrame:
    """The edges between these entries; those to persons that stand joined nobody."""
    return edges.filter(pl.all_horizontal(pl.col("entry_l", "entry_r").is_in(entries.implode())))
