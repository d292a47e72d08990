"""Linking two agencies' tokens: FEBRL4 as the two lists, without its national ids."""

import os
from pathlib import Path

import polars as pl
import pytest

from linkage import LinkageSettings, link_records, reference_model
from linkage.errors import LinkageFailed, ModelUntrained, SettingsInvalid, TokensInvalid
from linkage.evaluate import pair_quality
from linkage.tokens import LinkageKey, tokenise

DATA = Path(os.environ.get("GATEWAY_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
KEY = LinkageKey(b"\x03" * 32)
ABSENT = not (DATA / "febrl4a.csv").exists()
pytestmark = pytest.mark.skipif(ABSENT, reason="febrl4 is not in GATEWAY_TEST_DATA")


def agency(letter):
    """One agency's list: its tokens, and the true person of each record."""
    raw = pl.read_csv(DATA / f"febrl4{letter}.csv", infer_schema=False)
    raw = raw.rename({c: c.strip() for c in raw.columns})
    raw = raw.with_columns(pl.all().str.strip_chars().replace("", None)).with_row_index("row")
    identifiers = raw.select(
        pl.col("row").cast(pl.UInt32),
        pl.lit(None, dtype=pl.Date).alias("seen_on"),
        forename="given_name",
        surname="surname",
        date_of_birth=pl.col("date_of_birth").str.replace(r"^(....)(..)(..)$", "$1-$2-$3"),
        postcode="postcode",
        agency_id="rec_id",
        other_suburb="suburb",
        other_street="address_1",
        other_number="street_number",
    )
    record = pl.concat_str(pl.lit(letter), "row").alias("record")
    tokens = tokenise(identifiers, KEY, namespace=letter).with_columns(
        record, agency=pl.lit(letter), dataset=pl.lit("people"), clean_list=pl.lit(value=True)
    )
    return tokens.drop("row"), raw.select(record, person=pl.col("rec_id").str.extract(r"-(\d+)-"))


@pytest.fixture(scope="module")
def febrl():
    (one, true_one), (other, true_other) = agency("a"), agency("b")
    return pl.concat([one, other]), pl.concat([true_one, true_other])


@pytest.fixture(scope="module")
def settings():
    return LinkageSettings(u_pairs=500_000)


@pytest.fixture(scope="module")
def linked(febrl, settings):
    return link_records(febrl[0], settings)


@pytest.fixture(scope="module")
def few(febrl):
    """The records of 400 persons: too few to spend time on, enough to train on."""
    tokens, truth = febrl
    chosen = truth["person"].unique().sort().head(400)
    kept = truth.filter(pl.col("person").is_in(chosen.implode()))
    return tokens.join(kept.select("record"), on="record"), kept


def test_two_lists_link_at_the_published_quality_without_ids(febrl, linked):
    quality = pair_quality(linked.persons, febrl[1])
    assert quality.f1 >= 0.999
    assert quality.precision >= 0.999


def test_the_model_chooses_the_threshold_and_says_from_what(linked):
    told = linked.parameters
    assert told["link_at_chosen_by_model"]
    assert 0.5 <= told["link_at"] < 0.6
    assert told["link_at"] in [row["threshold"] for row in told["trade_off"]]
    assert "date_of_birth + surname" in told["blocking_names"]


def test_the_prior_is_settled_near_the_share_of_matches_there_are(linked):
    assert linked.parameters["model"]["prior"] == pytest.approx(5000 / 5000**2, rel=0.02)


def test_the_estimates_without_truth_are_near_the_truth(febrl, linked):
    quality = pair_quality(linked.persons, febrl[1])
    assert linked.quality["expected_precision"] == pytest.approx(quality.precision, abs=0.005)
    assert linked.quality["expected_recall"] == pytest.approx(quality.recall, abs=0.02)
    assert linked.quality["coverage"]["a"]["persons"] == 5000


def test_no_person_holds_two_entries_of_one_clean_list(febrl, linked):
    both = linked.persons.join(febrl[0].select("record", "agency"), on="record")
    assert both.group_by("person", "agency").len()["len"].max() == 1


def test_every_record_has_a_person_and_every_person_a_family(febrl, linked):
    assert sorted(linked.persons["record"]) == sorted(febrl[0]["record"])
    assert set(linked.persons["person"]) == set(linked.families["person"])
    assert linked.families["person"].is_unique().all()


def test_a_run_repeats_itself_except_for_its_random_ids(few, settings):
    one, other = (link_records(few[0], settings) for _ in range(2))
    assert one.parameters == other.parameters
    assert one.quality == other.quality
    assert pair_quality(one.persons, other.persons).f1 == 1.0
    assert not set(one.persons["person"]) & set(other.persons["person"])


def test_the_order_of_the_records_does_not_matter(few, settings):
    one = link_records(few[0], settings)
    other = link_records(few[0].sample(fraction=1.0, shuffle=True, seed=4), settings)
    assert pair_quality(one.persons, other.persons).f1 == 1.0


def test_ids_are_kept_from_run_to_run(few, settings):
    tokens, _ = few
    first = link_records(tokens.filter(pl.col("agency") == "a"), settings)
    previous = first.persons.join(first.families, on="person")
    second = link_records(tokens, settings, previous=previous)
    kept = second.persons.join(previous, on="record", suffix="_before")
    assert (kept["person"] == kept["person_before"]).all()
    assert second.counts["persons"] > first.counts["persons"]


def test_parameters_are_plain_values_and_name_seed_versions_and_rules(linked):
    import json

    written = json.loads(json.dumps(linked.parameters))
    assert written["seed"] == LinkageSettings().seed
    assert set(written["versions"]) >= {"splink", "duckdb"}
    assert written["family"]["name"] == "household-and-kin@1"
    assert written["model"]["levels"]["surname"]["exact"]["m"] > 0.5


def test_a_trained_model_can_be_used_again(few, linked, settings):
    again = link_records(few[0], LinkageSettings(model=linked.parameters["model"]))
    assert pair_quality(again.persons, few[1]).f1 >= 0.99
    assert again.parameters["model"] == linked.parameters["model"]


def test_a_model_that_lacks_a_comparison_is_refused_by_name(few):
    with pytest.raises(ModelUntrained, match="other_suburb: exact"):
        link_records(few[0], LinkageSettings(model=reference_model()))


def test_records_that_cannot_train_are_refused_and_linked_with_the_reference_model(few):
    bare = few[0].drop("other_suburb_exact", "other_street_exact", "other_number_exact")
    pair = few[1].filter(pl.col("person") == few[1]["person"].min())
    strangers = bare.join(few[1], on="record").filter(pl.col("person") != pair["person"][0])
    apart = pl.concat(
        [strangers.filter(agency="a").head(3), strangers.filter(agency="b").tail(3)]
    ).drop("person")
    with pytest.raises(ModelUntrained, match="No two records agree"):
        link_records(apart, LinkageSettings())
    with_pair = pl.concat([apart, bare.join(pair.select("record"), on="record")])
    result = link_records(with_pair, LinkageSettings(model=reference_model()))
    assert result.counts["persons"] == 7
    assert pair_quality(result.persons, few[1]).f1 == 1.0


def test_fields_that_are_absent_or_null_drop_out_of_the_comparison(few, settings):
    bare = (
        few[0]
        .drop("postcode_exact", "other_street_exact")
        .with_columns(sex_exact=pl.lit(None, dtype=pl.UInt64))
    )
    result = link_records(bare, settings)
    assert {"sex", "postcode", "other_street"}.isdisjoint(result.parameters["model"]["levels"])
    assert pair_quality(result.persons, few[1]).precision > 0.99


@pytest.mark.parametrize("size", [0, 1])
def test_none_or_one_record_is_a_run_without_links(few, settings, size):
    result = link_records(few[0].head(size), settings)
    assert result.counts["persons"] == result.counts["families"] == size


def test_a_rule_that_would_compare_too_many_pairs_is_left_out_and_named(few):
    result = link_records(few[0], LinkageSettings(u_pairs=100_000, widest_rule=3))
    assert result.parameters["blocking_left_out"]
    assert not set(result.parameters["blocking"]) & set(result.parameters["blocking_left_out"])


def test_nothing_is_written_or_printed(few, settings, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    link_records(few[0], settings)
    assert list(tmp_path.rglob("*")) == []
    assert capfd.readouterr() == ("", "")


def test_too_little_memory_is_a_named_error_and_never_a_file(febrl, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LinkageFailed) as failed:
        link_records(febrl[0], LinkageSettings(memory_mb=8))
    assert str(failed.value) == "The linkage engine stopped: OutOfMemoryException" or (
        str(failed.value) == "The linkage engine stopped: SplinkException"
    )
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.drop("agency"),
        lambda t: t.with_columns(clean_list=pl.lit("yes")),
        lambda t: pl.concat([t, t.head(1)]),
    ],
)
def test_a_frame_that_is_not_token_records_is_refused(few, settings, spoil):
    with pytest.raises(TokensInvalid):
        link_records(spoil(few[0]), settings)


@pytest.mark.parametrize(
    "wrong", [{"link_at": 0.3}, {"link_at": 1.0}, {"assumed_recall": 0}, {"threads": 0}]
)
def test_a_setting_out_of_range_is_refused(wrong):
    with pytest.raises(SettingsInvalid):
        LinkageSettings(**wrong)
