"""Estimates of linkage quality made without truth, from the model's own probabilities.

Goes in: scores and clusters. Come out: expected precision and recall and coverage by agency. They
assume that the model is right, so they are a lower bound on doubt, not a measurement.
"""

from typing import Any

import polars as pl

from linkage.cluster import Clusters
from linkage.score import Scored
from linkage.settings import LinkageSettings


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


def _share(part: float, whole: float) -> float:
    """A share to six places: the order in which threads add up shows in later ones."""
    return round(min(1.0, part / whole), 6) if whole else 1.0


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
