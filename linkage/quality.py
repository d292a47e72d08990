"""Estimates of linkage quality made without truth, from the model's own probabilities.

Go in: likely pairs and clusters. Come out: expected precision and recall with intervals, for the whole
run, by agency pair and by group, and coverage by agency. They assume that the model is right, so they
are a lower bound on doubt, not a measurement. Nothing is told of fewer than ten persons.
"""

import re
from dataclasses import dataclass
from math import ceil
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
_TAIL = 0.025
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Expected:
    """What the model expects of some links: rates between 0 and 1 with 95 % intervals."""

    precision: float
    precision_interval: Interval
    recall: float
    recall_interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, to four places."""
        return {
            "precision": _told(self.precision, self.precision_interval),
            "recall": _told(self.recall, self.recall_interval),
        }


def expected(units: pl.DataFrame) -> Expected:
    """Precision and recall of the links of some units (persons), which have the sums of `SUMS`.

    Intervals rest on the sample size that has the variance of the rate. It is made of the chance in each
    pair, whose matches are independent draws if the model is right, and of the spread between units as for
    a ratio of totals (Cochran 1977, chapter 6): the pairs of one person are hard or easy together.
    """
    of = pl.col
    total = units.select(of(SUMS).sum()).row(0, named=True)
    links, found, missed = total["links"], total["found"], total["missed"]
    matches = found + missed
    precision = min(1.0, found / links) if links else 1.0
    recall = found / matches if matches else 1.0
    apart = units.select(
        precision=((of("found") - precision * of("links")) ** 2).sum(),
        recall=((of("found") - recall * (of("found") + of("missed"))) ** 2).sum(),
    ).row(0, named=True)
    chance = (1 - recall) ** 2 * total["found_variance"] + recall**2 * total["missed_variance"]
    varied = total["found_variance"] + apart["precision"]
    return Expected(
        precision,
        _interval(precision, _size(precision, varied, links)),
        recall,
        _interval(recall, _size(recall, chance + apart["recall"], matches)),
    )


def _interval(share: float, size: float) -> Interval:
    """Where 95 % of draws of this share fall (binomial), or Wilson's interval where that is wider.

    The first holds what is drawn near 0 and 1, the second keeps few sure links from looking certain.
    """
    from scipy.special import bdtrik

    drawn, around = max(1.0, round(size)), wilson(share, size)
    if not 0 < share < 1 or size < 1:
        return around
    few, many = (float(bdtrik(tail, drawn, 1 - share)) for tail in (_TAIL, 1 - _TAIL))
    least, most = 1 - ceil(many) / drawn, 1 - max(0, ceil(few)) / drawn
    return Interval(min(around.low, max(0.0, least)), max(around.high, min(1.0, most)))


def _size(share: float, variance: float, pairs: float) -> float:
    """How many independent observations a share is worth; `variance` is that of its numerator."""
    spread = share * (1 - share)
    # Sure of everything: as many as there are pairs.
    return spread * pairs**2 / variance if variance > 0 and spread > 0 else pairs


def _told(rate: float, interval: Interval) -> dict[str, float]:
    told = {"rate": rate, "low": interval.low, "high": interval.high}
    return {name: share_told(value) for name, value in told.items()}


def share_told(share: float, digits: int = 4) -> float:
    """A share in few places; what is not all is never told as all."""
    return 1.0 if share >= 1 else min(round(share, digits), 1 - 10**-digits)


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
    one, other = pl.col("agency_l"), pl.col("agency_r")
    in_order = one <= other
    return likely.with_columns(
        linked=pl.col("person_l") == pl.col("person_r"),
        agency_l=pl.when(in_order).then(one).otherwise(other),
        agency_r=pl.when(in_order).then(other).otherwise(one),
    )


def _parts(weight: float = 1.0) -> dict[str, pl.Expr]:
    """What a placed pair, counted `weight` times, adds to the sums of `SUMS`."""
    chance, linked = pl.col("match_probability") * weight, pl.col("linked").cast(pl.Float64)
    variance = chance * (1 - pl.col("match_probability"))
    return {
        "links": linked * weight,
        "found": chance * linked,
        "found_variance": variance * linked,
        "missed": chance * (1 - linked),
        "missed_variance": variance * (1 - linked),
    }


def by_agency_pair(pairs: pl.DataFrame, least: int = LEAST_PERSONS) -> list[dict[str, Any]]:
    """Expected quality of the links between each two agencies, and inside an unclean list.

    Links are told to ten. Fewer than `least` persons or links: `withheld`.
    """
    agencies = ["agency_l", "agency_r"]
    added = pairs.select(*agencies, "person_l", **_parts())
    units = added.group_by(*agencies, "person_l").agg(pl.col(SUMS).sum())
    parts = units.partition_by(agencies, as_dict=True)
    return [
        {"agencies": [str(key[0]), str(key[1])], **_row(part, least)}
        for key, part in sorted(parts.items())
    ]


def evidence_by_person(pairs: pl.DataFrame) -> pl.DataFrame:
    """cluster and the sums of `SUMS` over its likely pairs; persons without any are not there.

    A link lies inside one person. A likely match that was missed lies between two, and counts half
    for each.
    """
    inside = pairs.filter("linked").select(cluster="person_l", **_parts())
    between = pairs.filter(~pl.col("linked"))
    ends = (between.select(cluster=f"person_{side}", **_parts(0.5)) for side in "lr")
    return pl.concat([inside, *ends]).group_by("cluster").agg(pl.col(SUMS).sum())


def by_group(
    evidence: pl.DataFrame, groups: pl.DataFrame, least: int = LEAST_PERSONS
) -> list[dict[str, Any]]:
    """Expected quality for each group of persons, so that a bias shows.

    Args:
        evidence: person and the sums of `SUMS`, as `LinkageResult.evidence.persons` has them.
        groups: person (unique), group; a person without one is in no group, one without evidence
            counts as a person without links.
        least: groups of fewer persons, or with fewer links, are named and withheld.

    Returns:
        A row a group, in order: group, persons and links (to ten), precision, recall, and `lower`: the
        rates whose interval ends below the interval of all persons that are in some group.
    """
    both = (
        groups.drop_nulls("group")
        .join(evidence, on="person", how="left")
        .with_columns(pl.col(SUMS).fill_null(0.0))
    )
    whole = expected(both)
    parts = {str(key[0]): part for key, part in both.partition_by("group", as_dict=True).items()}
    return [
        {"group": name, "persons": to_ten(part.height), **_row(part, least)}
        | {"lower": _lower(part, whole, least)}
        for name, part in sorted(parts.items(), key=lambda each: _in_order(each[0]))
    ]


def _in_order(group: str) -> tuple[float, str]:
    """Bands of numbers by their first number, names by the alphabet."""
    first = _NUMBER.match(group)
    return (float(first.group()) if first else float("inf"), group)


def _row(units: pl.DataFrame, least: int) -> dict[str, Any]:
    if _is_small(units, least):
        return {"withheld": True, "links": None, "precision": None, "recall": None}
    links = float(units["links"].sum())
    return {"withheld": False, "links": to_ten(links), **expected(units).to_dict()}


def _is_small(units: pl.DataFrame, least: int) -> bool:
    return units.height < least or bool(units["links"].sum() < least)


def _lower(units: pl.DataFrame, whole: Expected, least: int) -> list[str]:
    if _is_small(units, least):
        return []
    own = expected(units)
    ends = {
        "precision": (own.precision_interval.high, whole.precision_interval.low),
        "recall": (own.recall_interval.high, whole.recall_interval.low),
    }
    return [name for name, (high, low) in ends.items() if high < low]


def to_ten(count: float) -> int | None:
    """A count to ten; None for fewer than ten, which nobody is told."""
    return None if count < LEAST_PERSONS else int(round(count, -1))


def rate_at(part: float, whole: float, digits: int = 4) -> float | None:
    """A share of at least ten; None of fewer."""
    return None if whole < LEAST_PERSONS else share_told(part / whole, digits)


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
