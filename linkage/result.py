"""What a linkage run leaves, and how it is put together from clusters: group, name, tell.

Goes in: token records, clusters and what they rest on. Comes out: `LinkageResult`. No score or edge
is in it, and no token.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import polars as pl

from linkage.cluster import CERTAIN
from linkage.evidence import Evidence, gather_evidence
from linkage.families import group_families
from linkage.history import changes_between
from linkage.identity import keep_ids
from linkage.model import Model, rule_name
from linkage.oversized import Sized
from linkage.profiles import Profiles
from linkage.quality import estimate_quality
from linkage.score import Scored
from linkage.settings import LinkageSettings
from linkage.threshold import choose_threshold
from linkage.told import Told
from linkage.train import parameters_of

Progress = Callable[[str, float], None]
_LIBRARIES = ("splink", "duckdb", "polars", "sqlglot")


@dataclass(frozen=True)
class LinkageResult:
    """What a run leaves.

    Attributes:
        persons: record, person. families: person, family. Ids are 32 hex digits, random.
        quality: estimates made without truth. parameters: model, thresholds, seed, versions.
        counts: records, entries, persons, families and the like.
        changes: what became of each person of the run before (see `linkage.history`).
        flagged: ids of the persons that are parts of one that was over the cap.
        cores: record, core: which core of its person (numbered from 1) certain links alone make
            the record a part of; null for none.
        evidence: what the scores said; `evidence.persons` has person in place of cluster.
    """

    persons: pl.DataFrame
    families: pl.DataFrame
    quality: Mapping[str, Any]
    parameters: Mapping[str, Any]
    counts: Mapping[str, int]
    changes: pl.DataFrame
    flagged: pl.Series
    cores: pl.DataFrame
    evidence: Evidence

    def links(self) -> pl.DataFrame:
        """record, person, family, flagged, core: what the next run is given as the previous one."""
        flagged = pl.col("person").is_in(self.flagged.implode())
        placed = self.persons.join(self.families, on="person", maintain_order="left")
        return placed.with_columns(flagged=flagged).join(
            self.cores, on="record", maintain_order="left"
        )


@dataclass(frozen=True)
class Decided:
    """What a run has decided: the clusters, the scores they rest on, cores (see `regroup`), parameters."""

    profiles: Profiles
    scored: Scored
    sized: Sized
    cores: pl.DataFrame
    parameters: Mapping[str, Any]


def result_of(
    told: Told,
    decided: Decided,
    settings: LinkageSettings,
    previous: pl.DataFrame | None,
    tell: Progress,
) -> LinkageResult:
    """Group the clusters into families, and give persons and families their ids."""
    tell("group", 0.85)
    clusters = decided.sized.clusters
    members = decided.profiles.members.join(clusters.entries, on="entry")
    persons = members.select("record", "cluster")
    grouped = group_families(told, persons, settings.family)
    tell("name", 0.95)
    of_cluster, families = _named(persons, grouped, previous)
    named = persons.join(of_cluster, on="cluster").select("record", "person")
    flagged = of_cluster.filter(pl.col("cluster").is_in(decided.sized.flagged.implode()))
    quality = estimate_quality(told.records, persons, clusters, decided.scored, settings)
    return LinkageResult(
        named,
        families,
        {**quality, **_told_with_quality(decided)},
        decided.parameters,
        _counts(decided, families),
        changes_between(previous, named),
        flagged["person"],
        _numbered_cores(members.select("record", "cluster", "entry"), decided.cores),
        _evidence(decided, of_cluster),
    )


def parameters_of_run(
    model: Model, scored: Scored, left_out: tuple[str, ...], settings: LinkageSettings
) -> dict[str, Any]:
    """How the run was done, JSON-able; with it and the same records it can be repeated."""
    trained = scored.trained
    threshold = scored.threshold or choose_threshold(scored.histogram, settings.link_at)
    return {
        **settings.to_dict(),
        "link_at": threshold.link_at,
        "link_at_chosen_by_model": threshold.chosen,
        "trade_off": threshold.to_dict()["trade_off"],
        "mode": "full",
        "certain_from": CERTAIN,
        "model": trained and parameters_of(trained.settings),
        "bounded_levels": list(trained.bounded) if trained else [],
        "frequencies": any(level.tf for each in model.comparisons for level in each.levels),
        "blocking": list(model.blocking),
        "blocking_left_out": list(left_out),
        "blocking_names": [rule_name(rule) for rule in (*model.blocking, *left_out)],
        "versions": {library: version(library) for library in _LIBRARIES},
    }


def _numbered_cores(members: pl.DataFrame, cores: pl.DataFrame) -> pl.DataFrame:
    """record, core, numbered in each person by the names of its records, which say nothing.

    An entry's number would say something: entries are numbered in the order of their tokens.
    """
    held = members.join(cores, on="entry", how="left", maintain_order="left")
    of_core = held.drop_nulls("core").group_by("cluster", "core").agg(pl.col("record").min())
    # A rank within each of a million clusters takes ten times as long as one sort of all.
    numbered = of_core.sort("cluster", "record").with_row_index("at")
    number = pl.col("at") - pl.col("at").min().over("cluster") + 1
    numbered = numbered.select("cluster", "core", number=number.cast(pl.UInt32))
    found = held.join(numbered, on=["cluster", "core"], how="left", maintain_order="left")
    return found.select("record", core="number")


def _evidence(decided: Decided, of_cluster: pl.DataFrame) -> Evidence:
    lists, clusters = decided.profiles.lists, decided.sized.clusters
    gathered = gather_evidence(decided.scored, clusters, lists, decided.parameters)
    return replace(
        gathered, persons=gathered.persons.join(of_cluster, on="cluster").drop("cluster")
    )


def _told_with_quality(decided: Decided) -> dict[str, Any]:
    """How many persons were over the cap, and which pairs the estimates are of."""
    whole = decided.parameters["mode"] == "full"
    scope = "all pairs compared" if whole else "pairs with something new"
    return {"oversized_persons": decided.sized.oversized, "scope": scope}


def _counts(decided: Decided, families: pl.DataFrame) -> dict[str, int]:
    return {
        "records": decided.profiles.members.height,
        "entries": decided.profiles.lists.height,
        "profiles": decided.profiles.members["profile"].n_unique(),
        "entry_pairs_compared": decided.scored.compared,
        "persons": families["person"].n_unique(),
        "families": families["family"].n_unique(),
        "links_refused_by_clean_lists": decided.sized.clusters.refused,
    }


def _named(
    persons: pl.DataFrame, grouped: pl.DataFrame, previous: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """cluster, person and person, family with their ids, old ones where they still fit."""
    in_family = persons.join(grouped, on="cluster")
    of_person = keep_ids(persons.select("record", group="cluster"), _old_ids(previous, "person"))
    of_family = keep_ids(in_family.select("record", group="family"), _old_ids(previous, "family"))
    person = pl.col("cluster").replace_strict(of_person, return_dtype=pl.String)
    family = pl.col("family").replace_strict(of_family, return_dtype=pl.String)
    clusters = grouped.select("cluster", person=person)
    return clusters, grouped.select(person=person, family=family)


def _old_ids(previous: pl.DataFrame | None, kind: str) -> pl.DataFrame | None:
    return None if previous is None else previous.select("record", id=kind)
