"""The one-family game: a coin decides whether one family is in a cell, and two questions differ by that family alone.

In: a population and coins. Out: a vintage in which, for many cells, exactly one family (or nobody) is in the first question's
set and not in the second's; and for each such cell the pair of places and the coin. Everybody else's presence is as the
attacker knows it: the strongest adversary of differential privacy (Dwork, "Differential privacy", ICALP 2006).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tests.redteam.disclosure.asker import Body, Place, place_of
from tests.redteam.disclosure.knowledge import AGENCIES, BANDS_OF, table

SHORT = ("2024-04", "2025-12")
LAST_QUARTER = 4 * 2026
BEFORE = LAST_QUARTER - 1
BANDS = ((0, "0-1"), (2, "2-4"), (5, "5-6"), (7, "7-9"), (10, "10+"))
FINE = ("agency", "district", "issues")
COARSE = ("district", "issues")
REST = tuple(a for a in AGENCIES if a != "police")
# (questions that differ by one family at most, by the kind of difference)
PAIRS: Mapping[str, tuple[Body, Body]] = {
    "period": (
        table("families", "cost", by=FINE),
        table("families", "cost", by=FINE, period=SHORT),
    ),
    "issue": (
        table("families", by=("district", "issue")),
        table("families", by=("district", "issue"), period=SHORT),
    ),
    "where": (
        table("families", by=COARSE, agencies=AGENCIES),
        table("families", by=COARSE, agencies=REST),
    ),
    "people": (
        table("people", by=COARSE, agencies=AGENCIES),
        table("people", by=COARSE, agencies=REST),
    ),
    "complex": (table("families", by=COARSE), table("families", by=COARSE, cohort="complex-needs")),
    "at risk": (table("families", by=COARSE), table("families", by=COARSE, cohort="at-risk")),
    "dimension": (table("families", by=COARSE), table("families", by=COARSE, agencies=AGENCIES)),
}


@dataclass(frozen=True)
class Trial:
    """One coin: the family is in the first question's cell and not in the second's, or there is no such family."""

    kind: str
    family: int
    place: Place
    is_in: bool


@dataclass
class World:
    """The tables, while they are being made ready, and the trials."""

    families: pl.DataFrame
    events: pl.DataFrame
    issues: pl.DataFrame
    trials: list[Trial]

    def tables(self, vintage: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """The vintage with what was made ready."""
        made = {"families": self.families, "events": self.events, "issues": self.issues}
        return {**vintage, **made}


def make_world(vintage: Mapping[str, pl.DataFrame], seed: int) -> World:
    """A vintage in which every pair of `PAIRS` differs by the coins alone."""
    rng = np.random.default_rng(seed)
    banded = vintage["families"].with_columns(_band().alias("band"))
    world = World(banded, vintage["events"], vintage["issues"], [])
    _nobody_is_new(world)
    _nobody_is_apart(world)
    takers = _by_cell(banded, rng)
    for cell, listed in takers.items():
        if len(listed) < 4:
            continue
        _set_cohort(world, cell, listed[0], rng)
        _set_where(world, cell, listed[1], rng)
        _set_presence(world, cell, listed[2], rng)
    _set_periods(world, takers, rng)
    _set_issues(world, rng)
    world.families = world.families.drop("band")
    return world


def _band() -> pl.Expr:
    name = pl.lit(BANDS[0][1])
    for least, label in BANDS[1:]:
        name = pl.when(pl.col("issue_count") >= least).then(pl.lit(label)).otherwise(name)
    return name


def _nobody_is_new(world: World) -> None:
    """Whatever happened in the last quarter alone happened a quarter earlier."""
    moved = (pl.col("quarter") - 1).alias("quarter")
    for name, unit in (("events", ("family", "agency")), ("issues", ("family", "issue"))):
        frame: pl.DataFrame = getattr(world, name)
        is_new = (pl.col("quarter").min() == LAST_QUARTER).over(unit)
        shifted = pl.when(is_new).then(moved).otherwise(pl.col("quarter")).alias("quarter")
        setattr(world, name, frame.with_columns(shifted.cast(frame["quarter"].dtype)))


def _nobody_is_apart(world: World) -> None:
    """Nobody is met by the police alone, and everybody of the band is in the cohort of the band."""
    lonely = world.events.group_by("family").agg((pl.col("agency") == "police").all().alias("x"))
    names = lonely.filter("x")["family"].implode()
    met = pl.when(pl.col("family").is_in(names)).then(pl.lit("health")).otherwise(pl.col("agency"))
    world.events = world.events.with_columns(met.alias("agency"))
    known = pl.when(pl.col("known_to").str.contains(r"\+")).then(pl.col("known_to"))
    world.families = world.families.with_columns(
        pl.col("children").clip(1),
        known.otherwise(pl.lit("health+schools")).alias("known_to"),
    )


def _by_cell(banded: pl.DataFrame, rng: np.random.Generator) -> dict[tuple[str, str], list[int]]:
    """Families of each district and band in a random order."""
    found: dict[tuple[str, str], list[int]] = {}
    for district, band, family in banded.select("district", "band", "family").iter_rows():
        found.setdefault((district, band), []).append(family)
    return {cell: rng.permutation(listed).tolist() for cell, listed in found.items()}


def _set_cohort(world: World, cell: tuple[str, str], family: int, rng: np.random.Generator) -> None:
    """With the coin the family has no child and is outside the cohort of its band."""
    kind = {"2-4": "at risk", "0-1": ""}.get(cell[1], "complex")
    if not kind:
        return
    is_in = bool(rng.random() < 0.5)
    here = pl.col("family") == family
    children = pl.when(here & pl.lit(is_in)).then(0).otherwise(pl.col("children"))
    dtype = world.families["children"].dtype
    world.families = world.families.with_columns(children.cast(dtype).alias("children"))
    world.trials.append(Trial(kind, family, _coarse(cell), is_in))


def _set_where(world: World, cell: tuple[str, str], family: int, rng: np.random.Generator) -> None:
    """With the coin only the police met the family; else others did."""
    is_in = bool(rng.random() < 0.5)
    agency = pl.lit("police" if is_in else "health")
    met = pl.when(pl.col("family") == family).then(agency).otherwise(pl.col("agency"))
    world.events = world.events.with_columns(met.alias("agency"))
    world.trials.append(Trial("where", family, _coarse(cell), is_in))
    world.trials.append(Trial("people", family, _coarse(cell), is_in))


def _set_presence(
    world: World, cell: tuple[str, str], family: int, rng: np.random.Generator
) -> None:
    """With the coin nobody met the family at all."""
    is_in = bool(rng.random() < 0.5)
    if is_in:
        world.events = world.events.filter(pl.col("family") != family)
    world.trials.append(Trial("dimension", family, _coarse(cell), is_in))


def _set_periods(
    world: World, takers: Mapping[tuple[str, str], list[int]], rng: np.random.Generator
) -> None:
    """With the coin an agency met, in the last quarter, a family that it had not met before."""
    met = set(world.events.select("family", "agency").iter_rows())
    own = dict.fromkeys(world.events["family"].to_list())
    added = []
    for (district, band), listed in takers.items():
        for agency in AGENCIES:
            # The first three have coins of their own that another contact would undo.
            free = [f for f in listed[3:] if (f, agency) not in met and f in own]
            if not free:
                continue
            family, is_in = free[0], bool(rng.random() < 0.5)
            place = place_of({"agency": agency, "district": district, "issues": band})
            world.trials.append(Trial("period", family, place, is_in))
            if is_in:
                added.append((family, agency))
    world.events = pl.concat([world.events, _contacts(world.events, added, rng)])


def _contacts(
    events: pl.DataFrame, added: list[tuple[int, str]], rng: np.random.Generator
) -> pl.DataFrame:
    """A contact in the last quarter for each of these, at what another one of that agency cost."""
    rows = []
    for family, agency in added:
        of_agency = events.filter(pl.col("agency") == agency)
        like = of_agency[int(rng.integers(len(of_agency)))]
        person = events.filter(pl.col("family") == family)["person"][0]
        rows.append(
            like.with_columns(
                pl.lit(family, dtype=events["family"].dtype).alias("family"),
                pl.lit(person, dtype=events["person"].dtype).alias("person"),
                pl.lit(LAST_QUARTER, dtype=events["quarter"].dtype).alias("quarter"),
            )
        )
    return pl.concat(rows) if rows else events.clear()


def _set_issues(world: World, rng: np.random.Generator) -> None:
    """With the coin a difficulty is first seen in the last quarter, in a family that did not have it."""
    has = set(world.issues.select("family", "issue").iter_rows())
    where = world.families.select("district", "family").iter_rows()
    by_district: dict[str, list[int]] = {}
    for district, family in where:
        by_district.setdefault(district, []).append(family)
    added = []
    for issue in sorted(world.issues["issue"].unique().to_list()):
        for district, listed in sorted(by_district.items()):
            free = [f for f in rng.permutation(listed).tolist() if (f, issue) not in has]
            if not free:
                continue
            family, is_in = free[0], bool(rng.random() < 0.5)
            place = place_of({"district": district, "issue": issue})
            world.trials.append(Trial("issue", family, place, is_in))
            if is_in:
                added.append((family, issue))
    if added:
        like = world.issues[[0] * len(added)]
        world.issues = pl.concat(
            [
                world.issues,
                like.with_columns(
                    pl.Series("family", [f for f, _ in added], dtype=like["family"].dtype),
                    pl.Series("issue", [i for _, i in added]),
                    pl.lit(LAST_QUARTER, dtype=like["quarter"].dtype).alias("quarter"),
                ),
            ]
        )


def _coarse(cell: tuple[str, str]) -> Place:
    return place_of({"district": cell[0], "issues": cell[1]})


def bands_of(kind: str) -> Iterator[str]:
    """The bands that a cohort lies in."""
    yield from BANDS_OF["at-risk" if kind == "at risk" else "complex-needs"]
