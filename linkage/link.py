"""Link: token records in, random person and family ids out, with how it was done and how well.

The use case of this library: collapse, train, score, cluster, group, name. It sees tokens only,
writes nothing to disk, and leaves no score or edge behind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import polars as pl

from linkage.cluster import cluster
from linkage.engine import open_engine
from linkage.families import group_families
from linkage.identity import keep_ids
from linkage.model import Model, model_for, without_frequencies
from linkage.profiles import Profiles, collapse
from linkage.quality import estimate_quality
from linkage.score import Scored, nothing_scored, score, within_reach
from linkage.settings import LinkageSettings
from linkage.train import PROFILES, Trained, parameters_of, train

Progress = Callable[[str, float], None]
# With fewer profiles a name's share of them says little of how common it is. A model trained on
# the records themselves needs no such care, since its u then comes from the same few.
FEWEST_FOR_FREQUENCIES = 1000
_LIBRARIES = ("splink", "duckdb", "polars", "sqlglot")


@dataclass(frozen=True)
class LinkageResult:
    """What a run leaves.

    Attributes:
        persons: record, person. families: person, family. Ids are 32 hex digits, random.
        quality: estimates made without truth. parameters: model, thresholds, seed, versions.
        counts: records, entries, persons, families and the like.
    """

    persons: pl.DataFrame
    families: pl.DataFrame
    quality: Mapping[str, Any]
    parameters: Mapping[str, Any]
    counts: Mapping[str, int]


def link_records(
    tokens: pl.DataFrame,
    settings: LinkageSettings,
    *,
    previous: pl.DataFrame | None = None,
    progress: Progress | None = None,
) -> LinkageResult:
    """Find the persons and families in token records.

    Args:
        tokens: record (unique), agency, dataset, clean_list, seen_on and token columns; columns
            may be absent or null.
        previous: record, person, family of the last run; its ids are kept where they still fit.
        progress: told the name of each step and the share done (0 to 1).

    Raises:
        TokensInvalid, ModelUntrained, LinkageFailed: see each; none quotes a value.
    """
    tell = progress or (lambda step, share: None)
    tell("collapse", 0.0)
    profiles = collapse(tokens)
    scored, parameters = _score(profiles, settings, tell)
    tell("cluster", 0.8)
    clusters = cluster(scored.edges, profiles.lists)
    tell("group", 0.85)
    persons = profiles.members.join(clusters.entries, on="entry").select("record", "cluster")
    grouped = group_families(tokens, persons, settings.family)
    tell("name", 0.95)
    named, families = _named(persons, grouped, previous)
    counts = {
        "records": tokens.height,
        "entries": profiles.lists.height,
        "profiles": profiles.frame.height,
        "entry_pairs_compared": scored.compared,
        "persons": families["person"].n_unique(),
        "families": families["family"].n_unique(),
        "links_refused_by_clean_lists": clusters.refused,
    }
    quality = estimate_quality(tokens, persons, clusters, scored, settings)
    return LinkageResult(named, families, quality, parameters, counts)


def _score(
    profiles: Profiles, settings: LinkageSettings, tell: Progress
) -> tuple[Scored, dict[str, Any]]:
    whole = model_for(profiles.frame.columns)
    if not (whole.comparisons and whole.blocking):
        return nothing_scored(), _parameters(whole, None, (), settings)
    with open_engine(settings) as engine:
        engine.load(PROFILES, profiles.frame)
        kept, left_out = within_reach(engine, whole.blocking, settings.widest_rule)
        model = replace(whole, blocking=kept)
        if settings.model is not None and profiles.frame.height < FEWEST_FOR_FREQUENCIES:
            model = without_frequencies(model)
        tell("train", 0.1)
        trained = train(engine, model, settings)
        tell("score", 0.5)
        scored = score(engine, trained, settings)
    return scored, _parameters(model, trained, left_out, settings)


def _parameters(
    model: Model, trained: Trained | None, left_out: tuple[str, ...], settings: LinkageSettings
) -> dict[str, Any]:
    return {
        **settings.to_dict(),
        "model": trained and parameters_of(trained.settings),
        "bounded_levels": list(trained.bounded) if trained else [],
        "blocking": list(model.blocking),
        "blocking_left_out": list(left_out),
        "versions": {library: version(library) for library in _LIBRARIES},
    }


def _named(
    persons: pl.DataFrame, grouped: pl.DataFrame, previous: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """record, person and person, family with their ids, old ones where they still fit."""
    in_family = persons.join(grouped, on="cluster")
    of_person = keep_ids(persons.select("record", group="cluster"), _old_ids(previous, "person"))
    of_family = keep_ids(in_family.select("record", group="family"), _old_ids(previous, "family"))
    person = pl.col("cluster").replace_strict(of_person, return_dtype=pl.String)
    family = pl.col("family").replace_strict(of_family, return_dtype=pl.String)
    return persons.select("record", person=person), grouped.select(person=person, family=family)


def _old_ids(previous: pl.DataFrame | None, kind: str) -> pl.DataFrame | None:
    return None if previous is None else previous.select("record", id=kind)
