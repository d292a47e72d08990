"""What the scores of a run say of it, gathered before they are dropped.

Go in: scores, clusters, lists and the run's parameters. Come out: figures for the report (counts to ten), a review
sample, and sums of evidence by person. No pair, entry, record or token is in them; the sums are for
the memory of the job and are not stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from linkage.cluster import Clusters
from linkage.likely import BINS_PER_BIT
from linkage.quality import (
    by_agency_pair,
    evidence_by_person,
    expected,
    placed,
    rate_at,
    share_told,
    to_ten,
)
from linkage.review import ReviewSample, draw_review
from linkage.score import Scored

# Registrations of one person, as the report bands them: first and last.
SIZES = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 6), (7, 9), (10, 24), (25, None))
# Bits beyond which a match weight says no more.
_LEAST_BITS, _MOST_BITS = -30, 40


@dataclass(frozen=True)
class Evidence:
    """`figures` and `review` may be kept; `persons` (cluster and the sums of `quality.SUMS`) may not."""

    figures: Mapping[str, Any]
    review: ReviewSample
    persons: pl.DataFrame = field(repr=False)


def gather_evidence(
    scored: Scored, clusters: Clusters, lists: pl.DataFrame, parameters: Mapping[str, Any]
) -> Evidence:
    """Gather it. `lists`: entry, list_no, agency, as in `Profiles`; `parameters`: those of the run."""
    pairs = placed(scored.likely, clusters, lists)
    link_at = float(parameters["link_at"])
    model = parameters["model"] or {"levels": {}}
    levels = {name: tuple(each) for name, each in model["levels"].items()}
    review = draw_review(pairs, levels, link_at=link_at, seed=int(parameters["seed"]))
    persons = evidence_by_person(pairs)
    figures = {
        "expected": expected(persons).to_dict(),
        "match_weights": match_weights(scored.histogram),
        "trade_off": trade_off(scored, parameters),
        "cluster_sizes": cluster_sizes(clusters),
        "agency_pairs": by_agency_pair(pairs),
        "coverage": coverage(clusters, lists),
    }
    return Evidence(figures, review, persons)


def match_weights(histogram: pl.DataFrame) -> list[dict[str, Any]]:
    """A row a bit of match weight, ascending: from, to, pairs and the matches expected among them."""
    bits = (pl.col("bin") // BINS_PER_BIT).clip(_LEAST_BITS, _MOST_BITS).alias("bit")
    told = histogram.group_by(bits).agg(pl.col("pairs").sum(), pl.col("expected").sum()).sort("bit")
    return [
        {
            "from": row["bit"],
            "to": row["bit"] + 1,
            "pairs": to_ten(row["pairs"]),
            "expected_matches": to_ten(row["expected"]),
        }
        for row in told.iter_rows(named=True)
    ]


def trade_off(scored: Scored, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a threshold, ascending: links that it would make, expected precision and recall.

    Those that the threshold was chosen from (`linkage.threshold`), and the one in force if it was set by a
    person. Of pairs as they were scored: what a clean list or a third record changes is left out.
    """
    link_at = float(parameters["link_at"])
    rows = {row["threshold"]: row for row in parameters.get("trade_off", ())}
    if link_at not in rows:
        chance = scored.likely["match_probability"]
        above = chance.filter(chance >= link_at)
        found, every = float(above.sum()), scored.expected_matches
        rates = {"precision": found / max(1, len(above)), "recall": found / every if every else 1.0}
        rows[link_at] = {"threshold": link_at, "links": len(above), **rates}
    return [
        {
            "threshold": threshold,
            "links": to_ten(row["links"]),
            "precision": _rate(row, "precision"),
            "recall": _rate(row, "recall"),
            "is_used": threshold == link_at,
        }
        for threshold, row in sorted(rows.items())
    ]


def _rate(row: Mapping[str, Any], name: str) -> float | None:
    return None if to_ten(row["links"]) is None else share_told(row[name])


def cluster_sizes(clusters: Clusters) -> list[dict[str, Any]]:
    """A row a band of sizes: registrations of one person, and how many persons have so many."""
    sizes = clusters.entries.group_by("cluster").len()["len"]
    return [
        {"least": least, "most": most, "persons": to_ten(_within(sizes, least, most))}
        for least, most in SIZES
    ]


def _within(sizes: pl.Series, least: int, most: int | None) -> int:
    return int(((sizes >= least) & (sizes <= (most or sizes.max() or 0))).sum())


def coverage(clusters: Clusters, lists: pl.DataFrame) -> list[dict[str, Any]]:
    """A row an agency: persons it knows, and the share of them that another agency knows too."""
    joined = lists.select("entry", "agency").join(clusters.entries, on="entry")
    known = joined.select("cluster", pl.col("agency").cast(pl.Categorical)).unique()
    counted = (
        known.with_columns(elsewhere=pl.col("cluster").is_duplicated())
        .group_by("agency")
        .agg(persons=pl.len(), elsewhere=pl.col("elsewhere").sum())
        .with_columns(pl.col("agency").cast(pl.String))
        .sort("agency")
    )
    return [
        {
            "agency": row["agency"],
            "persons": to_ten(row["persons"]),
            "known_elsewhere": rate_at(row["elsewhere"], row["persons"], digits=2),
        }
        for row in counted.iter_rows(named=True)
    ]
