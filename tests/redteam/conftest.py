"""A real home after a whole run over a small county, closed and left to thieves; and what is true of its rows.

Some agencies sort their files by surname before they send them, as people do.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from agencies.county import County, CountyConfig, ExtractFile, make_county
from agencies.intake import take_in
from agencies.register import Dataset
from gateway.bootstrap import Gateway, make_home, open_gateway
from gateway.config import Settings
from gateway.keys import Keys
from gateway.pipeline.ingest import Extract, ingest, submit_request
from gateway.pipeline.link import link
from gateway.pipeline.rows import kept_rows
from linkage.tokens import LinkageKey, tokenise
from policies import Actor
from tests.redteam.at_rest import Loot, linkage_role_key, plunder, store_key

FAMILIES = 300
# The thief's own list: another county of the same kind, as the names of a census are of the same kind as ours.
PUBLIC_FAMILIES = 4000
TRAINING = {"five_safes": 10, "isp_briefing": 10}
TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NAMES = ("forename", "surname")


@dataclass(frozen=True)
class Sent:
    """One file as it was sent, in which submission it is, and its names: `row` (in the file), `kept`, forename, surname."""

    submission: str
    dataset: Dataset
    names: pl.DataFrame


@dataclass(frozen=True)
class Home:
    """The closed home. `truth`: record, forename, surname for each stored row."""

    settings: Settings
    keys: Keys
    sent: tuple[Sent, ...]
    truth: pl.DataFrame


@pytest.fixture(scope="session")
def county() -> County:
    return make_county(CountyConfig(families=FAMILIES, seed=7))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, county: County) -> Home:
    settings = Settings(home=tmp_path_factory.mktemp("stolen") / "home", workers=1)
    keys = make_home(settings, None)
    gateway = open_gateway(settings)
    try:
        sent = tuple(_send(gateway, file) for file in county.extracts())
        asked = gateway.wiring.operation(_actor("linkage_officer", "gateway"), "link")
        with gateway.door.open(asked) as access:
            link(access, gateway.wiring, lambda step, share: None)
    finally:
        gateway.close()
    truth = pl.concat(
        each.names.select(
            pl.format("{}:{}", pl.lit(each.submission), "kept").alias("record"), *NAMES
        )
        for each in sent
    )
    return Home(settings, keys, sent, truth)


@pytest.fixture(scope="session")
def stolen(home: Home) -> Loot:
    """What the store key opens."""
    return plunder(home.settings, store_key(home.keys))


@pytest.fixture(scope="session")
def betrayed(home: Home) -> Loot:
    """What the linkage role's key opens as well."""
    return plunder(home.settings, linkage_role_key(home.keys))


@pytest.fixture(scope="session")
def public() -> pl.DataFrame:
    """A public register of other people."""
    return as_public(make_county(CountyConfig(families=PUBLIC_FAMILIES, seed=99)).people)


@pytest.fixture(scope="session")
def register(public: pl.DataFrame) -> pl.DataFrame:
    """The same without tokens: forename, surname, home."""
    return public.select(*NAMES, "home")


def as_public(people: pl.DataFrame) -> pl.DataFrame:
    """A register's names and homes, beside tokens of the names under a key of the thief's own: the code is open."""
    rows = people.select(*(pl.col(name).str.to_uppercase() for name in NAMES), "home")
    identifiers = rows.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        pl.lit(None, dtype=pl.Date).alias("seen_on"),
        *NAMES,
    )
    tokens = tokenise(identifiers, LinkageKey(b"the thief's own key, not secret."), namespace="own")
    return pl.concat([tokens.drop("row", "seen_on"), rows], how="horizontal")


def _actor(role: str, agency: str) -> Actor:
    return Actor(f"staff-{role}", role, agency, training=TRAINING)


def _send(gateway: Gateway, file: ExtractFile) -> Sent:
    wiring = gateway.wiring
    declared = wiring.register.dataset(file.agency, file.dataset)
    suffix = Path(file.filename).suffix
    content = _sorted_by_surname(file.content, declared) if suffix == ".csv" else file.content
    today = wiring.clock().date()
    asked = submit_request(_actor("data_officer", file.agency), declared, today, today)
    with gateway.door.open(asked) as access:
        extract = Extract(declared, content, TYPES[suffix])
        told = ingest(access, extract, wiring, lambda step, share: None)
        kept = wiring.store.submissions.get(access, told["submission"])
    identifiers = take_in(content, file.filename, declared).identifiers
    names = identifiers.select(
        "row", *(pl.col(name).cast(pl.String).str.to_uppercase() for name in NAMES)
    )
    numbers = kept_rows(wiring, kept.fingerprint, names["row"])
    return Sent(kept.id, declared, names.with_columns(numbers.alias("kept")))


def _sorted_by_surname(content: bytes, declared: Dataset) -> bytes:
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    place = header.index(declared.columns["surname"].header)
    out = io.StringIO()
    csv.writer(out).writerows([header, *sorted(rows, key=lambda row: row[place].upper())])
    return out.getvalue().encode()
