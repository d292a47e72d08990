"""Link: token records in, random person and family ids out, with how it was done and how well.

The use case of this library: collapse, train, score, cluster, group, name. It sees tokens only,
writes nothing to disk, and leaves no score or edge behind.
"""

from dataclasses import replace
from typing import Any

import polars as pl

from linkage.cluster import cluster
from linkage.crowds import heeding_marks
from linkage.engine import open_engine
from linkage.model import model_for, without_frequencies
from linkage.oversized import within_cap
from linkage.profiles import Profiles, collapse
from linkage.regroup import cores_of
from linkage.result import Decided, LinkageResult, Progress, parameters_of_run, result_of
from linkage.score import Scored, nothing_scored, score, within_reach
from linkage.settings import LinkageSettings
from linkage.told import told_once
from linkage.train import PROFILES, train

# With fewer profiles a name's share of them says little of how common it is. A model trained on
# the records themselves needs no such care, since its u then comes from the same few.
FEWEST_FOR_FREQUENCIES = 1000


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
            may be absent or null. What `told_again` would fill in may be missing. They are let
            go of at once: a caller who does so too has their memory free.
        previous: record, person, family of the last run; its ids are kept where they still fit.
        progress: told the name of each step and the share done (0 to 1).

    Raises:
        TokensInvalid, ModelUntrained, LinkageFailed: see each; none quotes a value.
    """
    tell = progress or (lambda step, share: None)
    tell("collapse", 0.0)
    told = told_once(tokens)
    del tokens
    profiles = collapse(told, settings)
    scored, parameters = _score(profiles, settings, tell)
    tell("cluster", 0.8)
    sized = within_cap(cluster(scored.edges, profiles.lists), settings.largest_person)
    cores = cores_of(scored.edges, profiles.lists)
    decided = Decided(profiles, scored, sized, cores, parameters)
    return result_of(told, decided, settings, previous, tell)


def _score(
    profiles: Profiles, settings: LinkageSettings, tell: Progress
) -> tuple[Scored, dict[str, Any]]:
    columns, height = profiles.frame.columns, profiles.frame.height
    whole = heeding_marks(model_for(columns), columns)
    if not (whole.comparisons and whole.blocking):
        return nothing_scored(), parameters_of_run(whole, nothing_scored(), (), settings)
    with open_engine(settings) as engine:
        engine.load(PROFILES, profiles.handed_over())
        kept, left_out = within_reach(engine, whole.blocking, settings.widest_rule)
        model = replace(whole, blocking=kept)
        if settings.model is not None and height < FEWEST_FOR_FREQUENCIES:
            model = without_frequencies(model)
        tell("train", 0.1)
        trained = train(engine, model, settings)
        tell("score", 0.5)
        scored = score(engine, trained, settings)
    return scored, parameters_of_run(model, scored, left_out, settings)
