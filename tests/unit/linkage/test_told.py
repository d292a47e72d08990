"""What is told of a value once stands for every row that has it."""

import polars as pl
import pytest

from linkage import LinkageSettings, link_records, reference_model, told_again
from linkage.tokens import LinkageKey, tokenise, tokenise_profiles
from linkage.told import told_once

KEY = LinkageKey(b"\x06" * 32)
PEOPLE = {
    "forename": ["Ann", "Bob", "Ann", "Anne", "Bob", "Cleo"],
    "surname": ["Day", "Day", "Lamb", "Day", "Dey", "Lamb"],
    "postcode": ["LE13 0AB", "LE13 0AB", "LE1 1AA", "LE13 0AB", "LE13 0AB", "LE1 1AA"],
    "address": ["1 High St", "1 High St", "2 Elm Rd", "1 Hihg St", "1 High St", "2 Elm Rd"],
}


def tokens(made):
    """Six people as two agencies have them, tokens made by `made`."""
    frames = []
    for agency in ("one", "other"):
        rows = pl.DataFrame(PEOPLE).with_columns(
            pl.int_range(6, dtype=pl.UInt32).alias("row"),
            seen_on=pl.lit("2025-01-01").str.to_date(),
        )
        told = made(rows, KEY, namespace=agency)
        if told.schema["row"] == pl.List(pl.UInt32):
            told = told.explode("row", "seen_on").sort("row")
        frames.append(
            told.with_columns(
                record=pl.format("{}:{}", pl.lit(agency), "row"),
                agency=pl.lit(agency),
                dataset=pl.lit("people"),
                clean_list=pl.lit(value=False),
            ).drop("row")
        )
    return pl.concat(frames)


@pytest.fixture(params=[tokenise, tokenise_profiles], ids=["in every row", "once"])
def told(request):
    return told_once(tokens(request.param))


def test_a_further_token_is_there_once_for_each_value(told):
    assert not [c for c in told.records.columns if c.endswith(("_near", "_nysiis", "_premises"))]
    names = told.values["forename_exact"]
    assert names.height == names["forename_exact"].n_unique() == 4
    assert names["forename_near"].null_count() == 0


def test_filled_in_again_every_row_has_every_token(told):
    everything = tokens(tokenise)
    assert (
        told.filled(told.records, everything.columns).select(everything.columns).equals(everything)
    )


def test_the_row_that_tells_the_most_is_heard():
    less = tokens(tokenise).with_columns(pl.lit(None, pl.List(pl.UInt64)).alias("surname_near"))
    both = pl.concat([less, tokens(tokenise)])
    assert told_once(both).values["surname_exact"]["surname_near"].null_count() == 0


def test_a_field_named_like_the_beginning_of_another_is_not_told_by_it():
    frame = pl.DataFrame({"other_birth_exact": [1, 1, 2], "other_birth_place_exact": [5, 6, 7]})
    assert told_again(frame).equals(frame)


def test_links_and_families_are_the_same_however_tokens_are_told():
    one, other = (grouped(tokens(made)) for made in (tokenise, tokenise_profiles))
    assert one.equals(other)
    assert one["person"].n_unique() < one.height
    assert one["family"].n_unique() < one["person"].n_unique()


def grouped(records):
    """record, and the first record of its person and of its family."""
    links = link_records(records, LinkageSettings(model=reference_model())).links()
    first = (pl.col("record").min().over(group).alias(group) for group in ("person", "family"))
    return links.select("record", *first).sort("record")
