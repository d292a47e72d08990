"""Real records of people of the past, dealt out to two agencies that each know some of them.

In: the historical_persons data set (its errors are real, its `cluster` is the truth) and a seed. Out: the bytes of two
extracts in the agencies' own style, and who is known to whom. Nothing is made up but entry numbers and copying days.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SEED = 1
# Of the persons: known to the record office only, to the museum only, to both.
SHARES = (0.35, 0.25, 0.40)
DATASETS = {"record_office": "entries", "museum": "cards"}
SUFFIXES = {"record_office": ".csv", "museum": ".parquet"}
FIRST_DAY, DAYS = date(2024, 1, 8), 600
# The agencies' own codes; whatever else the data set holds there is sent as it is.
SEX = {
    "record_office": {"male": "Male", "female": "Female", "female | male": "Male or female"},
    "museum": {"male": "m", "female": "f", "female | male": "mf"},
}


@dataclass(frozen=True)
class Dealt:
    """Two files, and for each agency its rows' persons in the order of the file."""

    content: dict[str, bytes]
    persons: dict[str, list[str]]

    def known_to(self) -> Counter[str]:
        """The truth: how many persons stand in the rows of exactly these agencies."""
        listed = {agency: set(persons) for agency, persons in sorted(self.persons.items())}
        everybody = set().union(*listed.values())
        return Counter(
            "+".join(agency for agency, persons in listed.items() if person in persons)
            for person in everybody
        )


def deal(file: Path, seed: int = SEED) -> Dealt:
    """Deal every record to one agency: each person is known to one of them or to both."""
    records = pl.read_parquet(file)
    rng = np.random.default_rng(seed)
    persons = records["cluster"].unique(maintain_order=True)
    share = rng.choice(3, len(persons), p=SHARES)
    knows = records["cluster"].replace_strict(dict(zip(persons, share, strict=True))).to_numpy()
    coin = rng.integers(0, 2, records.height)
    at_museum = np.where(knows == 2, coin, knows).astype(bool)
    days = [FIRST_DAY + timedelta(days=int(n)) for n in rng.integers(0, DAYS, records.height)]
    dated = records.with_columns(day=pl.Series(days), number=pl.int_range(records.height))
    parts = {
        "record_office": dated.filter(pl.Series(~at_museum)),
        "museum": dated.filter(pl.Series(at_museum)),
    }
    return Dealt(
        content={
            "record_office": _entries(parts["record_office"]),
            "museum": _cards(parts["museum"]),
        },
        persons={agency: part["cluster"].to_list() for agency, part in parts.items()},
    )


def labels(dealt: Dealt, submissions: dict[str, str]) -> dict[str, list[Any]]:
    """The truth as a labelled sample: submission and row of every record, with its person."""
    rows = [
        (submissions[agency], row, person)
        for agency, persons in dealt.persons.items()
        for row, person in enumerate(persons, start=1)
    ]
    return dict(
        zip(("submission", "row", "person"), map(list, zip(*rows, strict=True)), strict=True)
    )


def _entries(part: pl.DataFrame) -> bytes:
    """The record office's CSV: British dates, words for the sex."""
    year, month, day = (pl.col("dob").str.split("-").list.get(n) for n in range(3))
    frame = part.select(
        pl.format("RO/{}", "number").alias("Entry No."),
        pl.col("first_name").alias("Christian Name"),
        pl.col("surname").alias("Family Name"),
        pl.concat_str(day, month, year, separator="/").alias("Born"),
        _sex("record_office").alias("Sex"),
        pl.col("postcode_fake").alias("Postcode of Birthplace"),
        pl.col("birth_place").alias("Place of Birth"),
        pl.col("occupation").alias("Trade or Calling"),
        pl.col("day").dt.strftime("%d/%m/%Y").alias("Copied"),
    )
    return frame.write_csv().encode()


def _cards(part: pl.DataFrame) -> bytes:
    """The museum's Parquet: compact dates, letters for the sex."""
    frame = part.select(
        pl.format("card-{}", "number").alias("cardId"),
        pl.col("first_name").alias("givenName"),
        pl.col("surname").alias("familyName"),
        pl.col("dob").str.replace_all("-", "").alias("birthDate"),
        _sex("museum").alias("gender"),
        pl.col("postcode_fake").alias("birthPostcode"),
        pl.col("birth_place").alias("birthPlace"),
        pl.col("occupation"),
        pl.col("day").alias("digitisedOn"),
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _sex(agency: str) -> pl.Expr:
    return pl.col("gender").replace(SEX[agency])
