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
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from linkage.cluster import CERTAIN
from linkage.crowds import heeding_marks
from linkage.engine import open_engine
from linkage.errors import LinksOutdated, ModelUntrained
from linkage.model import Model, model_for, without_frequencies
from linkage.profiles import Profiles, collapse
from linkage.regroup import Earlier, regroup
from linkage.result import Decided, LinkageResult, Progress, parameters_of_run, result_of
from linkage.score import Scored, nothing_scored, score, within_reach
from linkage.settings import LinkageSettings
from linkage.train import PROFILES, Trained, train

# Taken from the last run, since its links were decided by them.
_DECIDING = ("link_at", "largest_person", "widest_rule", "most_pairs", "model")
# Chosen profiles come last, and the engine pairs each with those before it: so they are the right.
_ANY_CHOSEN = " AND r.chosen AND NOT l.seen"


def link_new_records(
    tokens: pl.DataFrame,
    settings: LinkageSettings,
    *,
    previous: pl.DataFrame,
    last: Mapping[str, Any],
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

    Raises:
        LinksOutdated: the last run was done otherwise, or left no model for these fields; link in full.
        TokensInvalid, LinkageFailed: see each; none quotes a value.
    """
    tell = progress or (lambda step, share: None)
    _require_whole(previous)
    settings = _settings(settings, last)
    tell("collapse", 0.0)
    profiles = collapse(tokens, settings)
    tell("score", 0.3)
    scorer = _Scorer(profiles, settings, frequencies=bool(last["frequencies"]))
    earlier = _earlier(profiles, previous)
    found = regroup(profiles.lists, earlier, scorer.score, settings.largest_person)
    told = {"mode": "incremental", "entries_with_news": len(earlier.fresh)}
    told |= {"entries_looked_at_again": found.dissolved, "rounds": found.rounds}
    decided = Decided(profiles, found.scored, found.sized, found.cores, scorer.parameters() | told)
    return result_of(tokens, decided, settings, previous, tell)


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


@dataclass
class _Scorer:
    """Scores pairs by the last run's model; remembers by which blocking rules."""

    profiles: Profiles
    settings: LinkageSettings
    frequencies: bool
    model: Model | None = None
    left_out: tuple[str, ...] = ()
    trained: Trained | None = None

    def score(self, chosen: pl.Series, seen: pl.Series) -> Scored:
        """Every pair with an end among `chosen` and none among `seen`."""
        columns = self.profiles.frame.columns
        whole = heeding_marks(model_for(columns), columns)
        if not (whole.comparisons and whole.blocking):
            return nothing_scored()
        if self.settings.model is None:
            raise LinksOutdated("The last run had nothing to compare and no model; link in full")
        with open_engine(self.settings) as engine:
            engine.load(PROFILES, self._ordered(chosen, seen))
            if self.model is None:
                kept, self.left_out = within_reach(
                    engine, whole.blocking, self.settings.widest_rule
                )
                whole = replace(whole, blocking=kept)
                self.model = whole if self.frequencies else without_frequencies(whole)
            rules = tuple(rule + _ANY_CHOSEN for rule in self.model.blocking)
            try:
                self.trained = train(engine, replace(self.model, blocking=rules), self.settings)
            except ModelUntrained as lacking:
                raise LinksOutdated(f"{lacking}; link in full") from None
            return score(engine, self.trained, self.settings)

    def parameters(self) -> dict[str, Any]:
        """As a full run tells them; the model is the last run's, also where nothing was scored."""
        model = self.model or model_for(self.profiles.frame.columns)
        told = parameters_of_run(model, nothing_scored(), self.left_out, self.settings)
        return {**told, "model": self.settings.model, "frequencies": self.frequencies}

    def _ordered(self, chosen: pl.Series, seen: pl.Series) -> pl.DataFrame:
        marked = self.profiles.frame.with_columns(
            chosen=pl.col("entry").is_in(chosen.implode()),
            seen=pl.col("entry").is_in(seen.implode()),
        )
        ordered = marked.drop("unique_id").sort("chosen", maintain_order=True)
        return ordered.with_row_index("unique_id")
