"""Measured quality of parts of a labelled sample: by agency pair, and by the groups that the sample names.

In: registrations with their true person. Out: rates of counts that are told to ten, so that nobody learns of one pair by
naming a small group; parts with fewer than ten pairs are withheld.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from linkage.evaluate import NO_GROUP, PairQuality, pair_quality, pair_quality_between
from linkage.intervals import wilson
from linkage.quality import share_told, to_ten

WITHHELD: dict[str, Any] = {"withheld": True, "precision": None, "recall": None}


def by_agency_pair(items: pl.DataFrame) -> list[dict[str, Any]]:
    """A row for each two agencies, and for each unclean list within itself.

    `items`: item, agency, person, true_person.
    """
    between = pair_quality_between(*_sides(items), items.select("item", "agency"), item="item")
    return [{"agencies": list(pair), **_told(part)} for pair, part in sorted(between.items())]


def by_group(items: pl.DataFrame, kinds: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Kind -> a row for each of its groups; a pair counts for the group of either registration.

    `items`: as above, and a column `group_<kind>` for each kind, null for a row in no group.
    """
    return {kind: _of_kind(items, kind) for kind in kinds}


def _of_kind(items: pl.DataFrame, kind: str) -> list[dict[str, Any]]:
    groups = items.select("item", f"group_{kind}")
    parts = pair_quality(*_sides(items), groups, item="item").by_group
    return [
        {"group": group, **_told(part)}
        for group, part in sorted(parts.items())
        if group != NO_GROUP
    ]


def _told(part: PairQuality) -> dict[str, Any]:
    found, true = to_ten(part.found), to_ten(part.true)
    if found is None or true is None:
        return WITHHELD
    agreed = to_ten(part.agreed) or 0
    return {"withheld": False, "precision": _rate(agreed, found), "recall": _rate(agreed, true)}


def _rate(agreed: int, pairs: int) -> dict[str, float]:
    rate = min(1.0, agreed / pairs)
    low, high = wilson(rate, pairs)
    told = {"rate": rate, "low": low, "high": high}
    return {name: share_told(value, 3) for name, value in told.items()}


def _sides(items: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    return items.select("item", "person"), items.select("item", person="true_person")
