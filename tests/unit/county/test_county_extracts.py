"""The county's extracts at the door: what should be refused is refused, and nothing else."""

from __future__ import annotations

import polars as pl
import pytest
from typer.testing import CliRunner

from agencies.county import __main__ as command
from agencies.intake import take_in

DATASETS = [
    ("police", "contacts"),
    ("council", "social_care"),
    ("council", "early_help"),
    ("schools", "attendance"),
    ("schools", "exclusions"),
    ("housing", "tenancies"),
    ("health", "ecds"),
    ("dwp", "spells"),
]


def _extract(county, agency, name):
    return next(e for e in county.recorded if (e.dataset.agency, e.dataset.name) == (agency, name))


def test_every_declared_dataset_has_an_extract(small):
    made = {(e.dataset.agency, e.dataset.name) for e in small.recorded}
    assert made == {(d.agency, d.name) for d in small.register.datasets} == set(DATASETS)


@pytest.mark.parametrize(("agency", "name"), DATASETS)
def test_intake_refuses_exactly_the_spoiled_rows(small, agency, name):
    extract = _extract(small, agency, name)
    taken = take_in(extract.content(), extract.filename, extract.dataset)
    truth = small.truth_rows.filter((pl.col("agency") == agency) & (pl.col("dataset") == name))
    sound = truth.filter(pl.col("fault").is_null())["row"]
    assert taken.rows_read == truth.height
    assert sorted(taken.identifiers["row"]) == sorted(sound)


@pytest.mark.parametrize(
    ("agency", "name"), [("police", "contacts"), ("health", "ecds"), ("schools", "attendance")]
)
def test_intake_names_the_rule_that_was_broken(whole, agency, name):
    extract = _extract(whole, agency, name)
    taken = take_in(extract.content(), extract.filename, extract.dataset)
    for rule, count in extract.fault.drop_nulls().value_counts().iter_rows():
        assert taken.report.counts[rule] == count


def test_the_county_spoils_the_stated_share_of_rows(whole):
    spoiled = whole.truth_rows["fault"].is_not_null().mean()
    assert spoiled == pytest.approx(whole.config.errors.bad_row, rel=0.15)


def test_truth_rows_tell_whom_each_row_is_about(small):
    extract = _extract(small, "health", "ecds")
    truth = small.truth_rows.filter(pl.col("dataset") == "ecds").join(
        small.people.select("person", "nhs_number"), on="person", maintain_order="left"
    )
    same = extract.cells["nhs_number"] == truth["nhs_number"]
    assert same.filter(extract.fault.is_null()).drop_nulls().all()


def test_relatives_are_references_of_the_same_family_in_the_same_agency(small):
    families = dict(small.people.select("person", "family").iter_rows())
    owner: dict[tuple[str, str], int] = {}
    for e in small.recorded:
        references = e.cells[e.dataset.column_for("agency_id")]
        for reference, person in zip(references, e.service["person"], strict=True):
            owner[e.dataset.agency, reference] = families[person]
    found = 0
    for e in small.recorded:
        for role in ("guardian_id", "partner_id"):
            if e.dataset.column_for(role) is None:
                continue
            for relative, person in zip(e.cells[role], e.service["person"], strict=True):
                if relative is not None and (e.dataset.agency, relative) in owner:
                    found += 1
                    assert owner[e.dataset.agency, relative] == families[person]
    assert found > 500


def test_every_family_leaves_a_trace_but_not_every_person(whole):
    rows = whole.truth_rows
    assert rows["family"].n_unique() == whole.config.families
    assert 0.8 < rows["person"].n_unique() / whole.people.height < 0.95


def test_the_county_is_of_a_size_that_a_demonstration_can_carry(whole):
    assert 100_000 < whole.truth_rows.height < 200_000


def test_the_command_writes_extracts_and_keeps_the_truth_apart(tmp_path):
    app = command.typer.Typer()
    app.command()(command.write)
    done = CliRunner().invoke(app, [str(tmp_path), "--families", "60", "--seed", "2"])
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "extracts").iterdir())) == len(DATASETS)
    assert {"rows.csv", "families.csv", "people.csv"} <= {
        p.name for p in (tmp_path / "truth").iterdir()
    }


def test_the_command_refuses_a_county_that_is_too_small(tmp_path):
    app = command.typer.Typer()
    app.command()(command.write)
    done = CliRunner().invoke(app, [str(tmp_path), "--families", "5"])
    assert done.exit_code == 2
    assert not (tmp_path / "extracts").exists()
