"""Rescore: pairs of chosen entries, by the model of an earlier run and over all profiles there are.

Go in: profiles, the last run's model, and which entries. Come out: scored pairs, as of a full run. Only
profiles that share a block with a chosen one reach the engine, with term frequencies counted over all.
"""

from dataclasses import dataclass, field, replace

import polars as pl

from linkage.crowds import heeding_marks
from linkage.engine import Engine, open_engine
from linkage.errors import LinksOutdated, ModelUntrained
from linkage.model import Model, columns_of, model_for, without_frequencies
from linkage.profiles import Profiles
from linkage.score import FREQUENCIES, Scored, nothing_scored, score, within_reach
from linkage.settings import LinkageSettings
from linkage.train import PROFILES, train

# Chosen profiles come last, and the engine pairs each with those before it: so they are the right.
_ANY_CHOSEN = " AND r.chosen"


@dataclass(frozen=True)
class Rescorer:
    """Scores by a model that is given; `model` and `left_out` are the rules that it does so by."""

    profiles: Profiles
    settings: LinkageSettings
    model: Model
    left_out: tuple[str, ...]
    frequencies: dict[str, pl.DataFrame] = field(repr=False)

    @classmethod
    def of(cls, profiles: Profiles, settings: LinkageSettings, *, frequencies: bool) -> "Rescorer":
        """For the model in the settings; `frequencies` says whether it heeds how common a value is."""
        columns = profiles.frame.columns
        whole = heeding_marks(model_for(columns), columns)
        model = whole if frequencies else without_frequencies(whole)
        if not _compares(model):
            return cls(profiles, settings, model, (), {})
        if settings.model is None:
            raise LinksOutdated("The last run had nothing to compare and no model; link in full")
        with open_engine(settings) as engine:
            used = {column for rule in model.blocking for column in columns_of(rule)}
            engine.load(PROFILES, profiles.frame.select(sorted(used)))
            kept, left_out = within_reach(engine, model.blocking, settings.widest_rule)
        model = replace(model, blocking=kept)
        return cls(profiles, settings, model, left_out, _frequencies(profiles.frame, model))

    def score(self, chosen: pl.Series, seen: pl.Series) -> Scored:
        """Every pair with an end among `chosen` and none among `seen`."""
        if not _compares(self.model):
            return nothing_scored()
        near = self._near(chosen, seen)
        with open_engine(self.settings) as engine:
            engine.load(PROFILES, near)
            self._load_frequencies(engine, near)
            rules = tuple(rule + _ANY_CHOSEN for rule in self.model.blocking)
            try:
                model = train(engine, replace(self.model, blocking=rules), self.settings)
            except ModelUntrained as lacking:
                raise LinksOutdated(f"{lacking}; link in full") from None
            return score(engine, model, self.settings, tuple(self.frequencies))

    def _near(self, chosen: pl.Series, seen: pl.Series) -> pl.DataFrame:
        """Chosen profiles, and before them those that share a block with one."""
        marked = self.profiles.frame.with_columns(
            chosen=pl.col("entry").is_in(chosen.implode())
        ).filter(~pl.col("entry").is_in(seen.implode()))
        picked = marked.filter("chosen")
        blocks = [list(columns_of(rule)) for rule in self.model.blocking]
        near = [marked.join(picked, on=block, how="semi")["unique_id"] for block in blocks]
        wanted = pl.concat([picked["unique_id"], *near]).unique()
        ordered = marked.filter(pl.col("unique_id").is_in(wanted.implode()))
        return (
            ordered.drop("unique_id")
            .sort("chosen", maintain_order=True)
            .with_row_index("unique_id")
        )

    def _load_frequencies(self, engine: Engine, near: pl.DataFrame) -> None:
        for column, counted in self.frequencies.items():
            held = counted.join(near.select(column).unique(), on=column, how="semi")
            engine.load(f"{FREQUENCIES}{column}", held)


def _compares(model: Model) -> bool:
    return bool(model.comparisons and model.blocking)


def _frequencies(frame: pl.DataFrame, model: Model) -> dict[str, pl.DataFrame]:
    """For each column whose frequency is heeded: its values and their shares, as Splink counts them."""
    columns = {level.tf for each in model.comparisons for level in each.levels if level.tf}
    return {
        column: frame.select(column)
        .drop_nulls()
        .group_by(column)
        .agg((pl.len() / frame[column].count()).alias(f"tf_{column}"))
        for column in sorted(columns)
    }
