"""An extract of benefit spells of any size, in memory: 15 columns, identifiers that repeat as real ones do.

In: rows and a seed. Out: the bytes of a CSV in the style that the catalogue declares for dwp.spells. A claimant has
about three spells; names are drawn by Zipf's law from tens of thousands; a few cells are empty, a few are wrong.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

SEED = 20261122
COLUMNS = 15
SURNAMES, FORENAMES = 40_000, 8_000
ROWS_PER_CLAIMANT, PEOPLE_PER_ADDRESS, ADDRESSES_PER_POSTCODE = 4, 2, 15
NO_NINO, NO_BIRTH, MOVED, SPOILED = 0.05, 0.02, 0.15, 0.003
DISTRICTS = ("BLA", "CHA", "HAR", "HIN", "MEL", "NWL", "OAD")
BENEFITS = ("UCNW", "JSA", "ESA", "IS", "CA")
_ONSETS = (
    *("b", "br", "c", "ch", "cl", "d", "f", "g", "gr", "h", "j", "k", "l", "m", "n"),
    *("p", "pr", "r", "s", "sh", "st", "t", "th", "tr", "w"),
)
_NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "oo", "ow", "y")
_CODAS = ("", "d", "ck", "l", "ll", "m", "n", "nd", "r", "rd", "s", "st", "t", "ton", "son", "ley")
_STREETS = ("Road", "Street", "Avenue", "Close", "Lane", "Way")
_NINO_LETTERS = "ABCEHJKLMPRSTWXY"
Words = NDArray[np.object_]
Numbers = NDArray[np.int64]


def spells(rows: int, seed: int = SEED) -> bytes:
    """A CSV of that many rows with its header."""
    rng = np.random.default_rng(seed)
    claimants = max(1, rows // ROWS_PER_CLAIMANT)
    who = rng.integers(0, claimants, rows)
    homes = _homes(rng, max(1, claimants // PEOPLE_PER_ADDRESS))
    home = np.where(
        rng.random(rows) < MOVED,
        rng.integers(0, len(homes), rows),
        rng.integers(0, len(homes), claimants)[who],
    )
    start = rng.integers(0, 2200, rows)
    weeks = rng.integers(1, 200, rows)
    frame = pl.DataFrame(
        {
            **_claimants(rng, claimants, who),
            **{name: homes[name].gather(home) for name in ("address", "postcode", "district")},
            "spell-start": _days("2016-01-01", start),
            "spell-end": _days("2016-01-01", start + 7 * weeks),
            "benefit-code": rng.choice(BENEFITS, rows),
            "weeks-in-payment": weeks,
            "amount-paid": np.round(weeks * rng.uniform(60, 140, rows), 2),
            "lone-parent": rng.integers(0, 2, rows),
        }
    )
    return _spoiled(frame, rng).write_csv().encode()


def _claimants(rng: np.random.Generator, count: int, who: Numbers) -> dict[str, pl.Series]:
    letters = np.array(list(_NINO_LETTERS))
    prefixes = [letters[rng.integers(0, len(letters), count)] for _ in range(2)]
    people = pl.DataFrame(
        {
            "claimant-ref": rng.permutation(10 * count)[:count],
            "p1": prefixes[0],
            "p2": prefixes[1],
            "digits": rng.integers(0, 10**6, count),
            "first-name": _names(rng, FORENAMES, 2)[_zipf(rng, FORENAMES, count)],
            "last-name": _names(rng, SURNAMES, 3)[_zipf(rng, SURNAMES, count)],
            "birth-date": _days("1948-03-01", rng.integers(0, 60 * 365, count)),
            "sex": rng.choice(("M", "F"), count),
        }
    ).with_columns(
        pl.format("C{}", pl.col("claimant-ref").cast(pl.String).str.zfill(8)),
        nino=pl.format("{}{}{}A", "p1", "p2", pl.col("digits").cast(pl.String).str.zfill(6)),
    )
    shown = people.select(
        "claimant-ref",
        pl.when(pl.Series(rng.random(count) >= NO_NINO)).then("nino").alias("nino"),
        "first-name",
        "last-name",
        pl.when(pl.Series(rng.random(count) >= NO_BIRTH)).then("birth-date").alias("birth-date"),
        "sex",
    )
    return {series.name: series.gather(who) for series in shown}


def _homes(rng: np.random.Generator, count: int) -> pl.DataFrame:
    areas = max(1, count // ADDRESSES_PER_POSTCODE)
    area = rng.integers(0, areas, count)
    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))
    units = [letters[rng.integers(0, len(letters), areas)] for _ in range(2)]
    streets = _names(rng, 5_000, 2)[rng.integers(0, 5_000, areas)]
    kinds = np.array(_STREETS, dtype=object)[rng.integers(0, len(_STREETS), areas)]
    places = pl.DataFrame(
        {
            "street": streets + " " + kinds,
            "out": rng.integers(1, 100, areas),
            "in": rng.integers(0, 10, areas),
            "u1": units[0],
            "u2": units[1],
            "district": rng.choice(DISTRICTS, areas),
        }
    ).with_columns(postcode=pl.format("LE{} {}{}{}", "out", "in", "u1", "u2"))
    numbered = places[area].with_columns(number=pl.Series(rng.integers(1, 180, count)))
    return numbered.select(
        pl.format("{} {}", "number", "street").alias("address"), "postcode", "district"
    )


def _names(rng: np.random.Generator, count: int, syllables: int) -> Words:
    """Distinct pronounceable names."""
    found: dict[str, None] = {}
    while len(found) < count:
        parts = [
            np.array(part, dtype=object)[rng.integers(0, len(part), count)]
            for _ in range(syllables)
            for part in (_ONSETS, _NUCLEI)
        ]
        ends = np.array(_CODAS, dtype=object)[rng.integers(0, len(_CODAS), count)]
        found |= dict.fromkeys(name.capitalize() for name in sum(parts[1:], parts[0]) + ends)
    return np.array(list(found)[:count], dtype=object)


def _zipf(rng: np.random.Generator, pool: int, count: int) -> Numbers:
    share = 1 / np.arange(1, pool + 1)
    return rng.choice(pool, count, p=share / share.sum())


def _days(first: str, offset: Numbers) -> pl.Series:
    return pl.Series(np.datetime64(first) + offset).dt.strftime("%d.%m.%Y")


def _spoiled(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The frame with a few days that no calendar has and codes that nobody declared."""
    wrong_day = pl.Series(rng.random(frame.height) < SPOILED)
    wrong_code = pl.Series(rng.random(frame.height) < SPOILED)
    return frame.with_columns(
        pl.when(wrong_day).then(pl.lit("31.02.2020")).otherwise("spell-start").alias("spell-start"),
        pl.when(wrong_code).then(pl.lit("XX")).otherwise("benefit-code").alias("benefit-code"),
    )
