"""Link incrementally: what is new since a run, against everything, with that run's own model.

Go in: the tokens of all records, the links and the parameters of the last run. Comes out what a full
run leaves. Nothing is trained, and pairs that the last run saw are scored again only around persons
that new or gone records put in doubt (`regroup` says when, and why the persons are the same).

Limits. m, u, the prior and the threshold are those of the last run, however the records have changed.
Term frequencies are those of all records now, so that a pair that is not scored again may stand on a
frequency of earlier. A field that the model does not know cannot join. The estimates of quality are of
the pairs compared in this run. A full run from time to time puts all of this right.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from linkage.cluster import CERTAIN
from linkage.errors import LinksOutdated
from linkage.profiles import Profiles, collapse
from linkage.regroup import Earlier, Regrouped, regroup
from linkage.rescore import Rescorer
from linkage.result import Decided, LinkageResult, Progress, parameters_of_run, result_of
from linkage.score import nothing_scored
from linkage.settings import LinkageSettings
from linkage.told import told_once

# Taken from the last run, since its links were decided by them.
_DECIDING = ("link_at", "largest_person", "widest_rule", "most_pairs", "model")


def link_new_records(
    tokens: pl.DataFrame,
    settings: LinkageSettings,
    *,
    previous: pl.DataFrame,
    last: Mapping[str, Any],
    names: pl.DataFrame | None = None,
    progress: Progress | None = None,
) -> LinkageResult:
    """Find the persons and families in token records, most of which were linked before.

    Args:
        tokens: all records there are now, as for `link_records`; those of `previous` that are not
            among them are gone.
        settings: of these the engine, its limits and the family rule are used; what decides links
            is taken from `last`.
        previous: the last run's `LinkageResult.links()`.
        last: parameters of the last run.
        names: record, person, family by which ids are kept, where that is more than `previous` tells:
            new records may be known to be somebody's. Links are never decided by them.

    Raises:
        LinksOutdated: the last run was done otherwise, or left no model for these fields; link in full.
        TokensInvalid, LinkageFailed: see each; none quotes a value.
    """
    tell = progress or (lambda step, share: None)
    _require_whole(previous)
    settings = _settings(settings, last)
    tell("collapse", 0.0)
    told = told_once(tokens)
    del tokens
    profiles = collapse(told, settings)
    tell("score", 0.3)
    rescorer = Rescorer.of(profiles, settings, frequencies=bool(last["frequencies"]))
    earlier = _earlier(profiles, previous)
    found = regroup(profiles.lists, earlier, rescorer.score, settings.largest_person)
    news = {"entries_with_news": len(earlier.fresh)}
    parameters = _parameters(rescorer, last, found) | news
    decided = Decided(profiles, found.scored, found.sized, found.cores, parameters)
    return result_of(told, decided, settings, previous if names is None else names, tell)


def _require_whole(previous: pl.DataFrame) -> None:
    missing = {"record", "person", "family", "flagged", "core"} - set(previous.columns)
    if missing:
        told = ", ".join(sorted(missing))
        raise LinksOutdated(f"The links of the last run do not tell {told}; link in full")


def _settings(settings: LinkageSettings, last: Mapping[str, Any]) -> LinkageSettings:
    if last.get("certain_from") != CERTAIN:
        raise LinksOutdated("The last run clustered by other rules; link in full")
    missing = [name for name in (*_DECIDING, "frequencies") if name not in last]
    if missing:
        raise LinksOutdated(f"The last run left no {', '.join(missing)}; link in full")
    return replace(settings, **{name: last[name] for name in _DECIDING})


def _earlier(profiles: Profiles, previous: pl.DataFrame) -> Earlier:
    """What the last run says of the entries that there are now."""
    old = previous.select("record", "person", "flagged", "core")
    known = profiles.members.join(old, on="record", how="left")
    unseen = pl.col("person").is_null().all().over("profile")
    gone = old.join(profiles.members, on="record", how="anti")
    return Earlier(
        known.drop_nulls("person")
        .group_by("entry", "person")
        .agg(pl.col("flagged").any(), pl.col("core").max()),
        known.filter(unseen)["entry"].unique().sort(),
        gone["person"].unique(),
        bool(gone["flagged"].any()),
    )


def _parameters(rescorer: Rescorer, last: Mapping[str, Any], found: Regrouped) -> dict[str, Any]:
    """As a full run tells them; what decided links is the last run's, also where nothing was scored."""
    settings = rescorer.settings
    told = parameters_of_run(rescorer.model, nothing_scored(), rescorer.left_out, settings)
    taken = ("model", "frequencies", "link_at_chosen_by_model", "trade_off", "bounded_levels")
    return {
        **told,
        **{name: last[name] for name in taken if name in last},
        "mode": "incremental",
        "entries_looked_at_again": found.dissolved,
        "rounds": found.rounds,
    }
