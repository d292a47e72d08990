"""Clustering only what is new gives the persons that clustering everything gives."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.cluster import cluster
from linkage.oversized import within_cap
from linkage.regroup import Earlier, cores_of, regroup
from linkage.score import Scored

title = "Clustering only what is new gives the persons that clustering everything gives"

ENTRIES = 14
# Clustering trusts certain links further than others.
CERTAIN_FROM = 8
EDGES = {
    "entry_l": pl.UInt32,
    "entry_r": pl.UInt32,
    "match_weight": pl.Float64,
    "match_probability": pl.Float64,
}
LISTS = {"entry": pl.UInt32, "list_no": pl.UInt32}

pairs = st.tuples(st.integers(1, ENTRIES), st.integers(1, ENTRIES)).filter(lambda p: p[0] < p[1])
# Few weights, so that ties are common; few lists, so that conflicts are.
links = st.dictionaries(pairs, st.integers(5, 12), max_size=30)
list_of = st.lists(st.integers(1, 4) | st.none(), min_size=ENTRIES, max_size=ENTRIES)
some = st.sets(st.integers(1, ENTRIES))


def lists_of(entries, list_numbers):
    """An entry outside clean lists is a list of its own."""
    of = {e: n or 100 + e for e, n in enumerate(list_numbers, start=1)}
    rows = [(e, of[e]) for e in sorted(entries)]
    return pl.DataFrame(rows, schema=LISTS, orient="row")


def edges_of(weights, entries, lists):
    """The edges among these entries, none within one list, best first."""
    held = dict(lists.iter_rows())
    rows = [
        (left, right, float(weight), 0.9999 if weight > CERTAIN_FROM else 0.99)
        for (left, right), weight in weights.items()
        if left in entries and right in entries and held[left] != held[right]
    ]
    return pl.DataFrame(rows, schema=EDGES, orient="row").sort(
        ["match_weight", "entry_l", "entry_r"], descending=[True, False, False]
    )


def scoring(edges):
    """A way to score that answers only what it is asked, and counts how much that is."""

    def score(chosen, seen):
        left, right = pl.col("entry_l"), pl.col("entry_r")
        asked = left.is_in(chosen.implode()) | right.is_in(chosen.implode())
        done = left.is_in(seen.implode()) | right.is_in(seen.implode())
        told = edges.filter(asked & ~done)
        return Scored(told, told.height, float(told.height))

    return score


def groups(entries):
    return {frozenset(each) for each in entries.group_by("cluster").agg("entry")["entry"].to_list()}


def held(cores):
    return groups(cores.drop_nulls("core").rename({"core": "cluster"}))


def flagged_groups(sized):
    return groups(sized.clusters.entries.filter(pl.col("cluster").is_in(sized.flagged.implode())))


def earlier_of(sized, cores, present, new_evidence):
    """The persons of a run, as the next run finds them: without the entries that are gone."""
    before = sized.clusters.entries.join(cores, on="entry")
    flagged = pl.col("cluster").is_in(sized.flagged.implode())
    before = before.with_columns(flagged=flagged).rename({"cluster": "person"})
    is_present = pl.col("entry").is_in(sorted(present))
    gone = before.filter(~is_present)
    return Earlier(
        before.filter(is_present),
        pl.Series(sorted(new_evidence), dtype=pl.UInt32),
        gone["person"].unique(),
        bool(gone["flagged"].any()),
    )


@settings(max_examples=150, deadline=None)
@given(links, links, list_of, some, some, st.integers(2, 6))
def test_new_and_gone_entries_and_better_links(weights, better, list_numbers, before, now, cap):
    everything = range(1, ENTRIES + 1)
    lists = lists_of(everything, list_numbers)
    lists_before, lists_now = (lists.filter(pl.col("entry").is_in(list(e))) for e in (before, now))
    edges_before = edges_of(weights, before, lists)
    old = within_cap(cluster(edges_before, lists_before), cap)
    cores = cores_of(edges_before, lists_before)
    # A better link among old entries comes of something new that one of them shows.
    showing = {left for left, right in better if left in before & now and right in now}
    raised = {
        pair: max(weight, weights.get(pair, 0))
        for pair, weight in better.items()
        if pair[0] in showing or not set(pair) <= before
    }
    edges_now = edges_of(weights | raised, now, lists)
    whole = within_cap(cluster(edges_now, lists_now), cap)

    fresh = (now - before) | showing
    earlier = earlier_of(old, cores, now, fresh)
    part = regroup(lists_now, earlier, scoring(edges_now), cap, most_in_doubt=1.0)

    assert groups(part.sized.clusters.entries) == groups(whole.clusters.entries)
    assert flagged_groups(part.sized) == flagged_groups(whole)
    assert held(part.cores) == held(cores_of(edges_now, lists_now))
    assert part.scored.compared <= edges_now.height


@settings(max_examples=100, deadline=None)
@given(links, list_of, some, st.integers(2, 6))
def test_when_nothing_is_new_nothing_is_scored(weights, list_numbers, entries, cap):
    lists = lists_of(entries, list_numbers)
    edges = edges_of(weights, entries, lists)
    old = within_cap(cluster(edges, lists), cap)

    earlier = earlier_of(old, cores_of(edges, lists), entries, set())
    part = regroup(lists, earlier, scoring(edges), cap)

    assert part.rounds == part.scored.compared == part.dissolved == 0
    assert groups(part.sized.clusters.entries) == groups(old.clusters.entries)
    assert flagged_groups(part.sized) == flagged_groups(old)


@settings(max_examples=100, deadline=None)
@given(links, list_of, some, st.integers(2, 6))
def test_no_person_holds_a_list_twice_or_is_over_the_cap(weights, list_numbers, entries, cap):
    lists = lists_of(entries, list_numbers)
    sized = within_cap(cluster(edges_of(weights, entries, lists), lists), cap)
    list_of_entry = dict(lists.iter_rows())

    for group in groups(sized.clusters.entries):
        assert len({list_of_entry[entry] for entry in group}) == len(group) <= cap
