"""Where people live: addresses with UPRN and postcode, and who moved from which home to which on what day.

In: a `CountyConfig` and its population. Out: `homes` (one row per home) and `stays` (one row per person).
Postcodes have outward codes that are not in use. Several homes share a postcode, one street each; some are flats.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import numpy as np
import polars as pl

from agencies.county.chance import Bools, Ints, exactly, pick
from agencies.county.config import CountyConfig
from agencies.county.districts import DISTRICTS, NAMES
from agencies.county.numbers import Strings, uprns
from agencies.county.population import PARTNER, Population

NEVER = 10**6
_STREET_KINDS = ("Street", "Road", "Lane", "Avenue", "Close", "Drive", "Way", "Court", "Crescent")
_INWARD = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))
_SPARE = 1.12


@dataclass(frozen=True)
class Homes:
    """homes: home, uprn, unit, number, street, town, postcode, district; stays: person, home, next_home, moved (day)."""

    homes: pl.DataFrame
    stays: pl.DataFrame


def make_homes(config: CountyConfig, population: Population) -> Homes:
    """Addresses for every family, for those who move, and for parents who move out."""
    rng = config.rng("homes")
    place = np.searchsorted(np.sort(NAMES), population.families["district"].to_numpy())
    place = np.argsort(NAMES)[place]
    moves = _family_moves(config, rng, place)
    leaving = _separations(config, rng, population, moves.days)
    wanted = np.concatenate([place, moves.places, place[leaving]])
    homes, order = _build(config, rng, wanted)
    first, second, third = np.split(order, [len(place), len(place) + len(moves.movers)])
    _share(config, rng, place, first, moves.days)
    next_home = np.full(len(place), -1)
    next_home[moves.movers] = second
    _take_a_home_just_left(config, rng, place, first, next_home, moves.days)
    stays = _stays(config, rng, population, first, next_home, moves.days, leaving, third)
    return Homes(homes, stays)


@dataclass(frozen=True)
class _Moves:
    movers: Ints  # families that move
    days: Ints  # per family, NEVER when it stays
    places: Ints  # district of the new home, per mover


def _family_moves(config: CountyConfig, rng: np.random.Generator, place: Ints) -> _Moves:
    size = len(place)
    movers = np.flatnonzero(exactly(rng, size, config.homes.moving))
    days = np.full(size, NEVER)
    days[movers] = rng.integers(60, config.days - 60, len(movers))
    away = rng.random(len(movers)) < config.homes.moving_to_another_district
    elsewhere = (place[movers] + rng.integers(1, len(DISTRICTS), len(movers))) % len(DISTRICTS)
    return _Moves(movers, days, np.where(away, elsewhere, place[movers]))


def _separations(
    config: CountyConfig, rng: np.random.Generator, population: Population, days: Ints
) -> Ints:
    """Families of couples, not moving themselves, in which the second parent moves out."""
    couples = np.flatnonzero(~population.families["lone"].to_numpy() & (days == NEVER))
    return couples[exactly(rng, len(couples), config.homes.separating)]


def _share(
    config: CountyConfig, rng: np.random.Generator, place: Ints, home: Ints, days: Ints
) -> None:
    """A few pairs of families live at one address: no linkage can tell them apart by the address."""
    staying = rng.permutation(np.flatnonzero(days == NEVER))
    staying = staying[np.argsort(place[staying], kind="stable")]
    pairs = len(home) * config.homes.sharing_an_address / 2
    same = np.flatnonzero(place[staying][:-1] == place[staying][1:])[::2]
    chosen = same[exactly(rng, len(same), min(1.0, pairs / max(1, len(same))))]
    home[staying[chosen + 1]] = home[staying[chosen]]


def _take_a_home_just_left(
    config: CountyConfig,
    rng: np.random.Generator,
    place: Ints,
    home: Ints,
    next_home: Ints,
    days: Ints,
) -> None:
    """Some movers go to a home that another family left earlier."""
    movers = np.flatnonzero(days < NEVER)
    takers = movers[exactly(rng, len(movers), config.homes.moving_to_a_home_just_left)]
    free = set(movers.tolist()) - set(takers.tolist())
    for taker in takers.tolist():
        earlier = [f for f in free if place[f] == place[taker] and days[f] + 14 < days[taker]]
        if earlier:
            left = max(earlier, key=lambda f: int(days[f]))
            free.discard(left)
            next_home[taker] = home[left]


def _stays(
    config: CountyConfig,
    rng: np.random.Generator,
    population: Population,
    home: Ints,
    next_home: Ints,
    days: Ints,
    leaving: Ints,
    leaver_home: Ints,
) -> pl.DataFrame:
    family = population.people["family"].to_numpy()
    role = population.people["role"].to_numpy()
    moved, after = days[family], next_home[family]
    left = np.full(len(home), -1)
    left[leaving] = np.arange(len(leaving))
    who = np.flatnonzero((role == PARTNER) & (left[family] >= 0))
    moved[who] = rng.integers(config.days // 4, config.days - 60, len(who))
    after[who] = leaver_home[left[family[who]]]
    return pl.DataFrame(
        {"person": np.arange(len(family)), "home": home[family], "next_home": after, "moved": moved}
    )


def _build(
    config: CountyConfig, rng: np.random.Generator, wanted: Ints
) -> tuple[pl.DataFrame, Ints]:
    """Homes of each district, and for each place of `wanted` the home it gets."""
    parts, given, before = [], np.zeros(len(wanted), dtype=np.int64), 0
    for number in range(len(DISTRICTS)):
        here = np.flatnonzero(wanted == number)
        size = max(1, round(len(here) * _SPARE))
        parts.append(_district_homes(config, rng, number, size))
        given[here] = before + rng.permutation(size)[: len(here)]
        before += size
    homes = pl.concat(parts)
    return homes.with_columns(
        home=pl.int_range(pl.len()),
        uprn=pl.Series(uprns(rng, homes.height).tolist(), dtype=pl.String),
    ), given


def _district_homes(
    config: CountyConfig, rng: np.random.Generator, number: int, size: int
) -> pl.DataFrame:
    district = DISTRICTS[number]
    postcodes = max(2, size // config.homes.homes_per_postcode)
    of = np.sort(rng.integers(0, postcodes, size))
    rank = np.arange(size) - np.searchsorted(of, of)
    street, segment = _streets(rng, postcodes)
    town = rng.integers(0, len(district.towns), len(street))[of]
    flats: Bools = (rng.random(postcodes) < config.homes.in_flats)[of]
    start = 1 + segment * 90 + 2 * rng.integers(0, 8, postcodes)
    # Not every house on a street is a family of ours: numbers leave gaps.
    house = np.where(flats, start[of], start[of] + 2 * (3 * rank + rng.integers(0, 3, size)))
    return pl.DataFrame(
        {
            "unit": pl.Series(np.where(flats, rank + 1, 0)),
            "number": pl.Series(house),
            "street": pl.Series(street[of].tolist(), dtype=pl.String),
            "town": pl.Series(
                np.array(district.towns, dtype=object)[town].tolist(), dtype=pl.String
            ),
            "postcode": pl.Series(
                _postcodes(rng, district.outward, postcodes)[of].tolist(), dtype=pl.String
            ),
            "district": pl.Series([district.name] * size, dtype=pl.String),
        }
    )


def _streets(rng: np.random.Generator, size: int) -> tuple[Strings, Ints]:
    """A street for each postcode, and which stretch of the street it is when a street has several."""
    text = resources.files("agencies.county").joinpath("streets.txt").read_text("utf-8")
    words = np.array(text.split("\n")[:-1], dtype=object)
    kinds = np.array(_STREET_KINDS, dtype=object)
    pool = max(2, int(size * 0.7))
    kind = pick(rng, pool, (24, 20, 14, 12, 12, 8, 5, 3, 2))
    names = rng.choice(words, pool) + " " + kinds[kind]
    street = np.sort(rng.choice(names, size).astype(str)).astype(object)
    return street, np.arange(size) - np.searchsorted(street.astype(str), street.astype(str))


def _postcodes(rng: np.random.Generator, outward: tuple[str, ...], size: int) -> Strings:
    """Distinct postcodes: outward code, then a digit and two letters (never C I K M O V)."""
    letters = len(_INWARD)
    serial = rng.choice(len(outward) * 9 * letters * letters, size=size, replace=False)
    area, rest = np.divmod(serial, 9 * letters * letters)
    sector, unit = np.divmod(rest, letters * letters)
    inward = np.char.add(
        (sector + 1).astype(str), np.char.add(_INWARD[unit // letters], _INWARD[unit % letters])
    )
    return np.char.add(np.char.add(np.array(outward)[area], " "), inward).astype(object)
