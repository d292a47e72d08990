"""`linkage.link`: frames of any library in, the person of every row out."""

import os
from pathlib import Path

import duckdb
import polars as pl
import pytest

from linkage import LinkageSettings, link, reference_model
from linkage.errors import LinkageKeyInvalid, ModelUntrained, SettingsInvalid
from linkage.evaluate import pair_quality
from linkage.tokens import LinkageKey

DATA = Path(os.environ.get("GATEWAY_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
KEY = bytes(range(32))
ROLES = {"first": "forename", "last": "surname", "born": "date_of_birth", "home": "postcode"}
ROWS = pl.DataFrame(
    {
        "number": [11, 12, 13],
        "first": ["Margaret", "Oluwaseun", "Piotr"],
        "last": ["Thistlewood", "Adeyemi", "Wisniewski"],
        "born": ["1958-03-12", "1990-11-02", "1984-07-29"],
        "home": ["LE13 0AB", "LE2 7QQ", "LE67 3FD"],
        "diagnosis": ["nobody", "reads", "this"],
    }
)


def febrl(letter):
    raw = pl.read_csv(DATA / f"febrl4{letter}.csv", infer_schema=False)
    return raw.rename({c: c.strip() for c in raw.columns}).with_columns(pl.all().str.strip_chars())


@pytest.mark.skipif(
    not (DATA / "febrl4a.csv").exists(), reason="febrl4 is not in GATEWAY_TEST_DATA"
)
def test_febrl4_links_at_the_published_quality_without_ids():
    one, other = febrl("a"), febrl("b")
    mapping = {
        **{"rec_id": "record_id", "given_name": "forename", "surname": "surname"},
        **{
            "date_of_birth": "date_of_birth",
            "postcode": "postcode",
            "street_number": "other_number",
        },
        **{"address_1": "other_street", "suburb": "other_suburb"},
    }
    settings = LinkageSettings(u_pairs=500_000)
    found = link(
        {"a": one, "b": other.to_pandas()}, mapping, KEY, clean_lists=["a", "b"], settings=settings
    )
    truth = pl.concat([one, other]).select(
        record="rec_id", person=pl.col("rec_id").str.extract(r"-(\d+)-")
    )
    assert found.model == "trained"
    assert found.notes == ()
    assert pair_quality(found.persons, truth).f1 >= 0.995


def both(**options):
    return link({"one": ROWS, "two": ROWS}, {**ROLES, "number": "record_id"}, KEY, **options)


def test_every_row_comes_back_in_order_with_the_callers_own_number():
    found = both()
    assert found.persons["frame"].to_list() == ["one"] * 3 + ["two"] * 3
    assert found.persons["record"].to_list() == [11, 12, 13] * 2
    assert found.persons["person"].n_unique() == 3
    assert found.pairs.drop("person").rows() == [("one", n, "two", n) for n in (11, 12, 13)]
    assert found.to_pandas()["record"].tolist() == [11, 12, 13] * 2
    assert found.counts["records"] == 6


def test_without_a_number_a_row_is_known_by_its_place():
    assert link({"one": ROWS, "two": ROWS}, ROLES, KEY).persons["record"].to_list() == [0, 1, 2] * 2


def test_numbers_of_two_types_come_back_as_text():
    named = ROWS.with_columns(number=pl.Series(["a", "b", "c"]))
    found = link({"one": ROWS, "two": named}, {**ROLES, "number": "record_id"}, KEY)
    assert found.persons["record"].to_list() == ["11", "12", "13", "a", "b", "c"]


@pytest.mark.parametrize(
    "made",
    [
        lambda frame: frame.to_pandas(),
        lambda frame: frame.to_arrow(),
        lambda frame: frame.lazy(),
        lambda frame: duckdb.from_arrow(frame.to_arrow()),
    ],
    ids=["pandas", "arrow", "lazy", "duckdb"],
)
def test_frames_of_any_library_are_the_same_to_it(made):
    assert link({"one": made(ROWS), "two": ROWS}, ROLES, KEY).pairs.height == 3


def test_frames_may_have_columns_of_their_own():
    other = ROWS.rename({"first": "given", "last": "family"})
    mapping = {
        "one": ROLES,
        "two": {"given": "forename", "family": "surname", "born": "date_of_birth"},
    }
    assert link({"one": ROWS, "two": other}, mapping, KEY).pairs.height == 3


def test_one_frame_is_searched_for_its_own_duplicates_unless_it_is_clean():
    doubled = pl.concat([ROWS, ROWS])
    assert link({"one": doubled}, ROLES, KEY).persons["person"].n_unique() == 3
    assert link({"one": doubled}, ROLES, KEY, clean_lists=["one"]).persons["person"].n_unique() == 6


def test_in_a_clean_list_one_id_of_the_agency_is_one_person_whatever_the_row_says():
    moved = ROWS.with_columns(first=pl.lit("Somebody"), last=pl.lit("Else"), home=pl.lit("LE1 1AA"))
    found = link(
        {"one": pl.concat([ROWS, moved])},
        {**ROLES, "number": "agency_id"},
        KEY,
        clean_lists=["one"],
    )
    assert found.persons["person"].n_unique() == 3


def test_too_few_rows_are_linked_with_the_reference_model_and_it_is_said():
    found = both()
    assert found.model == "reference"
    assert found.parameters["model"]["levels"].keys() <= reference_model()["levels"].keys()
    assert any("fewer than 400 rows" in note for note in found.notes)


def test_a_field_the_reference_model_does_not_know_is_left_out_by_name():
    mapping = {**ROLES, "diagnosis": "other_diagnosis"}
    found = link({"one": ROWS, "two": ROWS}, mapping, KEY)
    assert "other_diagnosis was not compared: the reference model does not know it." in found.notes


def test_a_model_that_is_given_is_used_and_nothing_else():
    settings = LinkageSettings(model=reference_model())
    assert both(settings=settings).model == "given"
    mapping = {**ROLES, "diagnosis": "other_diagnosis"}
    with pytest.raises(ModelUntrained, match="other_diagnosis"):
        link({"one": ROWS, "two": ROWS}, mapping, KEY, settings=settings)


def test_the_threshold_is_the_callers_or_the_models():
    assert both(threshold=0.99).parameters["link_at"] == 0.99
    with pytest.raises(SettingsInvalid):
        both(threshold=1.5)


def test_a_person_of_very_many_rows_is_not_written_out_in_pairs():
    many = pl.concat([ROWS.head(1)] * 2_000 + [ROWS.tail(2)] * 2)
    found = link({"one": many}, ROLES, KEY, settings=LinkageSettings(model=reference_model()))
    assert found.persons["person"].n_unique() == 3
    assert found.pairs.height == 2


def test_a_key_is_32_bytes_or_a_linkage_key():
    assert link({"one": ROWS}, ROLES, LinkageKey(KEY)).persons.height == 3
    with pytest.raises(LinkageKeyInvalid):
        link({"one": ROWS}, ROLES, b"short")


def test_no_value_token_or_key_is_in_the_result():
    found = both()
    told = f"{found!r} {found.parameters} {found.quality} {found.notes}"
    for value in ("Thistlewood", "THISTLEWOOD", "1958", "LE13", "nobody"):
        assert value not in told


def test_nothing_is_written_or_printed(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    both()
    assert list(tmp_path.rglob("*")) == []
    assert capfd.readouterr() == ("", "")
