"""What each family needs: its type, the published traits, its issues, and the records that will show them.

In: a `CountyConfig`, its population and programme. Out: `Needs`. Traits are dealt to an exact share among families
with complex needs of the mapped districts, and of the rest apart; issues follow from traits first, then from the type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from agencies.county.chance import Bools, Floats, Ints, deal, exactly, pick
from agencies.county.config import CountyConfig
from agencies.county.issues import (
    CARRIERS,
    INDEX,
    ISSUES,
    NEED,
    NO_TYPE,
    TYPE_SHARES,
    TYPES,
    WEIGHTS,
)
from agencies.county.population import CHILD, Population, pupils, strata

# trait: share of families with complex needs (published), at risk, of low need
TRAITS: dict[str, tuple[float, float, float]] = {
    "no_parent_working": (0.70, 0.22, 0.0),
    "on_benefits": (0.80, 0.28, 0.04),
    "low_attainment": (0.68, 0.25, 0.06),
    "substance_misuse": (0.61, 0.07, 0.0),
    "offender": (0.48, 0.07, 0.0),
    "grievance_to_police": (0.75, 0.20, 0.06),
    "known_to_housing": (0.73, 0.34, 0.08),
    "known_to_childrens_centres": (0.38, 0.22, 0.10),
    "known_to_probation": (0.24, 0.03, 0.0),
}
# Whoever has the second is likelier (here: as good as always) to have the first.
_FOLLOWS = {"on_benefits": "no_parent_working", "known_to_probation": "offender"}
# The issue that goes with a trait: the trait is likelier in the family types in which the issue is.
TRAIT_ISSUES = {
    "no_parent_working": "poverty_debt",
    "low_attainment": "low_education",
    "substance_misuse": "substance_misuse",
    "offender": "crime_offending",
}
# Recorded issues per family, 0 to 12: the two groups overlap a little, as they do in life.
_ISSUE_COUNTS: dict[str, tuple[float, ...]] = {
    "complex": (0, 0, 0, 0, 0.02, 0.20, 0.23, 0.21, 0.15, 0.09, 0.05, 0.03, 0.02),
    "at_risk": (0, 0.012, 0.34, 0.37, 0.272, 0.006),
    "low": (0.55, 0.44, 0.01),
}
_SECOND_CARRIER = 0.25
_UNSEEN = 0.10
_LONG_TERM_CASES_PER_6000 = 3


@dataclass(frozen=True)
class Needs:
    """`families`: population's, with type, traits, arm, start; `seen`, `latent`: families x 25; `shown`: carrier -> families."""

    families: pl.DataFrame
    seen: Bools
    latent: Bools
    shown: dict[str, Bools]
    long_term_care: Ints


def make_needs(config: CountyConfig, population: Population, programme: pl.DataFrame) -> Needs:
    """Type, traits, issues and carriers of every family."""
    rng = config.rng("needs")
    families = population.families.join(programme, on="family", maintain_order="left")
    kinds = _types(config, population)
    traits = _traits(config, families, kinds)
    families = families.with_columns(
        type=pl.Series(np.array([*TYPES, NO_TYPE], dtype=object)[kinds].tolist(), dtype=pl.String),
        **{name: pl.Series(values) for name, values in traits.items()},
    )
    care = _long_term_care(config, rng, families)
    open_ways = _open_carriers(config, population, families)
    seen = _issues(rng, families, kinds, _forced(families, care), _possible(families, open_ways))
    shown = _shown(rng, seen, open_ways)
    unseen = rng.random(seen.shape) < _UNSEEN * WEIGHTS[kinds] / WEIGHTS.max()
    return Needs(families, seen, seen | unseen, shown, care)


def _traits(config: CountyConfig, families: pl.DataFrame, kinds: Ints) -> dict[str, Bools]:
    rng = config.rng("traits")
    traits = {name: np.zeros(families.height, dtype=np.bool_) for name in TRAITS}
    level = {"complex": 0, "at_risk": 1, "low": 2}
    for group, where in strata(families):
        for name, shares in TRAITS.items():
            weights = np.ones(len(where))
            if name in _FOLLOWS:
                weights = np.where(traits[_FOLLOWS[name]][where], 1e9, 1.0)
            if name in TRAIT_ISSUES:
                weights = weights * WEIGHTS[kinds[where], INDEX[TRAIT_ISSUES[name]]]
            traits[name][where] = exactly(rng, len(where), shares[level[group]], weights)
    return traits


def _types(config: CountyConfig, population: Population) -> Ints:
    """Type number of each family; types of young people mostly have a child of eleven or more."""
    rng = config.rng("types")
    people = population.people.filter(pl.col("role") == CHILD)
    eldest = people.group_by("family", maintain_order=True).agg(pl.col("age").max())
    teen = eldest["age"].to_numpy() >= 11
    kinds = np.full(population.families.height, len(TYPES))
    young = TYPE_SHARES[0] + TYPE_SHARES[1]
    for group, where in strata(population.families):
        if group == "low":
            continue
        weights = np.where(teen[where], 1.0, 0.1)
        is_young = exactly(rng, len(where), young / sum(TYPE_SHARES), weights)
        kinds[where[is_young]] = deal(rng, int(is_young.sum()), TYPE_SHARES[:2])
        kinds[where[~is_young]] = 2 + deal(rng, int((~is_young).sum()), TYPE_SHARES[2:])
    return kinds


def _long_term_care(config: CountyConfig, rng: np.random.Generator, families: pl.DataFrame) -> Ints:
    """The few mapped families in which one person is in long-term placement, paid by health."""
    fit = (pl.col("group") == "complex") & pl.col("mapped") & (pl.col("arm") == "none")
    chosen = families.filter(fit)["family"].to_numpy()
    wanted = max(1, round(_LONG_TERM_CASES_PER_6000 * config.families / 6000))
    return rng.permutation(chosen)[:wanted]


def _open_carriers(
    config: CountyConfig, population: Population, families: pl.DataFrame
) -> dict[str, Bools]:
    """Which carriers can show anything of a family: by tenancy, school, programme, claim."""
    of = population.people["family"].to_numpy()[pupils(population.people, config.years)]
    pupil = np.bincount(of, minlength=families.height) > 0
    case = families["arm"].to_numpy() != "none"
    workless = families["no_parent_working"].to_numpy()
    doors = {
        "housing": families["known_to_housing"].to_numpy(),
        "schools": pupil,
        "early_help": case,
        "dwp": workless,
    }
    everyone = np.ones(families.height, dtype=np.bool_)
    names = {carrier for table in CARRIERS.values() for carrier in table}
    ways = {name: doors.get(name.split(".")[0], everyone) for name in sorted(names)}
    ways["dwp.esa"] = workless & ~families["lone"].to_numpy()
    return ways


def _forced(families: pl.DataFrame, care: Ints) -> Bools:
    """Issues that a family's traits bring with them."""
    forced = np.zeros((families.height, len(ISSUES)), dtype=np.bool_)
    needy = families["group"].to_numpy() != "low"
    forced[:, INDEX["no_adult_in_work"]] = families["no_parent_working"].to_numpy()
    for trait, issue in TRAIT_ISSUES.items():
        forced[:, INDEX[issue]] = families[trait].to_numpy() & needy
    forced[care, INDEX["physical_health"]] = True
    return forced


def _possible(families: pl.DataFrame, open_ways: dict[str, Bools]) -> Bools:
    """Issues that some open carrier can show; offending and misuse only where the trait says so."""
    possible = np.stack(
        [np.any([open_ways[c] for c in CARRIERS[i]], axis=0) for i in ISSUES], axis=1
    )
    for trait, issue in (("substance_misuse", "substance_misuse"), ("offender", "crime_offending")):
        possible[:, INDEX[issue]] &= families[trait].to_numpy()
    possible[:, INDEX["no_adult_in_work"]] &= families["no_parent_working"].to_numpy()
    return possible


def _issues(
    rng: np.random.Generator, families: pl.DataFrame, kinds: Ints, forced: Bools, possible: Bools
) -> Bools:
    """Each family's recorded issues: the forced ones, then by weight up to its number of issues."""
    wanted = np.zeros(families.height, dtype=np.int64)
    for group, where in strata(families):
        wanted[where] = pick(rng, len(where), _ISSUE_COUNTS[group])
    with np.errstate(divide="ignore"):
        keys: Floats = np.log(WEIGHTS[kinds]) + rng.gumbel(size=forced.shape)
    keys = np.where(forced, 1e6, keys)
    keys = np.where(possible, keys, -np.inf)
    rank = np.argsort(np.argsort(-keys, axis=1), axis=1)
    count = np.maximum(wanted, (forced & possible).sum(axis=1))
    seen: Bools = possible & (rank < count[:, None]) & np.isfinite(keys)
    return seen


def _shown(rng: np.random.Generator, seen: Bools, open_ways: dict[str, Bools]) -> dict[str, Bools]:
    """For each carrier, the families in which it shows its issue: one main carrier each, at times a second.

    Need codes are kept apart by issue, as `early_help.need:<issue>`.
    """
    shown: dict[str, Bools] = {}
    for issue, table in CARRIERS.items():
        has = seen[:, INDEX[issue]]
        ways = np.stack([open_ways[c] * weight for c, weight in table.items()], axis=1)
        keys = np.log(np.maximum(ways, 1e-12)) + rng.gumbel(size=ways.shape)
        main = np.argmax(keys, axis=1)
        also = (rng.random(ways.shape) < _SECOND_CARRIER) & (ways > 0)
        for column, carrier in enumerate(table):
            name = f"{NEED}:{issue}" if carrier == NEED else carrier
            chosen = has & ((main == column) | also[:, column])
            shown[name] = shown.get(name, np.zeros_like(has)) | chosen
    return shown
