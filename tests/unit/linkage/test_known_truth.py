"""Linkage against known truth: a synthetic county through its own intake, and historical persons."""

import os
from pathlib import Path

import polars as pl
import pytest

from agencies.county import CountyConfig, make_county
from agencies.intake import take_in
from linkage import LinkageSettings, link_records
from linkage.evaluate import cluster_exact_match, pair_quality
from linkage.tokens import LinkageKey, tokenise

DATA = Path(os.environ.get("GATEWAY_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
HISTORICAL = DATA / "historical_persons.parquet"
KEY = LinkageKey(b"\x09" * 32)


def as_records(identifiers, agency, dataset, *, clean_list):
    tokens = tokenise(identifiers, KEY, namespace=agency).with_columns(
        pl.format(f"{agency}.{dataset}:{{}}", "row").alias("record"),
        agency=pl.lit(agency),
        dataset=pl.lit(dataset),
        clean_list=pl.lit(clean_list),
    )
    return tokens.drop("row")


@pytest.fixture(scope="module")
def county():
    made = make_county(CountyConfig(families=300, seed=11))
    frames = []
    for file in made.extracts():
        dataset = made.register.dataset(file.agency, file.dataset)
        taken = take_in(file.content, file.filename, dataset)
        frames.append(
            as_records(taken.identifiers, file.agency, file.dataset, clean_list=dataset.clean_list)
        )
    record = pl.format("{}.{}:{}", "agency", "dataset", "row").alias("record")
    truth = made.truth_rows.select(record, pl.col("person", "family").cast(pl.String))
    tokens = pl.concat(frames, how="diagonal")
    return link_records(tokens, LinkageSettings(u_pairs=500_000)), truth


def test_the_persons_of_a_county_are_found(county):
    result, truth = county
    assert pair_quality(result.persons, truth).f1 >= 0.97


def test_those_who_look_alike_in_clean_lists_keep_families_apart(county):
    # Linked from one half up, as the probabilities alone say, siblings would be joined.
    result, truth = county
    assert pair_quality(result.persons, truth).precision >= 0.999


def test_nine_in_ten_families_of_a_county_are_found_exactly(county):
    result, truth = county
    in_family = result.persons.join(result.families, on="person").select("record", "family")
    assert cluster_exact_match(in_family, truth, group="family") >= 0.90


@pytest.mark.skipif(not HISTORICAL.exists(), reason="not in GATEWAY_TEST_DATA")
def test_a_list_full_of_duplicates_is_linked_within_itself():
    raw = pl.read_parquet(HISTORICAL).head(4000).with_row_index("row")
    identifiers = raw.select(
        pl.col("row").cast(pl.UInt32),
        pl.lit(None, dtype=pl.Date).alias("seen_on"),
        forename="first_name",
        surname="surname",
        date_of_birth="dob",
        sex="gender",
        postcode="postcode_fake",
        other_birth_place="birth_place",
        other_occupation="occupation",
    )
    tokens = as_records(identifiers, "archive", "persons", clean_list=False)
    truth = raw.select(pl.format("archive.persons:{}", "row").alias("record"), person="cluster")
    result = link_records(tokens, LinkageSettings(u_pairs=500_000))
    quality = pair_quality(result.persons, truth)
    assert quality.f1 >= 0.95
    assert result.counts["entries"] < len(raw)
