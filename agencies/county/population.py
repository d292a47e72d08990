"""Families and their people: who lives with whom, ages, names and national numbers.

In: a `CountyConfig`. Out: `families` (one row per family) and `people` (one row per person, sorted by family).
RULE: a family is the people who live together as one household unit on the first day of the period, or are born into
it: parents, their children (grown ones at home too) and a grandparent at home. A parent who later moves out stays in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from agencies.county import districts
from agencies.county.chance import Bools, Floats, Ints, deal, exactly, pick, shares_to_counts
from agencies.county.config import CountyConfig
from agencies.county.names import HERITAGE_SHARES, forenames, surnames
from agencies.county.numbers import Strings, nhs_numbers, ninos, upns

GROUPS: tuple[str, ...] = ("complex", "at_risk", "low")
CHILDREN: dict[str, tuple[float, ...]] = {
    "complex": (0.0, 0.38, 0.35, 0.115, 0.09, 0.045, 0.02),
    "at_risk": (0.0, 0.46, 0.39, 0.11, 0.03, 0.01),
    "low": (0.0, 0.49, 0.40, 0.09, 0.02),
}
LONE: dict[str, float] = {"complex": 0.59, "at_risk": 0.40, "low": 0.24}
_MOST_CHILDREN = 6
_ADULT_CHILD, _GRANDPARENT = 0.05, 0.03
_DAYS = 365.25
ROLES: tuple[str, ...] = ("lead", "partner", "child", "adult_child", "grandparent")
LEAD, PARTNER, CHILD, ADULT_CHILD, GRANDPARENT = range(5)


@dataclass(frozen=True)
class Population:
    """`families`: family, group, district, mapped, lone, children, type is added by needs; `people`: one per person."""

    families: pl.DataFrame
    people: pl.DataFrame


def strata(families: pl.DataFrame) -> list[tuple[str, Ints]]:
    """(group, family numbers): families with complex needs in the mapped districts stand apart, so that the
    published percentages hold among exactly those."""
    groups = families["group"].to_numpy()
    mapped = families["mapped"].to_numpy()
    parts = [("complex", mapped), ("complex", ~mapped)]
    rest = [(g, np.ones(len(groups), dtype=np.bool_)) for g in GROUPS[1:]]
    return [(g, np.flatnonzero((groups == g) & where)) for g, where in parts + rest]


def pupils(people: pl.DataFrame, years: float) -> Bools:
    """Children who are at school for a good part of the period: who can carry a school's record."""
    at_school = (pl.col("age") >= 4.7) & (pl.col("age") - years < 15.5)
    child = (pl.col("role") == CHILD) & pl.col("upn").is_not_null()
    return np.asarray(people.select(child & at_school).to_series())


def make_population(config: CountyConfig) -> Population:
    """The county's families and people."""
    families = _families(config)
    ages = _child_ages(config, families["children"].to_numpy())
    people = _people(config, families, ages)
    return Population(families, _with_numbers(config, _with_names(config, families, people)))


def _families(config: CountyConfig) -> pl.DataFrame:
    rng = config.rng("families")
    groups, places = _groups_and_districts(config)
    order = rng.permutation(len(groups))
    names = np.array(districts.NAMES, dtype=object)[places[order]]
    frame = pl.DataFrame(
        {
            "family": np.arange(len(groups)),
            "group": np.array(GROUPS, dtype=object)[groups[order]].tolist(),
            "district": names.tolist(),
        }
    ).with_columns(mapped=pl.col("district").is_in(districts.MAPPED))
    lone = np.zeros(len(groups), dtype=np.bool_)
    children = np.zeros(len(groups), dtype=np.int64)
    for group, where in strata(frame):
        lone[where] = exactly(rng, len(where), LONE[group])
        children[where] = deal(rng, len(where), CHILDREN[group])
    return frame.with_columns(
        lone=pl.Series(lone),
        children=pl.Series(children),
        heritage=pl.Series(pick(rng, len(groups), HERITAGE_SHARES)),
    )


def _groups_and_districts(config: CountyConfig) -> tuple[Ints, Ints]:
    """Need follows the deprivation index; families of low need fill each district up to its share."""
    total = config.families
    counts = shares_to_counts(
        total,
        (
            config.complex_share,
            config.at_risk_share,
            1 - config.complex_share - config.at_risk_share,
        ),
    )
    share = np.array([d.share for d in districts.DISTRICTS])
    needy = share * np.array([d.index_median for d in districts.DISTRICTS])
    by_group = [shares_to_counts(int(counts[0]), needy), shares_to_counts(int(counts[1]), needy)]
    left = np.maximum(total * share - by_group[0] - by_group[1], 0.01 * total * share)
    by_group.append(shares_to_counts(int(counts[2]), left))
    groups = np.repeat(np.arange(3), [int(c.sum()) for c in by_group])
    return groups, np.concatenate([np.repeat(np.arange(len(share)), c) for c in by_group])


def _child_ages(config: CountyConfig, children: Ints) -> Floats:
    """Ages in years on the last day, eldest first; one row per family, NaN past its number of children."""
    rng = config.rng("ages")
    size = len(children)
    gaps = np.clip(rng.gamma(3.0, 0.9, (size, _MOST_CHILDREN)), 0.9, 6.0)
    gaps[rng.random((size, _MOST_CHILDREN)) < 0.015] = 0.0
    gaps[:, 0] = 0.0
    present = np.arange(_MOST_CHILDREN) < children[:, None]
    behind = np.cumsum(gaps, axis=1)
    span = np.where(present, behind, 0.0).max(axis=1)
    squeeze = np.minimum(1.0, 16.5 / np.maximum(span, 0.1))
    behind, span = behind * squeeze[:, None], span * squeeze
    eldest = 0.15 + span + rng.random(size) * (18.6 - span - 0.15)
    return np.where(present, eldest[:, None] - behind, np.nan)


def _people(config: CountyConfig, families: pl.DataFrame, ages: Floats) -> pl.DataFrame:
    """family, role, female, age in years on the last day; sorted by family and role."""
    rng = config.rng("people")
    size = families.height
    every = np.arange(size)
    couples = every[~families["lone"].to_numpy()]
    grown = every[exactly(rng, size, _ADULT_CHILD)]
    grand = every[exactly(rng, size, _GRANDPARENT)]
    grown_age = 19.2 + rng.random(len(grown)) * 4.0
    eldest = ages[:, 0].copy()
    eldest[grown] = grown_age
    lead_age = eldest + np.clip(rng.normal(27.0, 5.5, size), 16.0, 43.0)
    partner_age = np.maximum(lead_age + rng.normal(2.0, 4.0, size), 17.5 + eldest)[couples]
    lead_female = np.where(
        families["lone"].to_numpy(), rng.random(size) < 0.89, rng.random(size) < 0.80
    )
    same_sex = rng.random(len(couples)) < 0.02
    child_family, child_slot = np.nonzero(~np.isnan(ages))
    parts = [
        (every, LEAD, lead_female, lead_age),
        (couples, PARTNER, lead_female[couples] == same_sex, partner_age),
        (child_family, CHILD, rng.random(len(child_family)) < 0.49, ages[child_family, child_slot]),
        (grown, ADULT_CHILD, rng.random(len(grown)) < 0.45, grown_age),
        (
            grand,
            GRANDPARENT,
            rng.random(len(grand)) < 0.7,
            np.minimum(lead_age[grand] + 20 + rng.random(len(grand)) * 14, 95.0),
        ),
    ]
    frame = pl.concat(
        pl.DataFrame({"family": f, "role": np.full(len(f), r), "female": s, "age": a})
        for f, r, s, a in parts
    ).sort("family", "role", maintain_order=True)
    born = np.round(config.days - 1 - frame["age"].to_numpy() * _DAYS).astype(np.int64)
    return frame.with_columns(
        person=pl.int_range(pl.len()),
        born=pl.Series(born),
    ).with_columns(date_of_birth=pl.lit(config.first_day) + pl.duration(days="born"))


def _with_names(config: CountyConfig, families: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    rng = config.rng("names")
    heritage = families["heritage"].to_numpy()
    family, role = people["family"].to_numpy(), people["role"].to_numpy()
    surname, earlier = _surnames(rng, families, heritage, family, role)
    first = forenames(rng, heritage[family], people["female"].to_numpy())
    for _ in range(3):
        again = pl.DataFrame({"f": family, "n": first.tolist()}).select(
            pl.struct("f", "n").is_duplicated()
        ).to_series().to_numpy() & (role >= CHILD)
        first[again] = forenames(rng, heritage[family[again]], people["female"].to_numpy()[again])
    return people.with_columns(
        sex=pl.when("female").then(pl.lit("F")).otherwise(pl.lit("M")),
        forename=pl.Series(first.tolist(), dtype=pl.String),
        surname=pl.Series(surname.tolist(), dtype=pl.String),
        earlier_surname=pl.Series(earlier.tolist(), dtype=pl.String),
    )


def _surnames(
    rng: np.random.Generator, families: pl.DataFrame, heritage: Ints, family: Ints, role: Ints
) -> tuple[Strings, Strings]:
    """Couples mostly share the partner's surname; children mostly take it, or the lone parent's."""
    size = len(heritage)
    lone: Bools = families["lone"].to_numpy()
    own, other = surnames(rng, heritage), surnames(rng, heritage)
    married = ~lone & (rng.random(size) < 0.60)
    lead = np.where(married, other, own)
    childs = np.where(rng.random(size) < np.where(lone, 0.35, 0.85), other, lead)
    odd = ~married & (rng.random(size) < 0.05)
    childs = np.where(odd, own + "-" + other, childs)
    by_role = np.stack([lead, other, childs, childs, own], axis=1)
    surname = by_role[family, role]
    # A half-sibling bears a third surname; more often where a parent is alone.
    half = (role == CHILD) & (rng.random(len(family)) < np.where(lone[family], 0.07, 0.04))
    surname = np.where(half, surnames(rng, heritage)[family], surname)
    changed = (role == LEAD) & (married | (lone & (rng.random(size) < 0.3)))[family]
    earlier = np.where(married, own, other)
    known = earlier[family]
    known[~changed] = None
    return surname, known


def _with_numbers(config: CountyConfig, people: pl.DataFrame) -> pl.DataFrame:
    """NHS number for all; NINO from 16; UPN for those who are of school age at some time in the period."""
    rng = config.rng("numbers")
    size = people.height
    years = people["date_of_birth"].dt.year().to_numpy().astype(np.int64) + 4
    age = pl.col("age")
    of_school_age = (age >= 4.0) & (age - config.years < 18.0)
    return people.with_columns(
        nhs_number=pl.Series(nhs_numbers(rng, size).tolist(), dtype=pl.String),
        nino=pl.when(age >= 16).then(pl.Series(ninos(rng, size).tolist(), dtype=pl.String)),
        upn=pl.when(of_school_age).then(
            pl.Series(upns(rng, size, years).tolist(), dtype=pl.String)
        ),
    )
