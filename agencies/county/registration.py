"""How each agency has registered the people it knows: one entry a person, with that agency's own errors and style.

In: config, population, homes, and the people an agency knows. Out: `Registration`. The same person's rows in one
agency repeat the same details, apart from the address after a move that the agency was told of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from agencies.county.addresses import written_addresses
from agencies.county.chance import Ints
from agencies.county.config import CountyConfig, ErrorRates
from agencies.county.errors import familiar, misdated, mistyped, some
from agencies.county.homes import NEVER, Homes
from agencies.county.numbers import Strings
from agencies.county.population import Population

# agency -> how its references begin
REFERENCES: dict[str, str] = {
    "police": "N",
    "council": "C",
    "schools": "P",
    "housing": "H-",
    "health": "RX",
    "dwp": "CL",
}
IN_CAPITALS: tuple[str, ...] = ("police", "dwp")
# A landlord knows who moved into its homes, and where they are.
KNOWS_MOVES: tuple[str, ...] = ("housing",)


@dataclass(frozen=True)
class Registration:
    """people: person, agency_id, names, date_of_birth, sex, numbers; addresses: person, at_next_home, address, ...;
    told: person, told (the day from which the agency writes the new address)."""

    people: pl.DataFrame
    addresses: pl.DataFrame
    told: pl.DataFrame

    def identifiers(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Each row's registered details as they stood on its day, guardian and partner by their references."""
        joined = rows.join(self.told, on="person", how="left", maintain_order="left").with_columns(
            at_next_home=pl.col("day") >= pl.col("told")
        )
        joined = joined.join(self.people, on="person", how="left", maintain_order="left")
        keys = ["person", "at_next_home"]
        return joined.join(self.addresses, on=keys, how="left", maintain_order="left")

    def reference_of(self, people: pl.Series) -> pl.Series:
        """The agency's references of people given by number (null stays null)."""
        table = dict(zip(self.people["person"], self.people["agency_id"], strict=True))
        return people.replace_strict(table, default=None, return_dtype=pl.String)


def register_people(
    config: CountyConfig,
    population: Population,
    homes: Homes,
    agency: str,
    known: Ints,
    *,
    address_required: bool,
) -> Registration:
    """Register `known` people (numbers, ascending) with one agency."""
    rng = config.rng(f"registration {agency}")
    rates = config.errors
    people = population.people[known]
    stays = homes.stays[known]
    details = _details(config, rng, people).with_columns(
        agency_id=pl.Series(_references(rng, agency, len(known)).tolist(), dtype=pl.String)
    )
    told = _told(rng, rates, agency, stays["moved"].to_numpy())
    addresses = written_addresses(
        config, rng, homes, stays, capitals=agency in IN_CAPITALS, required=address_required
    )
    if agency in IN_CAPITALS:
        details = details.with_columns(pl.col("forename", "surname").str.to_uppercase())
    return Registration(details, addresses, pl.DataFrame({"person": stays["person"], "told": told}))


def _references(rng: np.random.Generator, agency: str, size: int) -> Strings:
    numbers = 1_000_000 + rng.choice(9_000_000, size=size, replace=False)
    return np.array([f"{REFERENCES[agency]}{n}" for n in numbers.tolist()], dtype=object)


def _told(rng: np.random.Generator, rates: ErrorRates, agency: str, moved: Ints) -> Ints:
    if agency in KNOWS_MOVES:
        return moved
    later = moved + rng.integers(0, rates.move_told_within_days, len(moved))
    return np.where(rng.random(len(moved)) < rates.move_never_told, NEVER, later)


def _details(config: CountyConfig, rng: np.random.Generator, people: pl.DataFrame) -> pl.DataFrame:
    rates, size = config.errors, people.height
    forename = familiar(rng, people["forename"].to_numpy().astype(object), rates.nickname)
    surname = people["surname"].to_numpy().astype(object)
    earlier = people["earlier_surname"].to_numpy().astype(object)
    old = some(rng, size, rates.earlier_surname)
    old = old[[earlier[place] is not None for place in old.tolist()]]
    surname[old] = earlier[old]
    births = misdated(
        rng,
        people["date_of_birth"].to_list(),
        rates.typing_date,
        rates.day_month_swapped,
        config.last_day,
    )
    return pl.DataFrame(
        {
            "person": people["person"],
            "forename": pl.Series(
                mistyped(rng, forename, rates.typing_name).tolist(), dtype=pl.String
            ),
            "surname": pl.Series(
                mistyped(rng, surname, rates.typing_name).tolist(), dtype=pl.String
            ),
            "date_of_birth": pl.Series(births, dtype=pl.Date),
            "sex": _lost(rng, people["sex"], rates.missing_sex),
            "nhs_number": _lost(rng, people["nhs_number"], rates.missing_nhs_number),
            "nino": _lost(rng, people["nino"], rates.missing_nino),
            "upn": _lost(rng, people["upn"], rates.missing_upn),
        }
    )


def _lost(rng: np.random.Generator, values: pl.Series, rate: float) -> pl.Series:
    """The values, some of them never recorded."""
    there = pl.Series(rng.random(len(values)) >= rate)
    return pl.select(pl.when(there).then(values)).to_series()
