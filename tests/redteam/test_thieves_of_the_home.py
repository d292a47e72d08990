"""Nothing to steal: with the store key and without the linkage role's, attacks on what rests on disk recover no name.

Each attack is run twice: on what the store key opens, where it has to fail, and on tokens in the clear, where it has to
succeed; an attack that never works would prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest

from agencies.county import County
from agencies.intake import take_in
from tests.redteam.at_rest import Loot
from tests.redteam.chance import Score, score
from tests.redteam.conftest import NAMES, Home, as_public
from tests.redteam.graph_matching import Graph, graph_of, match
from tests.redteam.make_up import make_up, recognised
from tests.redteam.profiles import is_pseudonym, profile
from tests.redteam.rank_alignment import align
from tests.redteam.row_order import guess_by_order
from tests.redteam.who_is_who import WhoIsWho

title = "Nothing to steal"

pytestmark = pytest.mark.xdist_group("redteam")

# What of the design's measurement (25 % of forenames, 15 % of surnames) the attack has to reach to count as one.
LEAST_BY_RANK = {"forename": 0.25, "surname": 0.08}
LEAST_BY_GRAPH = {"forename": 0.50, "surname": 0.50}
# A place in a sorted file tells how a name begins; the rest is a matter of how good the thief's list is.
LEAST_BY_ORDER = 0.50
# Whoever has a register of these very people knows the largest household again by its size.
MOST_BY_SIZE_OF_HOUSEHOLD = 0.05
# The county's records end here.
LAST_DAY = date(2026, 3, 31)
NUMBER = re.compile(r"\d{15,20}")
HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])")


@pytest.fixture(scope="session")
def who(home: Home, stolen: Loot) -> WhoIsWho:
    vintage = next(p.split("/")[2] for p in stolen.tables if p.startswith("lake/vintages/"))
    return WhoIsWho(stolen, home.truth, home.keys.disclosure_key(vintage))


@pytest.fixture(scope="session")
def tokens(betrayed: Loot, who: WhoIsWho) -> pl.DataFrame:
    """All tokens in the clear, with the names of their rows."""
    named = [who.of(p, table) for p, table in betrayed.tables.items() if p.endswith("/tokens")]
    return pl.concat([each for each in named if each is not None], how="diagonal_relaxed")


@pytest.fixture(scope="session")
def own_register(county: County) -> pl.DataFrame:
    """A register of these very people: the most that a thief could have beside the home."""
    return as_public(county.people)


def named_tables(loot: Loot, who: WhoIsWho) -> Iterator[tuple[str, pl.DataFrame, pl.DataFrame]]:
    """Every opened table whose rows are people's: its place, as the thief has it, and its names."""
    for place, table in loot.of_lake().items():
        named = who.of(place, table)
        if named is not None:
            yield place, named.drop(NAMES), named.select(NAMES)


def names_of(public: pl.DataFrame, value: str, name: str) -> dict[object, str]:
    once = public.drop_nulls(value).unique(value)
    return dict(zip(once[value], once[name], strict=True))


def levels_of(public: pl.DataFrame, name: str) -> pl.DataFrame:
    return public.select(c for c in public.columns if c.startswith(f"{name}_"))


def by_rank(table: pl.DataFrame, names: pl.DataFrame, public: pl.DataFrame) -> Iterator[Score]:
    """The rank-alignment attack on every column that could be a pseudonym, for either name."""
    for name in NAMES:
        known = profile(levels_of(public, name), f"{name}_exact")
        called = names_of(public, f"{name}_exact", name)
        for column in filter(lambda c: is_pseudonym(table[c]), table.columns):
            guesses = align(profile(table, column), known, called)
            yield score(f"{column} as {name}", table[column], guesses, names[name])


def by_order(table: pl.DataFrame, surnames: pl.Series, register: pl.DataFrame) -> Iterator[Score]:
    """The order attack on the bare place of rows and on every column that can be sorted: how a surname begins."""
    rows = pl.Series("place", range(len(table)))
    for column in (rows, *(table[c] for c in table.columns if not table.schema[c].is_nested())):
        guesses = guess_by_order(column, register["surname"].str.head(1))
        letters = dict(zip(rows, guesses, strict=True))
        yield score(f"order of {column.name}", rows, letters, surnames.str.head(1))


def missed(scores: list[tuple[str, Score]]) -> list[tuple[str, Score]]:
    return [each for each in scores if not each[1].is_chance]


def test_the_store_key_opens_every_file_but_the_tokens(stolen: Loot, betrayed: Loot) -> None:
    # The tokens of eight extracts, and the traces of the run.
    assert len(stolen.closed) == 9
    assert all(path.endswith(("/tokens.parquet", "/traces.parquet")) for path in stolen.closed)
    assert betrayed.closed == ()
    kinds = {place.rpartition("/")[2] for place in stolen.of_lake()}
    assert {"records", "links", "families", "people", "events", "issues"} <= kinds


def test_no_token_stands_in_anything_that_the_store_key_opens(
    home: Home, stolen: Loot, betrayed: Loot
) -> None:
    held = {
        value
        for place, table in betrayed.tables.items()
        if place.endswith("/tokens")
        for value in numbers_in(table.drop("row", "seen_on"))
    }
    assert len(held) > 10_000

    found = {place: held.intersection(numbers_in(t)) for place, t in stolen.tables.items()}
    assert {place: values for place, values in found.items() if values} == {}
    for file in sorted(home.settings.home.rglob("*")):
        if file.is_file():
            assert not held.intersection(numbers_in_text(file.read_bytes().decode("latin-1")))


def numbers_in(table: pl.DataFrame) -> Iterator[int]:
    """Every whole number of a table, as an unsigned one, and those that stand in its texts."""
    for column in table.iter_columns():
        values = column.explode() if isinstance(column.dtype, pl.List) else column
        if values.dtype.is_integer():
            yield from (value % 2**64 for value in values.drop_nulls().unique())
        elif values.dtype == pl.String:
            for text in values.drop_nulls():
                yield from numbers_in_text(text)


def numbers_in_text(text: str) -> Iterator[int]:
    yield from (int(digits) for digits in NUMBER.findall(text))
    yield from (int(digits, 16) for digits in HEX.findall(text))


@pytest.mark.parametrize("name", NAMES)
def test_rank_alignment_reads_tokens_in_the_clear(
    tokens: pl.DataFrame, public: pl.DataFrame, name: str
) -> None:
    """Without a word of what the columns are: this is what sealing them is for."""
    seen = tokens.drop(NAMES)
    guesses = align(
        profile(seen, f"{name}_exact"),
        profile(levels_of(public, name), f"{name}_exact"),
        names_of(public, f"{name}_exact", name),
    )
    found = score(name, tokens[f"{name}_exact"], guesses, tokens[name])

    assert found.hits > LEAST_BY_RANK[name], found
    assert not found.is_chance


def test_rank_alignment_recovers_no_name_from_what_the_store_key_opens(
    stolen: Loot, who: WhoIsWho, public: pl.DataFrame
) -> None:
    scores = [
        (place, found)
        for place, table, names in named_tables(stolen, who)
        for found in by_rank(table, names, public)
    ]

    assert len(scores) >= 20
    assert missed(scores) == []


def test_the_order_of_a_sorted_file_gives_names_away(home: Home, register: pl.DataFrame) -> None:
    """As the files were sent: this is what renumbering their rows is for."""
    police = next(each for each in home.sent if each.dataset.agency == "police")
    names = police.names.sort("row")
    found = next(by_order(names.select("row"), names["surname"], register))

    assert found.hits > LEAST_BY_ORDER, found
    assert not found.is_chance


def test_no_order_of_rows_or_numbers_at_rest_gives_a_name_away(
    stolen: Loot, who: WhoIsWho, register: pl.DataFrame
) -> None:
    scores = [
        (place, found)
        for place, table, names in named_tables(stolen, who)
        for found in by_order(table, names["surname"], register)
    ]

    assert len(scores) >= 60
    assert missed(scores) == []


def name_graph(table: pl.DataFrame, name: str) -> Graph:
    """Names joined by being one edit apart, sounding alike, beginning alike, or standing before the same other name."""
    other = "surname" if name == "forename" else "forename"
    alike = (f"{name}_near", f"{name}_nysiis", f"{name}_prefix3", f"{name}_prefix4")
    return graph_of(table, f"{name}_exact", *alike, f"{other}_exact")


@pytest.mark.parametrize("name", NAMES)
def test_graph_matching_reads_tokens_in_the_clear(
    tokens: pl.DataFrame, own_register: pl.DataFrame, name: str
) -> None:
    people = tokens.unique(["forename_exact", "surname_exact", "date_of_birth_exact"])
    called = names_of(own_register, f"{name}_exact", name)
    guesses = match(name_graph(people, name), name_graph(own_register, name), called)
    found = score(name, tokens[f"{name}_exact"], guesses, tokens[name])

    assert found.hits > LEAST_BY_GRAPH[name], found


def household_scores(
    stolen: Loot, who: WhoIsWho, people: pl.DataFrame
) -> Iterator[tuple[str, Score]]:
    """Persons joined by family, matched with people joined by home: all that is a graph at rest."""
    people = people.with_row_index("#person")
    homes = graph_of(people, "#person", "home")
    for place, table, names in named_tables(stolen, who):
        if {"person", "family"} <= set(table.columns):
            persons = graph_of(table, "person", "family")
            for name in NAMES:
                called = dict(zip(people["#person"], people[name], strict=True))
                guesses = match(persons, homes, called)
                yield place, score(f"graph, {name}", table["person"], guesses, names[name])


def test_graph_matching_recovers_no_name_from_what_the_store_key_opens(
    stolen: Loot, who: WhoIsWho, own_register: pl.DataFrame
) -> None:
    """Even beside a register of these very people, by home, only a household of rare size is known again."""
    scores = list(household_scores(stolen, who, own_register))

    assert len(scores) >= 8
    assert [each for each in scores if each[1].hits > MOST_BY_SIZE_OF_HOUSEHOLD] == []


def test_graph_matching_beside_a_register_of_others_is_chance(
    stolen: Loot, who: WhoIsWho, register: pl.DataFrame
) -> None:
    scores = list(household_scores(stolen, who, register.head(1500)))

    assert missed(scores) == []


def test_what_records_tell_of_themselves_is_not_hidden(
    stolen: Loot, who: WhoIsWho, county: County
) -> None:
    """No promise, and told as such in SECURITY.md: with the store key and a full register, families are known again."""
    vintage = {p.rpartition("/")[2]: t for p, t in stolen.tables.items() if "/vintages/" in p}
    stored = make_up(vintage["people"], vintage["families"].select("family", "district"))
    ages = (LAST_DAY - pl.col("date_of_birth")).dt.total_days() / 365.25
    bands = sorted(vintage["people"]["age_band"].drop_nulls().unique(), key=first_age)
    band = pl.sum_horizontal(ages >= first_age(each) for each in bands[1:])
    band = band.replace_strict(dict(enumerate(bands)), return_dtype=pl.String)
    people = county.people.select("family", "sex", age_band=band)
    known = recognised(stored, make_up(people, county.families.select("family", "district")))

    surnames = county.people.group_by("family").agg(pl.col("surname").str.to_uppercase())
    named = known.join(surnames, left_on="known_as", right_on="family").join(
        who.of("lake/vintages/", vintage["families"]), on="family", suffix="_found"
    )
    right = named.filter(pl.col("surname").list.contains(pl.col("surname_found")))
    assert len(right) > 0.9 * len(known)
    assert 0.15 < len(right) / len(vintage["families"]) < 0.45


def first_age(band: str) -> int:
    return int(re.split(r"\D", band)[0])


def test_what_was_sent_is_found_by_those_who_may(home: Home, county: County) -> None:
    """The score is kept right: names of rows are those of the files, and no row is without one."""
    assert home.truth["record"].n_unique() == len(home.truth)
    assert home.truth["surname"].null_count() == 0
    rows = sum(
        len(take_in(f.content, f.filename, s.dataset).identifiers)
        for f, s in zip(county.extracts(), home.sent, strict=True)
    )
    assert len(home.truth) == rows
