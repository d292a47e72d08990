"""Incremental linking on real tokens: the persons of a full run with the same model, for less."""

import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from agencies.county import CountyConfig, make_county
from agencies.intake import take_in
from linkage import LinkageSettings, link_records
from linkage.errors import LinksOutdated
from linkage.evaluate import pair_quality
from linkage.history import count_changes
from linkage.incremental import link_new_records
from linkage.link import FEWEST_FOR_FREQUENCIES
from linkage.tokens import LinkageKey, tokenise

DATA = Path(os.environ.get("GATEWAY_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
HISTORICAL = DATA / "historical_persons.parquet"
needs_historical = pytest.mark.skipif(not HISTORICAL.exists(), reason="not in GATEWAY_TEST_DATA")
KEY = LinkageKey(b"\x09" * 32)
SETTINGS = LinkageSettings(u_pairs=300_000)


def as_records(identifiers, agency, dataset, *, clean_list):
    return (
        tokenise(identifiers, KEY, namespace=agency)
        .with_columns(
            pl.format(f"{agency}.{dataset}:{{}}", "row").alias("record"),
            agency=pl.lit(agency),
            dataset=pl.lit(dataset),
            clean_list=pl.lit(clean_list),
        )
        .drop("row")
    )


def carried_on(result, tokens):
    return link_new_records(tokens, SETTINGS, previous=result.links(), last=result.parameters)


def linked_by(tokens, result, previous=None):
    """A full run with the model of another."""
    settings = replace(SETTINGS, model=result.parameters["model"])
    return link_records(tokens, settings, previous=previous)


def groups(frame, kind="person"):
    return set(map(frozenset, frame.group_by(kind).agg("record")["record"].to_list()))


def families(result):
    return groups(result.persons.join(result.families, on="person"), "family")


def without(tokens, share, seed):
    """Most of the records."""
    return tokens.sample(fraction=1 - share, seed=seed, shuffle=True)


@pytest.fixture(scope="module")
def historical():
    raw = pl.read_parquet(HISTORICAL).head(3600).with_row_index("row")
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
    truth = raw.select(pl.format("archive.persons:{}", "row").alias("record"), person="cluster")
    return as_records(identifiers, "archive", "persons", clean_list=False), truth


@pytest.fixture(scope="module")
def before(historical):
    """A run over nine in ten of the historical records."""
    return link_records(without(historical[0], 0.1, seed=1), SETTINGS)


@pytest.fixture(scope="module")
def county():
    """Six agencies' tokens: clean lists, national numbers, families, dates; and an order of arrival."""
    made = make_county(CountyConfig(families=150, seed=5))
    frames = []
    for file in made.extracts():
        dataset = made.register.dataset(file.agency, file.dataset)
        taken = take_in(file.content, file.filename, dataset)
        frames.append(
            as_records(taken.identifiers, file.agency, file.dataset, clean_list=dataset.clean_list)
        )
    return pl.concat(frames, how="diagonal").sort("seen_on", "record")


@pytest.fixture(scope="module")
def county_before(county):
    """A run over what had arrived when nine in ten records were there."""
    return link_records(county.head(int(county.height * 0.9)), SETTINGS)


@needs_historical
def test_without_term_frequencies_the_persons_are_exactly_those_of_a_full_run(historical, before):
    few = historical[0].head(FEWEST_FOR_FREQUENCIES - 1)
    first = linked_by(without(few, 0.02, seed=2), before)
    assert not first.parameters["frequencies"]

    part, whole = carried_on(first, few), linked_by(few, before, previous=first.links())

    assert groups(part.persons) == groups(whole.persons)
    assert count_changes(part.changes) == count_changes(whole.changes)
    assert part.counts["entry_pairs_compared"] < 0.8 * whole.counts["entry_pairs_compared"]


@needs_historical
def test_with_them_the_persons_are_those_of_a_full_run_but_for_pairs_at_the_threshold(
    historical, before
):
    tokens, truth = historical
    assert before.parameters["frequencies"]
    part, whole = carried_on(before, tokens), linked_by(tokens, before)
    assert pair_quality(part.persons, whole.persons).f1 >= 0.99
    loss = pair_quality(whole.persons, truth).f1 - pair_quality(part.persons, truth).f1
    assert loss <= 0.003


def test_a_county_comes_out_as_from_a_full_run(county, county_before):
    part, whole = carried_on(county_before, county), linked_by(county, county_before)

    assert pair_quality(part.persons, whole.persons).f1 >= 0.999
    assert len(families(part) ^ families(whole)) <= 0.01 * len(families(whole))
    assert part.counts["entry_pairs_compared"] < 0.3 * whole.counts["entry_pairs_compared"]


def test_records_that_show_nothing_new_are_not_compared(county, county_before):
    again = county.head(200).with_columns(record=pl.format("again:{}", "record"))
    old = county.head(int(county.height * 0.9))
    known = pl.concat([old, again.filter("clean_list", pl.col("agency_id_exact").is_not_null())])

    result = carried_on(county_before, known)

    assert result.counts["entry_pairs_compared"] == 0
    assert set(result.changes["kind"]) == {"kept", "changed"}


def test_nothing_new_is_a_run_that_keeps_every_id(county, county_before):
    result = carried_on(county_before, county.head(int(county.height * 0.9)))
    assert result.persons.sort("record").equals(county_before.persons.sort("record"))
    assert result.families.sort("person").equals(county_before.families.sort("person"))
    assert set(result.changes["kind"]) == {"kept"}


def test_records_that_are_gone_take_their_persons_with_them(county, county_before):
    stays = county.head(int(county.height * 0.9)).filter(pl.col("agency") != "police")
    part = carried_on(county_before, stays)
    whole = linked_by(stays, county_before, previous=county_before.links())

    assert pair_quality(part.persons, whole.persons).f1 >= 0.999
    counts = count_changes(part.changes)
    assert counts["gone"] > 0 < counts["changed"]
    assert counts["new"] == counts["merge"] == 0
    assert part.changes["records_gone"].sum() == county_before.persons.height - stays.height


def test_a_run_repeats_itself_except_for_its_random_ids(county, county_before):
    one, other = (carried_on(county_before, county) for _ in range(2))
    assert groups(one.persons) == groups(other.persons)
    assert (one.parameters, one.quality, one.counts) == (
        other.parameters,
        other.quality,
        other.counts,
    )
    assert count_changes(one.changes) == count_changes(other.changes)
    old = set(county_before.persons["person"])
    kept = [set(each.persons["person"]) & old for each in (one, other)]
    assert kept[0] == kept[1]


def test_runs_can_be_carried_on_one_after_the_other(county, county_before):
    step = carried_on(county_before, county.head(int(county.height * 0.95)))
    twice, once = carried_on(step, county), carried_on(county_before, county)
    assert pair_quality(twice.persons, once.persons).f1 >= 0.999
    assert twice.parameters["model"] == county_before.parameters["model"]


def test_parameters_say_that_it_was_incremental_and_of_what(county, county_before):
    result = carried_on(county_before, county)
    assert (county_before.parameters["mode"], result.parameters["mode"]) == ("full", "incremental")
    assert 0 < result.parameters["entries_with_news"] < result.counts["entries"]
    assert result.quality["scope"] != county_before.quality["scope"]


def test_a_field_that_the_model_does_not_know_is_refused_by_name(county, county_before):
    more = county.with_columns(other_school_exact=pl.col("surname_exact"))
    with pytest.raises(LinksOutdated, match="other_school"):
        carried_on(county_before, more)


def test_a_run_that_left_no_model_is_carried_on_only_while_there_is_nothing_to_compare(county):
    one_list = county.filter(agency="police")
    first = link_records(one_list.head(50), SETTINGS)
    assert carried_on(first, one_list).counts["entry_pairs_compared"] == 0
    with pytest.raises(LinksOutdated, match="no model; link in full"):
        carried_on(first, county)


def test_parameters_that_are_not_those_of_a_run_are_refused_by_name(county, county_before):
    kept = {k: v for k, v in county_before.parameters.items() if k != "link_at"}
    with pytest.raises(LinksOutdated, match="left no link_at"):
        carried_on(replace(county_before, parameters=kept), county)


def test_a_person_over_the_cap_is_flagged_and_counted_and_named_nowhere(county, county_before):
    settings = replace(SETTINGS, model=county_before.parameters["model"], largest_person=3)
    result = link_records(county, settings)
    entries = county.join(result.persons, on="record").unique(["agency", "agency_id_exact"])
    assert result.quality["oversized_persons"] > 0
    assert len(result.flagged) > result.quality["oversized_persons"]
    assert entries.group_by("person").len()["len"].max() <= 3
    assert set(result.flagged) <= set(result.persons["person"])
