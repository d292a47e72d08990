"""Estimates of linkage quality made without truth, from the model's own probabilities.

Go in: likely pairs and clusters. Come out: expected precision and recall with intervals, for the whole
run, by agency pair and by group, and coverage by agency. They assume that the model is right, so they
are a lower bound on doubt, not a measurement. Nothing is told of fewer than ten persons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from linkage.cluster import Clusters
from linkage.intervals import Interval, wilson
from linkage.score import Scored
from linkage.settings import LinkageSettings

# Fewer persons than this are never told of, nor a rate about them.
LEAST_PERSONS = 10
# Sums over pairs: links made, what they are expected to hold, and what is expected to be missed,
# each with the variance of its sum.
SUMS = ("links", "found", "found_variance", "missed", "missed_variance")
_DIGITS = 6


@dataclass(frozen=True)
class Expected:
    """What the model expects of some links: rates between 0 and 1 with 95 % intervals.

    The intervals hold the chance in each pair, as if the model's probabilities were right.
    """

    precision: float
    precision_interval: Interval
    recall: float
    recall_interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, to three places."""
        return {
            "precision": _told(self.precision, self.precision_interval),
            "recall": _told(self.recall, self.recall_interval),
        }


def expected(sums: Mapping[str, float]) -> Expected:
    """Precision and recall from the sums of `SUMS`.

    Matches among pairs are independent draws with the pairs' probabilities (a Poisson binomial), so
    the intervals are Wilson's at the sample size that has their variance; recall's variance is that
    of a ratio, by the delta method.
    """
    links, found, missed = (max(0.0, float(sums[name])) for name in ("links", "found", "missed"))
    varied, lost = (float(sums[name]) for name in ("found_variance", "missed_variance"))
    total = found + missed
    precision = found / links if links else 1.0
    recall = found / total if total else 1.0
    spread = (missed**2 * varied + found**2 * lost) / total**4 if total else 0.0
    return Expected(
        min(1.0, precision),
        wilson(min(1.0, precision), _size(precision, varied / links**2 if links else 0.0, links)),
        recall,
        wilson(recall, _size(recall, spread, total)),
    )


def _size(share: float, variance: float, pairs: float) -> float:
    """How many independent observations a share with this variance is worth."""
    return max(pairs, share * (1 - share) / variance) if variance > 0 else pairs


def _told(rate: float, interval: Interval) -> dict[str, float]:
    return {"rate": round(rate, 3), "low": round(interval.low, 3), "high": round(interval.high, 3)}


def estimate_quality(
    tokens: pl.DataFrame,
    persons: pl.DataFrame,
    clusters: Clusters,
    scored: Scored,
    settings: LinkageSettings,
) -> dict[str, Any]:
    """Expected precision and recall of the links made, coverage, and persons too large to trust.

    Recall counts only pairs that a blocking rule brought together.
    """
    linked = clusters.linked["match_probability"]
    found = float(linked.sum())
    sizes = clusters.entries.group_by("cluster").len()["len"]
    return {
        "expected_precision": _share(found, len(linked)),
        "expected_recall": _share(found, scored.expected_matches),
        "oversized_persons": int((sizes > settings.largest_person).sum()),
        "coverage": _coverage(tokens, persons),
    }


def placed(likely: pl.DataFrame, clusters: Clusters, lists: pl.DataFrame) -> pl.DataFrame:
    """Likely pairs with where they ended: `person_l`, `person_r`, `agency_l`, `agency_r`, `linked`.

    Two entries are linked when they are one person, through others as well as directly. The
    agencies of a pair stand in alphabetical order, whichever entry is whose.
    """
    entries = clusters.entries.join(lists.select("entry", "agency"), on="entry")
    for side in ("l", "r"):
        names = {name: f"{name}_{side}" for name in ("entry", "cluster", "agency")}
        names["cluster"] = f"person_{side}"
        likely = likely.join(entries.rename(names), on=f"entry_{side}")
    ends = pl.concat_list("agency_l", "agency_r").list.sort()
    return likely.with_columns(
        linked=pl.col("person_l") == pl.col("person_r"),
        agency_l=ends.list.first(),
        agency_r=ends.list.last(),
    )


def _sums(weight: float = 1.0) -> dict[str, pl.Expr]:
    """The sums of `SUMS` over placed pairs, each pair counted `weight` times."""
    chance, linked = pl.col("match_probability"), pl.col("linked")
    variance = chance * (1 - chance)
    return {
        "links": linked.sum() * weight,
        "found": chance.filter(linked).sum() * weight,
        "found_variance": variance.filter(linked).sum() * weight,
        "missed": chance.filter(~linked).sum() * weight,
        "missed_variance": variance.filter(~linked).sum() * weight,
    }


def expected_overall(pairs: pl.DataFrame) -> Expected:
    """Of all placed pairs."""
    return expected(pairs.select(**_sums()).row(0, named=True))


def by_agency_pair(pairs: pl.DataFrame, least: int = LEAST_PERSONS) -> list[dict[str, Any]]:
    """Expected quality of the links between each two agencies, and inside an unclean list.

    Links are told to ten. Fewer than `least` persons linked, or likely to be: `withheld`.
    """
    told = pairs.group_by("agency_l", "agency_r").agg(
        persons=pl.col("person_l").n_unique(), **_sums()
    )
    return [
        {"agencies": [row["agency_l"], row["agency_r"]], **_row(row, row["persons"], least)}
        for row in told.sort("agency_l", "agency_r").iter_rows(named=True)
    ]


def evidence_by_person(pairs: pl.DataFrame, clusters: Clusters) -> pl.DataFrame:
    """cluster and the sums of `SUMS` over its likely pairs; one row for every cluster.

    A link lies inside one person. A likely match that was missed lies between two, and counts half
    for each.
    """
    ends = pl.concat(
        pairs.select("linked", "match_probability", cluster=f"person_{side}") for side in "lr"
    )
    summed = ends.group_by("cluster").agg(**_sums(0.5))
    every = clusters.entries.select("cluster").unique()
    return every.join(summed, on="cluster", how="left").with_columns(pl.col(SUMS).fill_null(0.0))


def by_group(
    evidence: pl.DataFrame, groups: pl.DataFrame, least: int = LEAST_PERSONS
) -> list[dict[str, Any]]:
    """Expected quality for each group of persons, so that a bias shows.

    Args:
        evidence: person and the sums of `SUMS`, as `LinkageResult.evidence.persons` has them.
        groups: person (unique), group; a person without one is in no group.
        least: groups of fewer persons are named and withheld.

    Returns:
        A row a group, in order: group, persons (to ten), links (to ten), precision, recall, and
        `lower`: which of the two rates has an interval that ends below the interval of all persons
        in some group.
    """
    both = evidence.join(groups.drop_nulls("group"), on="person")
    whole = expected(both.select(pl.col(SUMS).sum()).row(0, named=True))
    told = both.group_by("group").agg(pl.len().alias("persons"), pl.col(SUMS).sum())
    return [
        {"group": row["group"], "persons": to_ten(row["persons"])}
        | _row(row, row["persons"], least)
        | _lower(row, whole, least)
        for row in told.sort("group").iter_rows(named=True)
    ]


def _row(row: Mapping[str, Any], persons: int, least: int) -> dict[str, Any]:
    if persons < least or row["links"] < least:
        return {"withheld": True, "links": None, "precision": None, "recall": None}
    return {"withheld": False, "links": to_ten(row["links"]), **expected(row).to_dict()}


def _lower(row: Mapping[str, Any], whole: Expected, least: int) -> dict[str, list[str]]:
    if row["persons"] < least or row["links"] < least:
        return {"lower": []}
    own = expected(row)
    ends = {
        "precision": (own.precision_interval.high, whole.precision_interval.low),
        "recall": (own.recall_interval.high, whole.recall_interval.low),
    }
    return {"lower": [name for name, (high, low) in ends.items() if high < low]}


def to_ten(count: float) -> int | None:
    """A count to ten; None for fewer than ten, which nobody is told."""
    return None if count < LEAST_PERSONS else int(round(count, -1))


def rate_at(part: float, whole: float, digits: int = 3) -> float | None:
    """A share of at least ten; None of fewer."""
    return None if whole < LEAST_PERSONS else round(min(1.0, part / whole), digits)


def _share(part: float, whole: float) -> float:
    """A share to six places: the order in which threads add up shows in later ones."""
    return round(min(1.0, part / whole), _DIGITS) if whole else 1.0


def _coverage(tokens: pl.DataFrame, persons: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Per agency: persons known to it, and the share of them known to another agency too."""
    known = (
        tokens.select("record", "agency").join(persons, on="record").unique(["agency", "cluster"])
    )
    counted = (
        known.with_columns((pl.len().over("cluster") > 1).alias("elsewhere"))
        .group_by("agency")
        .agg(pl.len().alias("persons"), pl.col("elsewhere").mean().alias("share"))
        .sort("agency")
    )
    return {
        row["agency"]: {"persons": row["persons"], "share_known_elsewhere": row["share"]}
        for row in counted.iter_rows(named=True)
    }
