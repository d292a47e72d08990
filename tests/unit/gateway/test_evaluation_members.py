"""Who is in which cell of a question, against a plain look at every row of the vintage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from benchmarks.questions import build_vintage
from gateway.disclosure import Count, ExactTable, Magnitude, Unprotectable
from gateway.disclosure.tables import Population
from gateway.evaluation import exact_table
from tests.unit.gateway.evaluation_asked import PERIOD, frame, question

Vintage = dict[str, pa.Table]


@pytest.fixture(scope="module")
def vintage() -> Vintage:
    return build_vintage(300, 4_000)


@dataclass(frozen=True)
class Case:
    """A question, and the same in plain words: whose rows count and which cell a row is in."""

    asked: dict[str, Any]
    cohort: pl.Expr = pl.lit(value=True)
    rows: str = "events"
    kept: pl.Expr = pl.lit(value=True)


AGENCIES = pl.col("known_to").str.split("+").list.len()
COMPLEX = (pl.col("issue_count") >= 5) & (AGENCIES >= 2) & (pl.col("children") >= 1)
FIRST_YEAR = pl.col("quarter") < 2025 * 4 + 1
QUARTERLY = {**PERIOD, "step": "quarter"}
YEARLY = {**PERIOD, "step": "year"}

CASES = {
    "the cohort": Case({}, rows="families"),
    "by district and band": Case(
        {"by": {"district": "district", "issues": "banded"}}, rows="families"
    ),
    "of a cohort": Case(
        {"cohort": "complex-needs", "by": {"district": "district"}}, COMPLEX, "families"
    ),
    "by agency": Case({"by": {"agency": "agency", "district": "district"}}),
    "at two agencies": Case(
        {"where": {"agency": ["police", "schools"]}, "by": {"issues": "banded"}},
        kept=pl.col("agency").is_in(["police", "schools"]),
    ),
    "by quarter": Case({"by": {"agency": "agency"}, "period": QUARTERLY}),
    "by year, of one agency, of a cohort": Case(
        {
            "cohort": "complex-needs",
            "where": {"agency": ["health"]},
            "by": {"district": "district"},
            "period": YEARLY,
        },
        COMPLEX,
        kept=pl.col("agency") == "health",
    ),
    "known to": Case({"by": {"known_to": "combination"}}, rows="families"),
}


def labelled(rows: pl.DataFrame, exact: ExactTable) -> pl.DataFrame:
    """The rows with a column for each dimension that names the category."""
    quarter = (
        (pl.col("quarter") // 4).cast(pl.String)
        + "-Q"
        + (pl.col("quarter") % 4 + 1).cast(pl.String)
    )
    year = pl.when(FIRST_YEAR).then(pl.lit("2024/25")).otherwise(pl.lit("2025/26"))
    for dimension in exact.dimensions:
        if dimension.name == "period":
            rows = rows.with_columns(period=quarter if dimension.level == "quarter" else year)
        if dimension.name == "issues":
            rows = rows.with_columns(issues=banded(dimension.categories))
    return rows


def banded(categories: tuple[str, ...]) -> pl.Expr:
    """By the ends that a band's name has: "2-4", "10+" or "1"."""
    named = pl.lit(None, dtype=pl.String)
    for category in categories:
        low, _, high = category.rstrip("+").partition("-")
        last = 99 if category.endswith("+") else int(high or low)
        inside = pl.col("issue_count").is_between(int(low), last)
        named = pl.when(inside).then(pl.lit(category)).otherwise(named)
    return named


def cells(rows: pl.DataFrame, exact: ExactTable) -> list[pl.DataFrame]:
    """The rows of every inner cell in C order."""
    found = []
    for at in np.ndindex(exact.shape):
        inside = rows
        for place, dimension in zip(at, exact.dimensions, strict=True):
            inside = inside.filter(pl.col(dimension.name) == dimension.categories[place])
        found.append(inside)
    return found


def population(exact: ExactTable) -> Population:
    assert exact.population is not None
    return exact.population


def named(exact: ExactTable, measure: str) -> list[set[int]]:
    """The keys of the members of every cell."""
    count, keys = exact.measures[measure], population(exact).families
    assert isinstance(count, Count)
    assert count.members is not None
    rows = count.members.tocsr()
    return [set(keys[rows[[cell]].indices].tolist()) for cell in range(rows.shape[0])]


def expected(vintage: Vintage, case: Case, exact: ExactTable) -> list[set[int]]:
    families = frame(vintage, "families").filter(case.cohort)
    rows = families
    if case.rows != "families":
        rows = frame(vintage, case.rows).filter(case.kept).join(families, on="family")
    return [set(cell["key_lo"].to_list()) for cell in cells(labelled(rows, exact), exact)]


@pytest.mark.parametrize("name", CASES)
def test_the_members_of_a_cell_are_the_families_with_a_row_there(
    vintage: Vintage, name: str
) -> None:
    case = CASES[name]
    exact = exact_table(vintage, question(**case.asked), members=True)
    assert named(exact, "families") == expected(vintage, case, exact)


@pytest.mark.parametrize("name", ["the cohort", "of a cohort", "by agency", "at two agencies"])
def test_the_population_is_the_whole_cohort_each_family_in_its_place(
    vintage: Vintage, name: str
) -> None:
    case = CASES[name]
    exact = exact_table(vintage, question(**case.asked), members=True)
    families = labelled(frame(vintage, "families").filter(case.cohort), exact).sort("key_lo")
    told = population(exact)
    assert told.families.tolist() == families["key_lo"].to_list()
    own = [exact.dimensions[axis] for axis in told.fixed]
    places = np.unravel_index(told.place, [len(d.categories) for d in own]) if own else ()
    for dimension, place in zip(own, places, strict=True):
        assert [dimension.categories[i] for i in place] == families[dimension.name].to_list()
    assert own or not told.place.any()


def test_a_sensitive_attribute_that_only_narrows_is_told(vintage: Vintage) -> None:
    narrowed = exact_table(vintage, question(**CASES["at two agencies"].asked), members=True)
    assert population(narrowed).restricted == ("agency",)
    by_agency = question(by={"agency": "agency"}, where={"agency": ["police"]})
    assert population(exact_table(vintage, by_agency, members=True)).restricted == ()


COSTS = ["by agency", "at two agencies", "by quarter", "by year, of one agency, of a cohort"]


@pytest.mark.parametrize("name", [*COSTS, "by district and band", "known to"])
def test_the_units_of_a_cost_are_what_each_family_cost_at_an_agency_in_a_quarter(
    vintage: Vintage, name: str
) -> None:
    case = CASES[name]
    asked = question(**case.asked | {"measures": ["cost"]})
    exact = exact_table(vintage, asked, members=True)
    families = frame(vintage, "families").filter(case.cohort)
    rows = frame(vintage, "events").filter(case.kept).join(families, on="family")
    units = units_of(exact)
    keys = population(exact).families[units.family]
    by_cell = units.cells.tocsr()
    for place, inside in enumerate(cells(labelled(rows, exact), exact)):
        plain = inside.group_by("key_lo", "agency", "quarter").agg(pl.col("perturbed_pence").sum())
        paid = plain.filter(pl.col("perturbed_pence") != 0)
        chosen = by_cell[[place]].indices
        ours = sorted(zip(keys[chosen].tolist(), units.pence[chosen].tolist(), strict=True))
        assert ours == sorted(paid.select("key_lo", "perturbed_pence").iter_rows())
    assert len(set(units.ids.tolist())) == len(units.ids)


def units_of(exact: ExactTable) -> Any:
    cost = exact.measures["cost"]
    assert isinstance(cost, Magnitude)
    assert cost.units is not None
    return cost.units


def test_a_unit_has_the_same_identity_in_every_question(vintage: Vintage) -> None:
    by_quarter = exact_table(vintage, question(measures=["cost"], period=QUARTERLY), members=True)
    whole, known = units_of(by_quarter), set[int]()
    known = set(whole.ids.tolist())
    police = question(measures=["cost"], where={"agency": ["police"]}, by={"district": "district"})
    some = units_of(exact_table(vintage, police, members=True))
    assert set(some.ids.tolist()) < known
    pence = dict(zip(whole.ids.tolist(), whole.pence.tolist(), strict=True))
    assert [pence[i] for i in some.ids.tolist()] == some.pence.tolist()


PEOPLE: dict[str, tuple[dict[str, Any], Callable[[Vintage], pl.DataFrame]]] = {
    "by combination": (
        {"by": {"known_to": "combination"}},
        lambda v: frame(v, "people"),
    ),
    "by combination and district": (
        {"by": {"known_to": "combination", "district": "district"}},
        lambda v: frame(v, "people"),
    ),
    "with an event, by combination and year": (
        {"by": {"known_to": "combination"}, "period": YEARLY},
        lambda v: frame(v, "events").join(
            frame(v, "people").select("person", "known_to"), on="person"
        ),
    ),
    "with an event at the police": (
        {"where": {"agency": ["police"]}, "by": {"district": "district"}},
        lambda v: frame(v, "events").filter(pl.col("agency") == "police"),
    ),
}


def of_people(vintage: Vintage, name: str) -> tuple[ExactTable, pl.DataFrame]:
    """The question answered, and the rows it is about with their cells and their families' keys."""
    asked, rows_of = PEOPLE[name]
    exact = exact_table(
        vintage, question(unit="person", measures=["people"], **asked), members=True
    )
    families = frame(vintage, "families").select(
        "family", "district", "issue_count", family_key="key_lo"
    )
    return exact, labelled(rows_of(vintage).join(families, on="family"), exact)


@pytest.mark.parametrize("name", PEOPLE)
def test_behind_a_count_of_people_are_their_families(vintage: Vintage, name: str) -> None:
    exact, rows = of_people(vintage, name)
    plain = [set(cell["family_key"].to_list()) for cell in cells(rows, exact)]
    assert named(exact, "people") == plain


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_told_apart_family_by_family(vintage: Vintage, name: str) -> None:
    """The word of a family in a cell is the sum of its people's keys there."""
    exact, rows = of_people(vintage, name)
    rows = rows.join(frame(vintage, "people").select("person", word="key_lo"), on="person")
    count, keys = exact.measures["people"], population(exact).families
    assert isinstance(count, Count)
    assert count.people is not None
    words = count.people.tocsr()
    for place, inside in enumerate(cells(rows, exact)):
        expected: dict[int, int] = {}
        for family, word in (
            inside.select("family_key", "person", "word")
            .unique()
            .select("family_key", "word")
            .iter_rows()
        ):
            expected[family] = (expected.get(family, 0) + word) % 2**64
        here = words[[place]]
        assert dict(zip(keys[here.indices].tolist(), here.data.tolist(), strict=True)) == expected


def test_issues_have_the_families_with_the_issue_beside_the_whole_cohort(vintage: Vintage) -> None:
    asked = question(measures=["issue_prevalence"], by={"issue": "issue", "district": "district"})
    exact = exact_table(vintage, asked, members=True)
    families = frame(vintage, "families")
    rows = frame(vintage, "issues").join(
        families.select("family", "district", "key_lo"), on="family"
    )
    assert named(exact, "families") == [set(c["key_lo"].to_list()) for c in cells(rows, exact)]
    whole = exact.measures["cohort_families"]
    assert isinstance(whole, Count)
    by_name = families.partition_by("district", as_dict=True)
    axis = [d.name for d in exact.dimensions].index("district")
    districts = exact.dimensions[axis].categories
    expected_whole = [
        set(by_name[(districts[at[axis]],)]["key_lo"].to_list()) for at in np.ndindex(exact.shape)
    ]
    assert named(exact, "cohort_families") == expected_whole
    assert whole.same_along == (1 - axis,)


def test_two_families_of_one_key_cannot_be_told_apart(vintage: Vintage) -> None:
    families = vintage["families"]
    keys = families["key_lo"].to_pylist()
    place = families.column_names.index("key_lo")
    twice = families.set_column(place, "key_lo", pa.array([keys[1], *keys[1:]], pa.uint64()))
    with pytest.raises(Unprotectable, match="one key"):
        exact_table({**vintage, "families": twice}, question(), members=True)


def test_without_being_asked_for_nobody_is_named(vintage: Vintage) -> None:
    exact = exact_table(vintage, question(measures=["families", "cost"]))
    count, cost = exact.measures["families"], exact.measures["cost"]
    assert isinstance(count, Count)
    assert isinstance(cost, Magnitude)
    assert (exact.population, count.members, cost.units) == (None, None, None)
