"""The exact table of a question, against a slow and plain tabulation of the same records."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from benchmarks.questions import KEY, build_vintage
from gateway.disclosure import (
    Count,
    Dimension,
    ExactTable,
    Magnitude,
    Rules,
    protect_table,
    tabulate,
)
from gateway.evaluation import VintageFaulty, exact_table
from gateway.questions import Question, load_catalogue, shipped_catalogue
from tests.unit.gateway.evaluation_asked import PERIOD, frame, question


@pytest.fixture(scope="module")
def vintage() -> dict[str, pa.Table]:
    return build_vintage(600, 9_000)


def same(exact: ExactTable, plain: ExactTable, name: str) -> None:
    """Figures, keys and every margin but the outermost agree."""
    ours, theirs = exact.measures[name], plain.measures[name]
    if isinstance(ours, Count) and isinstance(theirs, Count):
        assert (ours.figure == theirs.figure).all()
        assert (ours.key_lo == theirs.key_lo).all()
        assert (ours.key_hi == theirs.key_hi).all()
    else:
        assert isinstance(ours, Magnitude)
        assert isinstance(theirs, Magnitude)
        assert (ours.pence == theirs.pence).all()
        assert (ours.families == theirs.families).all()


def dimension(name: str, categories: tuple[str, ...], *, overlapping: bool = False) -> Dimension:
    return Dimension(name, name, categories, overlapping=overlapping)


def with_labels(events: pl.DataFrame) -> pl.DataFrame:
    quarter = (
        (pl.col("quarter") // 4).cast(pl.String)
        + "-Q"
        + (pl.col("quarter") % 4 + 1).cast(pl.String)
    )
    return events.with_columns(period=quarter)


def test_costs_by_agency_district_and_quarter_are_those_of_a_plain_tabulation(
    vintage: dict[str, pa.Table],
) -> None:
    asked = question(
        measures=["families", "cost"],
        by={"district": "district", "agency": "agency"},
        period={**PERIOD, "step": "quarter"},
    )
    exact = exact_table(vintage, asked)
    events = with_labels(frame(vintage, "events")).join(
        frame(vintage, "families").select("family", "district"), on="family"
    )
    plain = tabulate(
        events,
        list(exact.dimensions),
        ("families", "cost"),
        key=KEY,
        cost_pence="perturbed_pence",
    )
    same(exact, plain, "families")
    same(exact, plain, "cost")
    ours, theirs = exact.measures["families"], plain.measures["families"]
    assert isinstance(ours, Count)
    assert isinstance(theirs, Count)
    # "All" of every event dimension is the cohort; every other margin is a distinct count of the records.
    assert (ours.families[:-1] == theirs.families[:-1]).all()
    assert ours.families[-1, -1, -1] == 600


def test_people_by_combination_are_those_of_a_plain_tabulation(
    vintage: dict[str, pa.Table],
) -> None:
    asked = question(unit="person", measures=["people"], by={"known_to": "combination"})
    exact = exact_table(vintage, asked)
    plain = tabulate(
        frame(vintage, "people"),
        list(exact.dimensions),
        ("people",),
        key=KEY,
    )
    same(exact, plain, "people")
    ours, theirs = exact.measures["people"], plain.measures["people"]
    assert isinstance(ours, Count)
    assert isinstance(theirs, Count)
    assert (ours.families == theirs.families).all()


def test_people_with_an_event_count_once_in_each_cell(vintage: dict[str, pa.Table]) -> None:
    asked = question(
        unit="person",
        measures=["people"],
        by={"known_to": "combination"},
        period={**PERIOD, "step": "year"},
    )
    exact = exact_table(vintage, asked)
    events = frame(vintage, "events").join(
        frame(vintage, "people").select("person", "known_to"), on="person"
    )
    years = pl.when(pl.col("quarter") < 2025 * 4 + 1).then(pl.lit("2024/25"))
    plain = tabulate(
        events.with_columns(period=years.otherwise(pl.lit("2025/26"))),
        list(exact.dimensions),
        ("people",),
        key=KEY,
    )
    same(exact, plain, "people")
    ours, theirs = exact.measures["people"], plain.measures["people"]
    assert isinstance(ours, Count)
    assert isinstance(theirs, Count)
    assert (ours.families[:-1, :] == theirs.families[:-1, :]).all()


def test_issues_count_the_families_that_have_them_beside_the_whole_cohort(
    vintage: dict[str, pa.Table],
) -> None:
    asked = question(measures=["issue_prevalence"], by={"issue": "issue", "district": "district"})
    exact = exact_table(vintage, asked)
    families = frame(vintage, "families").select("family", "district")
    plain = tabulate(
        frame(vintage, "issues").join(families, on="family"),
        list(exact.dimensions),
        key=KEY,
    )
    same(exact, plain, "families")
    whole = exact.measures["cohort_families"]
    assert isinstance(whole, Count)
    by_district = tabulate(families, [dimension("district", whole_districts(exact))], key=KEY)
    alone = by_district.measures["families"]
    assert isinstance(alone, Count)
    assert (whole.figure == alone.figure[:, None]).all()
    assert (whole.key_lo == alone.key_lo[:, None]).all()


def whole_districts(exact: ExactTable) -> tuple[str, ...]:
    return next(d.categories for d in exact.dimensions if d.name == "district")


def released(vintage: dict[str, pa.Table], asked: Question) -> dict[tuple[str, ...], Any]:
    table = protect_table(exact_table(vintage, asked), Rules(), KEY)
    return {tuple(c.keys.values()): c.value for c in table.cells if c.value is not None}


def test_the_same_families_by_two_routes_have_the_same_figure(
    vintage: dict[str, pa.Table],
) -> None:
    county = released(vintage, question(by={"district": "county"}))
    assert county[("county",)] == released(vintage, question())[()]
    by = {"agency": "agency", "district": "district"}
    every = released(vintage, question(by=by))
    police = released(vintage, question(by=by, where={"agency": ["police"]}))
    both = set(every) & set(police)
    assert len(both) >= 5
    assert all(every[keys] == police[keys] for keys in both)


@pytest.mark.parametrize("cohort", ["complex-needs", "at-risk"])
def test_a_cohort_is_what_its_definition_says(vintage: dict[str, pa.Table], cohort: str) -> None:
    exact = exact_table(vintage, question(cohort=cohort))
    families = frame(vintage, "families")
    defined = shipped_catalogue().cohort(cohort)
    assert defined is not None
    most = 99 if defined.most_issues is None else defined.most_issues
    expected = families.filter(
        pl.col("issue_count").is_between(defined.least_issues, most)
        & (pl.col("known_to").str.split("+").list.len() >= defined.least_agencies)
        & (pl.col("children") >= defined.least_children)
    )
    count = exact.measures["families"]
    assert isinstance(count, Count)
    assert count.figure == expected.height
    assert 0 < expected.height < families.height


def test_every_criterion_of_a_definition_counts(vintage: dict[str, pa.Table]) -> None:
    """Issues from 2 to 6, at least 3 agencies, at least 2 children."""
    cohorts = """
cohorts:
  - {name: some, version: 3, title: t, help: h,
     least_issues: 2, most_issues: 6, least_agencies: 3, least_children: 2}
"""
    catalogue = load_catalogue(cohorts=cohorts)
    body = {"purpose": "p", "cohort": "some", "unit": "family", "measures": ["families"]}
    exact = exact_table(vintage, Question.from_mapping(body, catalogue), catalogue)
    criteria = (
        pl.col("issue_count").is_between(2, 6),
        pl.col("known_to").str.split("+").list.len() >= 3,
        pl.col("children") >= 2,
    )
    families = frame(vintage, "families")
    count = exact.measures["families"]
    assert isinstance(count, Count)
    assert count.figure == families.filter(*criteria).height
    for i in range(3):
        assert count.figure < families.filter(*criteria[:i], *criteria[i + 1 :]).height


def test_families_in_other_than_the_order_of_rows_are_the_same(
    vintage: dict[str, pa.Table],
) -> None:
    rng = np.random.default_rng(1)
    shuffled = {k: t.take(pa.array(rng.permutation(len(t)))) for k, t in vintage.items()}
    asked = question(measures=["families", "cost"], by={"district": "district", "issues": "banded"})
    first, second = exact_table(vintage, asked), exact_table(shuffled, asked)
    same(first, second, "families")
    same(first, second, "cost")


def test_columns_the_link_step_may_leave_out_are_made(vintage: dict[str, pa.Table]) -> None:
    bare = {
        "families": vintage["families"].drop_columns(["known_to"]),
        "people": vintage["people"],
        "events": vintage["events"].drop_columns(["quarter"]),
        "issues": vintage["issues"].drop_columns(["quarter"]),
    }
    asked = question(
        measures=["families", "cost"],
        by={"known_to": "combination"},
        period={**PERIOD, "step": "year"},
    )
    first, second = exact_table(vintage, asked), exact_table(bare, asked)
    same(first, second, "families")
    same(first, second, "cost")


def test_a_period_restricts_events(vintage: dict[str, pa.Table]) -> None:
    year = question(measures=["cost"], period={"from": "2024-04", "to": "2025-03"})
    both = question(measures=["cost"], period={**PERIOD, "step": "year"})
    one, two = (
        exact_table(vintage, year).measures["cost"],
        exact_table(vintage, both).measures["cost"],
    )
    assert isinstance(one, Magnitude)
    assert isinstance(two, Magnitude)
    assert one.pence == two.pence[0]
    assert two.pence[1] > 0


def test_a_family_without_a_district_is_unknown_and_only_then_is_there_such_a_category(
    vintage: dict[str, pa.Table],
) -> None:
    asked = question(by={"district": "district"})
    assert "unknown" not in whole_districts(exact_table(vintage, asked))
    districts = vintage["families"]["district"].to_pylist()
    gaps = pa.array([None] * 10 + ["unknown"] * 20 + districts[30:], pa.string())
    families = vintage["families"].set_column(1, "district", gaps)
    exact = exact_table({**vintage, "families": families}, asked)
    count = exact.measures["families"]
    assert isinstance(count, Count)
    assert whole_districts(exact)[-1] == "unknown"
    assert count.figure[-1] == 30


def replaced(
    vintage: dict[str, pa.Table], name: str, column: str, first: Any
) -> dict[str, pa.Table]:
    table = vintage[name]
    values = table[column].to_pylist()
    values[0] = first
    place = table.column_names.index(column)
    array = pa.array(values, table.schema.field(column).type)
    return {**vintage, name: table.set_column(place, column, array)}


@pytest.mark.parametrize(
    ("name", "column", "first", "rule"),
    [
        ("events", "perturbed_pence", -1, "negative"),
        ("events", "perturbed_pence", None, "missing_value"),
        ("events", "agency", None, "missing_value"),
        ("events", "agency", "fire", "category"),
        ("events", "family", None, "missing_value"),
        ("families", "district", "rutland", "category"),
        ("families", "issue_count", None, "missing_value"),
        ("families", "key_lo", None, "missing_value"),
    ],
)
def test_a_faulty_vintage_gives_no_figure(
    vintage: dict[str, pa.Table], name: str, column: str, first: Any, rule: str
) -> None:
    asked = question(measures=["families", "cost"], by={"district": "district", "agency": "agency"})
    with pytest.raises(VintageFaulty) as refused:
        exact_table(replaced(vintage, name, column, first), asked)
    assert refused.value.rule == rule


def test_an_id_that_stands_twice_is_refused(vintage: dict[str, pa.Table]) -> None:
    second = vintage["families"]["family"][1].as_py()
    with pytest.raises(VintageFaulty, match="twice"):
        exact_table(replaced(vintage, "families", "family", second), question())


@pytest.mark.parametrize(("name", "column"), [("families", "key_hi"), ("events", "agency")])
def test_a_missing_column_is_named(vintage: dict[str, pa.Table], name: str, column: str) -> None:
    bare = {**vintage, name: vintage[name].drop_columns([column])}
    with pytest.raises(VintageFaulty, match=f"{name}.{column}"):
        exact_table(bare, question())


def test_an_empty_vintage_has_all_cells_and_shows_none(vintage: dict[str, pa.Table]) -> None:
    empty = {name: table.slice(0, 0) for name, table in vintage.items()}
    asked = question(
        measures=["families", "cost", "cost_per_family"],
        by={"district": "district", "agency": "agency"},
    )
    table = protect_table(exact_table(empty, asked), Rules(), KEY)
    assert len(table.cells) == 3 * 7 * 6
    assert all(cell.value is None and cell.mark == "[c]" for cell in table.cells)


def test_nothing_is_written_to_disk_and_no_setting_can_be_changed(
    vintage: dict[str, pa.Table],
) -> None:
    import duckdb

    from gateway.evaluation.engine import open_engine

    with open_engine(vintage, 1) as engine:
        settings = engine._connection.sql(
            "select current_setting('temp_directory'), current_setting('threads')"
        ).fetchall()
        assert settings == [("", 1)]
        with pytest.raises(duckdb.Error):
            engine._connection.execute("copy (select 1) to 'out.csv'")
        with pytest.raises(duckdb.Error):
            engine._connection.execute("set threads = 8")


def test_more_cells_than_fit_one_word_are_counted_right(vintage: dict[str, pa.Table]) -> None:
    asked = question(
        by={"issue": "issue"}, period={**PERIOD, "step": "quarter"}, measures=["families"]
    )
    exact = exact_table(vintage, asked)
    plain = tabulate(
        with_labels(frame(vintage, "issues")),
        list(exact.dimensions),
        key=KEY,
    )
    assert exact.shape == (25, 8)
    same(exact, plain, "families")
