"""How an agency writes an address: abbreviated or in full, with or without the town, with slips, at times not at all.

In: homes and stays. Out: per person and home (the first, and the one moved to) address, postcode, UPRN and district.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from agencies.county.config import CountyConfig
from agencies.county.errors import mistyped, mistyped_numbers, mistyped_postcodes
from agencies.county.homes import Homes

_SHORT = {
    "Street": "St",
    "Road": "Rd",
    "Lane": "Ln",
    "Avenue": "Ave",
    "Close": "Cl",
    "Drive": "Dr",
    "Court": "Ct",
    "Crescent": "Cres",
}


def written_addresses(
    config: CountyConfig,
    rng: np.random.Generator,
    homes: Homes,
    stays: pl.DataFrame,
    *,
    capitals: bool,
    required: bool,
) -> pl.DataFrame:
    """person, at_next_home, address, postcode, uprn, district. A landlord's address (`required`) is never missing."""
    first = stays.select("person", "home", at_next_home=pl.lit(False))
    second = stays.filter(pl.col("next_home") >= 0).select(
        "person", home="next_home", at_next_home=pl.lit(True)
    )
    at = pl.concat([first, second]).join(homes.homes, on="home", maintain_order="left")
    text = _text(config, rng, at)
    rates = config.errors
    missing = 0.0 if required else rates.missing_address
    postcodes = mistyped_postcodes(
        rng, at["postcode"].to_numpy().astype(object), rates.typing_postcode
    )
    written = at.select(
        "person",
        "at_next_home",
        "district",
        address=text.str.to_uppercase() if capitals else text,
        postcode=pl.Series(postcodes.tolist(), dtype=pl.String),
        uprn="uprn",
    )
    lost = {
        "address": rng.random(at.height) < missing,
        "postcode": rng.random(at.height) < rates.missing_postcode,
        "uprn": rng.random(at.height) < rates.missing_uprn,
    }
    return written.with_columns(
        pl.when(~pl.Series(mask)).then(pl.col(name)).alias(name) for name, mask in lost.items()
    )


def _text(config: CountyConfig, rng: np.random.Generator, at: pl.DataFrame) -> pl.Series:
    rates, size = config.errors, at.height
    street = mistyped(rng, at["street"].to_numpy().astype(object), rates.typing_street)
    number = mistyped_numbers(rng, at["number"].cast(pl.String).to_numpy(), rates.typing_number)
    short = pl.Series(rng.random(size) < rates.address_abbreviated)
    comma = pl.Series(rng.random(size) < 0.2)
    bare = pl.Series(rng.random(size) < rates.address_without_town)
    slash = pl.Series(rng.random(size) < 0.3)
    name = pl.col("street")
    abbreviated = name.str.replace_many(
        [f" {k}" for k in _SHORT], [f" {v}" for v in _SHORT.values()]
    )
    flat = pl.format("Flat {}, ", "unit")
    unit = (
        pl.when(pl.col("unit") == 0)
        .then(pl.lit(""))
        .when(slash)
        .then(pl.format("{}/", "unit"))
        .otherwise(flat)
    )
    return (
        at.with_columns(
            street=pl.Series(street.tolist(), dtype=pl.String),
            number=pl.Series(number.tolist(), dtype=pl.String),
        )
        .select(
            pl.concat_str(
                unit,
                "number",
                pl.when(comma).then(pl.lit(", ")).otherwise(pl.lit(" ")),
                pl.when(short).then(abbreviated).otherwise(name),
                pl.when(bare).then(pl.lit("")).otherwise(pl.format(", {}", "town")),
            )
        )
        .to_series()
    )
