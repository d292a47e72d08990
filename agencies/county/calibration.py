"""Every published figure beside what the county holds: in truth, and in the records that agencies keep.

In: a `County`. Out: `Comparison` rows. Published figures: Leicestershire's insight report (2011) and the case study of
Supporting Leicestershire Families. A figure that no dataset of the six agencies carries has no recorded value.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agencies.county.county import County
from agencies.county.districts import extrapolate
from agencies.county.issues import TYPE_SHARES, TYPES
from agencies.county.population import CHILD

_NOT_CARRIED = "no dataset of the six agencies carries it: in the truth only"


@dataclass(frozen=True)
class Comparison:
    """One published figure. Shares are 0 to 1; `tolerance` is how far `true` may lie off, in the figure's own unit."""

    figure: str
    published: float
    true: float
    recorded: float | None
    tolerance: float
    unit: str
    note: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the county's truth is within the tolerance (or above it, where the source says 'over')."""
        if self.at_least:
            return self.true > self.published - self.tolerance
        return abs(self.true - self.published) <= self.tolerance


def calibrate(county: County) -> list[Comparison]:
    """All published figures; shares and money are of families with complex needs in the mapped districts."""
    return [*_profile(county), *_money(county), *_types(county), *_estimates(county)]


def _mapped(county: County) -> pl.DataFrame:
    return county.families.filter((pl.col("group") == "complex") & pl.col("mapped"))


def _profile(county: County) -> list[Comparison]:
    mapped = _mapped(county)
    # A whole number of families cannot meet every share: half a family, and half a point of rounding in the source.
    tolerance = 0.005 + 0.75 / mapped.height
    shares: list[tuple[str, float, pl.Expr, str]] = [
        ("three or more children", 0.27, pl.col("children") >= 3, "children known to any agency"),
        ("four or more children", 0.15, pl.col("children") >= 4, "children known to any agency"),
        ("lone parent", 0.59, pl.col("lone"), "dwp marks it for claimants only"),
        ("no parent working", 0.70, pl.col("no_parent_working"), "dwp, early help"),
        (
            "parents with low attainment",
            0.68,
            pl.col("low_attainment"),
            "as low education: early help, schools",
        ),
        ("parental substance misuse", 0.61, pl.col("substance_misuse"), "any of four agencies"),
        ("an offender", 0.48, pl.col("offender"), "police: suspect in an offence"),
        ("reported a grievance to police", 0.75, pl.col("grievance_to_police"), "police"),
        ("on out-of-work or low-income benefits", 0.80, pl.col("on_benefits"), "dwp"),
        ("known to housing benefits", 0.73, pl.col("known_to_housing"), "a tenancy stands for it"),
        ("known to children's centres", 0.38, pl.col("known_to_childrens_centres"), _NOT_CARRIED),
        ("known to probation", 0.24, pl.col("known_to_probation"), _NOT_CARRIED),
    ]
    seen = _recorded_shares(county, mapped)
    return [
        Comparison(
            name,
            published,
            float(mapped.select(holds.mean()).item()),
            seen.get(name),
            tolerance,
            "share",
            note,
            at_least=name == "four or more children",
        )
        for name, published, holds, note in shares
    ]


def _recorded_shares(county: County, mapped: pl.DataFrame) -> dict[str, float]:
    family = pl.Series("family", county.scene.family)
    service = {
        (e.dataset.agency, e.dataset.name): e.service.with_columns(
            family=family.gather(e.service["person"])
        )
        for e in county.recorded
    }
    issues = county.recorded_issues

    def share(frame: pl.DataFrame) -> float:
        return len(set(mapped["family"]) & set(frame["family"])) / mapped.height

    def issue(name: str) -> float:
        return share(issues.filter(pl.col("issue") == name))

    police, dwp = service["police", "contacts"], service["dwp", "spells"]
    children = _known_children(county)
    return {
        "three or more children": share(children.filter(pl.col("children") >= 3)),
        "four or more children": share(children.filter(pl.col("children") >= 4)),
        "lone parent": share(dwp.filter(pl.col("lone_parent") == "yes")),
        "no parent working": issue("no_adult_in_work"),
        "parents with low attainment": issue("low_education"),
        "parental substance misuse": issue("substance_misuse"),
        "an offender": issue("crime_offending"),
        "reported a grievance to police": share(police.filter(pl.col("kind") == "grievance")),
        "on out-of-work or low-income benefits": share(dwp),
        "known to housing benefits": share(service["housing", "tenancies"]),
    }


def _known_children(county: County) -> pl.DataFrame:
    """family, children: children who stand in at least one record."""
    known = county.truth_rows.select("person", "family").unique()
    roles = county.scene.population.people.select("person", "role")
    children = known.join(roles, on="person").filter(pl.col("role") == CHILD)
    return children.group_by("family").agg(children=pl.len())


def _money(county: County) -> list[Comparison]:
    mapped = _mapped(county)
    years = county.config.years
    costs = county.true_costs.filter(pl.col("family").is_in(mapped["family"].implode()))
    dwp = int(costs.filter(pl.col("agency") == "dwp")["cost_pence"].sum()) / 100 / years
    care = county.families.filter("long_term_care")
    health = costs.filter(
        (pl.col("agency") == "health") & pl.col("family").is_in(care["family"].implode())
    )
    placement = int(health["cost_pence"].sum()) / 100 / years
    scale = county.config.families / 6000
    return [
        Comparison(
            "DWP benefits a year, two districts",
            1_380_000 * scale,
            dwp,
            dwp,
            40_000 * max(scale, 0.25),
            "GBP",
        ),
        Comparison(
            "health cost a year of families in long-term placement",
            600_000 * care.height / 3,
            placement,
            placement,
            0.0,
            "GBP",
            f"{care.height} families",
            at_least=True,
        ),
    ]


def _types(county: County) -> list[Comparison]:
    """Shares of the four family types among families with complex needs or at risk; published, they sum to 101."""
    typed = county.families.filter(pl.col("type") != "none")["type"]
    total = sum(TYPE_SHARES)
    return [
        Comparison(
            f"type: {name}",
            share / 100,
            int((typed == name).sum()) / len(typed),
            None,
            0.005 + share / 100 - share / total + 2 / len(typed),
            "share",
            "latent: to be found from the issues",
        )
        for name, share in zip(TYPES, TYPE_SHARES, strict=True)
    ]


def _estimates(county: County) -> list[Comparison]:
    scale = county.config.families / 6000
    group = county.families.filter("mapped")["group"]
    complex_, at_risk = int((group == "complex").sum()), int((group == "at_risk").sum())
    estimates = [
        ("complex needs, low", 750, complex_, "index_low"),
        ("complex needs, median", 1000, complex_, "index_median"),
        ("complex needs, high", 1200, complex_, "index_high"),
        ("at risk, low", 2750, at_risk, "index_at_risk_low"),
        ("at risk, median", 3000, at_risk, "index_median"),
        ("at risk, high", 3000, at_risk, "index_high"),
    ]
    return [
        Comparison(
            f"families estimated, {name}",
            published * scale,
            extrapolate(counted, index),
            None,
            0.01 * published * scale + 5,
            "families",
            f"{counted} mapped families, weighted by {index}",
            at_least=name == "at risk, high",
        )
        for name, published, counted, index in estimates
    ]


def issue_thresholds(county: County) -> pl.DataFrame:
    """at_least, families, of_two_agencies: families with so many recorded issues, and those of them that are shown
    by two agencies or more. Cohort definitions take their thresholds from here."""
    counts = county.recorded_issues.group_by("family").agg(
        issues=pl.col("issue").n_unique(), agencies=pl.col("agency").n_unique()
    )
    two = pl.col("agencies") >= 2
    return pl.DataFrame(
        [
            {
                "at_least": least,
                "families": counts.filter(pl.col("issues") >= least).height,
                "of_two_agencies": counts.filter((pl.col("issues") >= least) & two).height,
            }
            for least in range(1, 9)
        ]
    )
