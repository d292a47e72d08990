"""The synthetic county as a whole: make it, hand out its extracts, write it with the truth kept aside.

In: a `CountyConfig`. Out: `County`. The truth (who is who, which family, arms, traits, costs) goes to a folder of its
own and never into an extract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from agencies.county import truth
from agencies.county.config import CountyConfig
from agencies.county.extracts import Extract, make_extracts
from agencies.county.homes import make_homes
from agencies.county.needs import make_needs
from agencies.county.population import make_population
from agencies.county.programme import make_programme
from agencies.county.recorded import derive_all, recorded_issues, true_costs
from agencies.county.scene import Scene, set_scene
from agencies.facts import Facts
from agencies.register import Register, load_register

Progress = Callable[[str], None]


@dataclass(frozen=True)
class ExtractFile:
    """One file that an agency sends."""

    agency: str
    dataset: str
    filename: str
    content: bytes


@dataclass(frozen=True)
class County:
    """One county: its people and needs (`scene`), what the agencies recorded (`recorded`)."""

    config: CountyConfig
    scene: Scene
    register: Register
    recorded: tuple[Extract, ...]

    def extracts(self) -> Iterable[ExtractFile]:
        """The eight files, one after another."""
        for extract in self.recorded:
            place = extract.dataset
            yield ExtractFile(place.agency, place.name, extract.filename, extract.content())

    @cached_property
    def truth_rows(self) -> pl.DataFrame:
        """agency, dataset, row (1-based data row), person, family, fault (the rule a spoiled row breaks, or null)."""
        return truth.rows(self.scene, self.recorded)

    @cached_property
    def families(self) -> pl.DataFrame:
        """One row per family: group, type, district, traits, issues, programme arm, start and effect, yearly cost."""
        yearly = self.true_costs.group_by("family").agg(
            (pl.col("cost_pence").sum() / self.config.years)
            .round()
            .cast(pl.Int64)
            .alias("yearly_pence")
        )
        families = truth.families(self.scene).join(yearly, on="family", how="left")
        return families.with_columns(pl.col("yearly_pence").fill_null(0)).sort("family")

    @cached_property
    def true_costs(self) -> pl.DataFrame:
        """family, agency, event, year, cost_pence, from rows without errors."""
        return true_costs(self.scene, self._facts)

    @cached_property
    def recorded_issues(self) -> pl.DataFrame:
        """family, agency, issue, from rows without errors."""
        return recorded_issues(self.scene, self._facts)

    @cached_property
    def people(self) -> pl.DataFrame:
        """One row per person: family, role, names, date of birth, numbers, homes."""
        return truth.people(self.scene)

    @cached_property
    def _facts(self) -> list[tuple[Extract, Facts]]:
        return derive_all(self.scene, self.register, self.recorded)

    def write(self, folder: Path, progress: Progress | None = None) -> None:
        """Write extracts/ and truth/ below `folder`; existing files of the same names are replaced."""
        tell = progress or (lambda _what: None)
        out, aside = folder / "extracts", folder / "truth"
        out.mkdir(parents=True, exist_ok=True)
        aside.mkdir(parents=True, exist_ok=True)
        for file in self.extracts():
            (out / file.filename).write_bytes(file.content)
            tell(file.filename)
        for name, table in self._truth_tables().items():
            table.write_csv(aside / f"{name}.csv")
            tell(f"truth: {name}")

    def _truth_tables(self) -> dict[str, pl.DataFrame]:
        return {
            "rows": self.truth_rows,
            "families": self.families,
            "people": self.people,
            "costs": self.true_costs,
            "recorded_issues": self.recorded_issues,
            "homes": self.scene.homes.homes,
            "area_index": truth.area_index(),
        }


def make_county(config: CountyConfig | None = None, register: Register | None = None) -> County:
    """Make a county; the same config gives the same county, byte for byte."""
    config = config or CountyConfig()
    register = register or load_register()
    population = make_population(config)
    programme = make_programme(config, population.families)
    needs = make_needs(config, population, programme)
    scene = set_scene(config, population, make_homes(config, population), needs)
    return County(config, scene, register, tuple(make_extracts(scene, register)))
