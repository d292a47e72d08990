"""The stage: the same people, asked by our gateway and by every baseline, and a judge of each.

In: seeds. Out: for each, askers by name of the method and a judge. Each scene has a gateway of its own, so that what is
remembered of one never helps or hinders another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tests.redteam.disclosure.asker import Asker, Limited
from tests.redteam.disclosure.baselines import METHODS, baseline
from tests.redteam.disclosure.judge import Judge
from tests.redteam.disclosure.population import Population, make_population
from tests.redteam.disclosure.running import Running

OURS = "ours"


@dataclass(frozen=True)
class Scene:
    """One vintage with everybody who answers questions about it."""

    population: Population
    vintage: Mapping[str, pl.DataFrame]
    askers: Mapping[str, Asker]
    judge: Judge


class Stage:
    """Sets scenes; `methods` names who takes part."""

    def __init__(self, folder: Path, families: int = 1000, methods: tuple[str, ...] = ()) -> None:
        self.families = families
        self.most_questions = 1_000_000
        self._asked: list[Limited] = []
        self.methods = methods or (OURS, *METHODS)
        self._folder, self._opened = folder, 0
        self._running: Running | None = None

    @property
    def running(self) -> Running:
        """The gateway of this scene."""
        return self._running or self.open()

    def open(self) -> Running:
        """A new gateway, in a home of its own, in the place of the last one."""
        self.close()
        self._opened += 1
        home = self._folder / f"{self._opened}"
        home.mkdir()
        self._running = Running(home, purposes=2)
        return self._running

    def close(self) -> None:
        """Give the gateway back."""
        if self._running is not None:
            self._running.close()
            self._running = None

    def scene(self, seed: int, population: Population | None = None) -> Scene:
        """A fresh vintage of a population (by the seed if none is given)."""
        people = population or make_population(self.families, seed)
        self.open()
        vintage = self.running.freeze(people)
        return Scene(people, vintage, self._askers(vintage, seed), Judge(vintage))

    def scenes(self, seeds: range) -> Iterator[Scene]:
        """One after the other: an older one is not asked again."""
        for seed in seeds:
            yield self.scene(seed)

    def staged(self, vintage: Mapping[str, pl.DataFrame], seed: int = 0) -> dict[str, Asker]:
        """The same for a vintage that an attack has made ready of the scene's; nothing was asked of that one."""
        self.running.write(vintage)
        return self._askers(vintage, seed)

    def _askers(self, vintage: Mapping[str, pl.DataFrame], seed: int) -> dict[str, Asker]:
        return {
            name: self.ours() if name == OURS else self._limited(baseline(name, vintage, seed))
            for name in self.methods
        }

    def ours(self) -> Limited:
        """Our own answers about the newest vintage."""
        limited = self._limited(self.running.asker())
        self._asked.append(limited)
        return limited

    def served(self) -> float | None:
        """Share of cells that ours showed since this was asked last; None where it was not asked anything."""
        cells, shown = sum(a.cells for a in self._asked), sum(a.shown for a in self._asked)
        self._asked.clear()
        return shown / cells if cells else None

    def _limited(self, asker: Asker) -> Limited:
        return Limited(asker, self.most_questions)
