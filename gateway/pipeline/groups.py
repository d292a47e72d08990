"""Groups of persons by which linkage quality is told, so that a bias shows.

In: facts of every submission, under persons. Out: for each kind of group which person is in which. Here and nowhere else
do attributes and evidence of linkage meet; what leaves is rates of groups that are not small.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from gateway.pipeline.vintage import Facts, latest_value
from linkage.quality import by_group

KINDS: Final = ("age_band", "sex", "district")
CROSSED: Final = ("district", "age_band")


def quality_by_group(
    evidence: pl.DataFrame, facts: Sequence[Facts]
) -> dict[str, list[dict[str, Any]]]:
    """Kind of group -> rows of `linkage.quality.by_group`. `evidence`: person and sums over their pairs."""
    known = pl.concat([fact.attributes for fact in facts], how="vertical_relaxed")
    values = {
        kind: latest_value(known, "person", kind).select("person", group=kind) for kind in KINDS
    }
    told = {kind: by_group(evidence, frame) for kind, frame in values.items() if frame.height}
    outer, inner = (values[kind] for kind in CROSSED)
    both = outer.join(inner, on="person", suffix="_inner")
    if both.height:
        named = pl.format("{}, {}", "group", "group_inner")
        told["_and_".join(CROSSED)] = by_group(evidence, both.select("person", group=named))
    return told
