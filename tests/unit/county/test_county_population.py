"""Families, their people and their homes."""

from __future__ import annotations

import re

import polars as pl
import pytest

from agencies.county import CountyConfig, CountyTooSmall, make_county
from agencies.county.population import CHILD, LEAD


def test_groups_have_their_sizes(whole):
    groups = dict(whole.families["group"].value_counts().iter_rows())
    assert groups == {"complex": 1000, "at_risk": 3000, "low": 2000}
    assert 19_500 < whole.people.height < 21_500


def test_a_smaller_county_keeps_the_shares(small):
    groups = dict(small.families["group"].value_counts().iter_rows())
    assert groups == {"complex": 100, "at_risk": 300, "low": 200}


def test_every_family_has_one_lead_and_as_many_children_as_it_says(small):
    people = small.scene.population.people
    found = people.group_by("family").agg(
        leads=(pl.col("role") == LEAD).sum(), found=(pl.col("role") == CHILD).sum()
    )
    table = small.families.join(found, on="family")
    assert table.height == 600
    assert (table["leads"] == 1).all()
    assert (table["found"] == table["children"]).all()


def test_parents_are_old_enough_and_children_under_nineteen(whole):
    people = whole.scene.population.people
    children = people.filter(pl.col("role") == CHILD)
    assert children["age"].min() > 0
    assert children["age"].max() < 19
    parents = people.filter(pl.col("role") <= 1).select("family", parent="age")
    gap = children.join(parents, on="family").select(pl.col("parent") - pl.col("age")).to_series()
    assert gap.min() >= 15.5


def test_children_mostly_bear_a_surname_of_their_family(whole):
    people = whole.scene.population.people
    adults = people.filter(pl.col("role") <= 1).group_by("family").agg(pl.col("surname"))
    children = people.filter(pl.col("role") == CHILD).join(adults, on="family", suffix="_adult")
    shared = children.select(pl.col("surname").is_in(pl.col("surname_adult"))).to_series().mean()
    assert 0.6 < shared < 0.9


def test_siblings_have_names_of_their_own(whole):
    children = whole.scene.population.people.filter(pl.col("role") == CHILD)
    same = children.select(pl.struct("family", "forename").is_duplicated()).to_series()
    assert same.mean() < 0.001


def test_some_names_are_common_and_most_are_rare(whole):
    counts = whole.people["surname"].value_counts(sort=True)["count"]
    assert counts[0] > 100
    assert counts.median() <= 5


def test_addresses_are_distinct_and_postcodes_of_valid_form(whole):
    homes = whole.scene.homes.homes
    assert homes.select("unit", "number", "street", "town").is_duplicated().sum() == 0
    assert homes["uprn"].is_unique().all()
    form = re.compile(r"^LE7\d [1-9][ABD-HJLNP-UW-Z]{2}$")
    assert all(form.match(code) for code in homes["postcode"])
    assert 3 < homes.height / homes["postcode"].n_unique() < 8


def test_a_home_has_one_family_save_for_the_stated_share(whole):
    people = whole.people.filter(pl.col("role") == "lead")
    sharing = people["home"].is_duplicated().mean()
    assert sharing == pytest.approx(whole.config.homes.sharing_an_address, abs=0.003)


def test_whole_families_move_together_save_for_parents_who_part(whole):
    people = whole.people.filter(pl.col("role") != "partner")
    assert people.group_by("family").agg(pl.col("moved_on").n_unique())["moved_on"].max() == 1
    moving = people.filter(pl.col("role") == "lead")["moved_on"].is_not_null().mean()
    assert moving == pytest.approx(whole.config.homes.moving, abs=0.001)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    first, again, other = (
        make_county(CountyConfig(families=60, seed=seed)).recorded for seed in (3, 3, 4)
    )
    for a, b in zip(first, again, strict=True):
        if not a.filename.endswith("xlsx"):  # a workbook carries the time at which it was written
            assert a.content() == b.content()
        assert a.cells.equals(b.cells)
    assert not first[0].cells.equals(other[0].cells)


def test_a_county_too_small_for_its_groups_is_refused():
    with pytest.raises(CountyTooSmall, match="60 families"):
        CountyConfig(families=10)
