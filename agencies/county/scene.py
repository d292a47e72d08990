"""The stage on which services act: who is who in each family, and on which days something can happen.

In: config, population, needs. Out: `Scene`, with draws of days. Every issue that a family shows has one anchor day
(before the programme starts, where there is one, so that help does not erase the past); further events come at a
yearly rate, and those of accepted families after their start stay only with the programme's known effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from agencies.county.chance import Bools, Floats, Ints
from agencies.county.config import CountyConfig
from agencies.county.homes import NEVER, Homes
from agencies.county.needs import Needs
from agencies.county.population import CHILD, LEAD, PARTNER, Population, pupils

NOBODY = -1


@dataclass(frozen=True)
class Scene:
    """Per family: lead, partner, child, teen (person numbers or NOBODY), start and effect of the programme."""

    config: CountyConfig
    population: Population
    homes: Homes
    needs: Needs
    lead: Ints
    partner: Ints
    child: Ints
    teen: Ints
    pupil: Ints
    born: Ints
    family: Ints
    start: Ints
    accepted: Bools
    group: Ints

    def shows(self, carrier: str) -> Ints:
        """Families in which this carrier shows its issue."""
        return np.flatnonzero(self.needs.shown[carrier])

    def trait(self, name: str) -> Bools:
        """One trait, per family."""
        return np.asarray(self.needs.families[name].to_numpy())

    def rate(self, complex_: float, at_risk: float, low: float) -> Floats:
        """A yearly rate for every family of the county, by its group."""
        return np.array([complex_, at_risk, low])[self.group]

    def anchors(self, rng: np.random.Generator, families: Ints) -> Ints:
        """One day for each family, before its programme start if it has one."""
        end = np.minimum(self.start[families], self.config.days)
        return np.floor(rng.random(len(families)) * end).astype(np.int64)

    def repeats(
        self, rng: np.random.Generator, families: Ints, yearly: Floats
    ) -> tuple[Ints, Ints]:
        """Families and days of further events at each family's yearly rate, thinned by the programme's effect."""
        counts = rng.poisson(yearly[families] * self.config.years)
        of = np.repeat(families, counts)
        days = rng.integers(0, self.config.days, len(of))
        kept = self.kept(rng, of, days)
        return of[kept], days[kept]

    def kept(self, rng: np.random.Generator, families: Ints, days: Ints) -> Bools:
        """Which events happen after all: those after an accepted family's start only with the effect's probability."""
        helped = self.accepted[families] & (days >= self.start[families])
        return ~helped | (rng.random(len(families)) < self.config.programme.effect)

    def occurrences(
        self, rng: np.random.Generator, families: Ints, yearly: Floats
    ) -> tuple[Ints, Ints]:
        """An anchor for each family, and repeats."""
        again, days = self.repeats(rng, families, yearly)
        return np.concatenate([families, again]), np.concatenate(
            [self.anchors(rng, families), days]
        )

    def rows(self, people: Ints, days: Ints, /, **columns: object) -> pl.DataFrame:
        """person, day and columns; nobody's rows fall out, and nobody appears before the day after birth."""
        frame = pl.DataFrame(
            {"person": people, "day": np.maximum(days, self.born[people] + 1)}
        ).with_columns(
            **{k: v if isinstance(v, pl.Series) else pl.lit(v) for k, v in columns.items()}
        )
        return frame.filter((pl.col("person") >= 0) & (pl.col("day") < self.config.days))

    def either(
        self, rng: np.random.Generator, families: Ints, lead: float, partner: float, teen: float
    ) -> Ints:
        """One person per family, the same on each call with the same generator state: an adult or a teenager."""
        options = np.stack([self.lead, self.partner, self.teen], axis=1)[families]
        keys = np.log([lead, partner, teen]) + rng.gumbel(size=options.shape)
        chosen = np.argmax(np.where(options >= 0, keys, -np.inf), axis=1)
        people: Ints = options[np.arange(len(families)), chosen]
        return people


def set_scene(config: CountyConfig, population: Population, homes: Homes, needs: Needs) -> Scene:
    """Find each family's lead, partner, focus child, teenager and pupil."""
    people = population.people
    family, role = people["family"].to_numpy(), people["role"].to_numpy()
    age, born = people["age"].to_numpy(), people["born"].to_numpy()
    size = population.families.height
    child = role == CHILD

    def first(where: Bools) -> Ints:
        found = np.full(size, NOBODY)
        numbers = np.flatnonzero(where)[::-1]
        found[family[numbers]] = numbers
        return found

    start = needs.families["start"].to_numpy()
    # Newborns cannot carry an event from the first day on: the focus child is one born before it, if there is one.
    before = first(child & (born < 0))
    return Scene(
        config=config,
        population=population,
        homes=homes,
        needs=needs,
        lead=first(role == LEAD),
        partner=first(role == PARTNER),
        child=np.where(before >= 0, before, first(child)),
        teen=first(child & (age >= 13.0)),
        pupil=first(pupils(people, config.years)),
        born=born,
        family=family,
        start=np.where(start < NEVER, start, config.days),
        accepted=(needs.families["arm"] == "accepted").to_numpy(),
        group=needs.families["group"]
        .replace_strict({"complex": 0, "at_risk": 1, "low": 2}, return_dtype=pl.Int64)
        .to_numpy(),
    )
