"""Tokens: what they are, what compares with what, and that no identifier or key gets out."""

import hashlib
import hmac
import json
import pickle
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from linkage import told_again
from linkage.errors import IdentifiersInvalid, LinkageKeyInvalid
from linkage.tokens import LinkageKey, tokenise, tokenise_profiles
from linkage.tokens.fields import FIELDS
from linkage.tokens.tokenise import _encoded

SECRET = bytes(range(32))
VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "tokens.json").read_text(encoding="utf-8")
)


def identifiers(**columns):
    size = len(next(iter(columns.values())))
    base = {"row": pl.Series(range(1, size + 1), dtype=pl.UInt32)}
    base["seen_on"] = pl.Series([date(2025, 4, 1)] * size)
    return pl.DataFrame({**base, **columns})


def tokens(key=SECRET, namespace="housing", **columns):
    return tokenise(identifiers(**columns), LinkageKey(key), namespace=namespace)


def test_tokens_are_those_of_the_committed_vectors():
    cases = VECTORS["cases"]
    roles = list(cases[0]["identifiers"])
    columns = {
        role: pl.Series([case["identifiers"][role] for case in cases], dtype=pl.String)
        for role in roles
    }
    made = tokens(key=bytes.fromhex(VECTORS["key"]), namespace=VECTORS["namespace"], **columns)

    def as_hex(value):
        if isinstance(value, list):
            return [f"{member:016x}" for member in value]
        return None if value is None else f"{value:016x}"

    for row, case in zip(made.drop("row", "seen_on").iter_rows(named=True), cases, strict=True):
        assert {column: as_hex(value) for column, value in row.items()} == case["tokens"]


def hkdf(info):
    """RFC 5869 with the standard library, as an independent witness."""
    salt = b"families-data-gateway/linkage-token/v1"
    extracted = hmac.digest(salt, SECRET, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


@pytest.mark.parametrize(
    ("column", "info", "role", "value", "message"),
    [
        ("surname_exact", b"name/exact", "surname", "Smith", "SMITH"),
        ("postcode_outward", b"postcode/outward", "postcode", "LE13 0AB", "LE13"),
        ("nhs_number_exact", b"nhs_number/exact", "nhs_number", "943 476 5919", "9434765919"),
        ("agency_id_exact", b"reference/exact", "agency_id", "H-12", "housing\x1fH12"),
    ],
)
def test_a_token_is_hmac_sha256_under_a_derived_key_cut_to_64_bits(
    column, info, role, value, message
):
    expected = hmac.new(hkdf(info), message.encode(), hashlib.sha256).digest()[:8]
    assert tokens(**{role: [value]})[column][0] == int.from_bytes(expected, "big")


def test_a_relative_is_found_by_the_token_of_their_own_reference():
    made = tokens(
        agency_id=["C100", "C200"], guardian_id=["c-200", None], partner_id=[None, "C100"]
    )
    assert made["guardian_id_exact"][0] == made["agency_id_exact"][1]
    assert made["partner_id_exact"][1] == made["agency_id_exact"][0]


def test_one_reference_in_two_agencies_gives_two_tokens():
    ours, theirs = tokens(agency_id=["100"]), tokens(agency_id=["100"], namespace="police")
    assert ours["agency_id_exact"][0] != theirs["agency_id_exact"][0]


def test_forename_and_surname_compare_level_by_level():
    made = tokens(forename=["Martin"], surname=["Martin"])
    for level in ("exact", "nysiis", "initial", "prefix3", "prefix4", "near", "metaphone"):
        assert made[f"forename_{level}"].to_list() == made[f"surname_{level}"].to_list()


def test_equal_strings_of_two_fields_or_levels_never_share_a_token():
    made = tokens(forename=["Jo"], postcode=["JO"], other_town=["jo"], address=["JO"])
    scalars = [made[c][0] for c in made.columns if made.schema[c] == pl.UInt64]
    near = [c for c in made.columns if c.endswith("_near")]
    sets = [member for c in near for member in made[c].explode().to_list()]
    found = [token for token in scalars + sets if token is not None]
    assert len(found) == len(set(found))


def test_another_key_gives_other_tokens():
    assert (
        tokens(surname=["Smith"])["surname_exact"][0]
        != (tokens(key=bytes(32), surname=["Smith"])["surname_exact"][0])
    )


def test_a_date_column_and_a_text_column_of_dates_give_the_same_tokens():
    dated = tokens(date_of_birth=[date(1984, 3, 7)])
    assert dated.equals(tokens(date_of_birth=["1984-03-07"]))


def test_every_declared_level_has_a_column_of_its_declared_type():
    made = tokens(**{f.role: pl.Series([None], dtype=pl.String) for f in FIELDS})
    for field in FIELDS:
        for level in field.levels:
            expected = pl.List(pl.UInt64) if level.is_set else pl.UInt64
            assert made.schema[field.column(level)] == expected
            assert made[field.column(level)].null_count() == 1


def test_all_levels_of_a_field_follow_from_its_exact_token():
    assert all(field.levels[0].name == "exact" for field in FIELDS)
    written = ["2/14 High St", "2 14 High St", "5 Rose Cottage, Mill Ln", "5 Rose Cottage Mill Ln"]
    made = tokens(address=written).drop("row", "seen_on")
    assert made["address_exact"].n_unique() == made["address_premises"].n_unique() == 4


def test_no_identifier_is_left_in_the_frame():
    made = tokens(forename=["Zebedee"], surname=["Quux"], address=["9 Frobnitz Lane"])
    assert set(made.schema.dtypes()) <= {pl.UInt32(), pl.Date(), pl.UInt64(), pl.List(pl.UInt64)}


def test_a_page_of_text_in_a_cell_is_no_identifier():
    made = tokens(surname=["a" * 500, "a" * 501, "b" * 1_000_000])
    assert made["surname_exact"].is_null().to_list() == [False, True, True]


def test_order_and_rows_are_kept_when_values_repeat():
    names = ["Ann", None, "Bob", "ANN", "unknown", "Bob"]
    made = tokens(forename=names)["forename_exact"].to_list()
    assert made[0] == made[3]
    assert made[2] == made[5]
    assert made[1] is made[4] is None
    assert tokens(forename=["Bob"])["forename_exact"][0] == made[2]


def test_told_once_for_many_rows_the_tokens_are_those_of_each_row():
    frame = identifiers(
        forename=["Ann", "Bob", "Ann", None, "ANN", "Ann", None],
        address=["1 High St", None, "1 High St", "2/3 Elm Rd", "1 High St", "Flat 2, 3 Elm Rd", ""],
        date_of_birth=[date(1984, 3, 7)] * 6 + [None],
        agency_id=["A1", "B2", "A1", "C3", "a-1", "A1", "C3"],
    ).with_columns(seen_on=pl.date_range(date(2025, 1, 1), date(2025, 1, 7)))
    once = tokenise_profiles(frame, LinkageKey(SECRET), namespace="housing")
    assert once["row"].to_list() == [[1, 3], [2], [4], [5], [6], [7]]
    everything = tokenise(frame, LinkageKey(SECRET), namespace="housing")
    assert told_again(once).explode("row", "seen_on").sort("row").equals(everything)
    # In whatever order they are stored, several extracts together, they read the same.
    stored = once.explode("row", "seen_on").sort("row", descending=True)
    again = told_again(pl.concat([stored, stored])).sort("row")
    assert again.unique(maintain_order=True).equals(everything)


def test_told_once_a_value_shows_its_further_tokens_in_its_first_row_only():
    frame = identifiers(forename=["Ann", "Bob", "ann", None], surname=["Day", "Day", "Day", "Day"])
    once = tokenise_profiles(frame, LinkageKey(SECRET), namespace="housing")
    assert once["forename_exact"].null_count() == 1
    assert once["forename_near"].is_not_null().to_list() == [True, True, False, False]
    assert once["surname_prefix3"].is_not_null().to_list() == [True, False, False, False]


def test_categories_give_the_tokens_of_their_texts_and_unused_ones_are_not_looked_at():
    texts = ["Ann", "x" * 600, None, "Bob", "ANN", "Gone"]
    frame = identifiers(forename=texts, agency_id=["A1", "B2", "A1", None, "a-1", "Z9"])
    names = pl.selectors.string()
    categories = pl.Categorical(pl.Categories.random())
    as_categories = frame.with_columns(names.cast(categories)).head(5)
    for make in (tokenise, tokenise_profiles):
        made = make(as_categories, LinkageKey(SECRET), namespace="housing")
        assert made.equals(make(frame.head(5), LinkageKey(SECRET), namespace="housing"))
    distinct, _ = _encoded(as_categories["forename"])
    assert distinct.to_list() == ["Ann", "x" * 600, "Bob", "ANN"]


def test_rows_without_an_identifier_are_told_once():
    frame = identifiers(forename=[None, None]).drop("forename")
    once = tokenise_profiles(frame, LinkageKey(SECRET), namespace="housing")
    assert once.columns == ["row", "seen_on"]
    assert once.explode("row", "seen_on")["row"].to_list() == [1, 2]


def test_neither_key_nor_value_is_in_a_plan_of_the_result():
    lazy = tokens(surname=["Quuxington"]).lazy().filter(pl.col("surname_exact") > 0)
    for text in (lazy.explain().encode(), lazy.serialize()):
        assert SECRET not in text
        assert SECRET.hex().encode() not in text
        assert b"QUUXINGTON" not in text.upper()


def test_neither_key_nor_value_is_an_argument_of_an_expression(monkeypatch):
    """Arguments stand in a query plan; a key travels as data beside the values."""
    asked = []
    select = pl.DataFrame.select

    def listening(frame, *expressions, **named):
        given = [*expressions, *named.values()]
        asked.extend(each.meta.serialize() for each in given if isinstance(each, pl.Expr))
        return select(frame, *expressions, **named)

    monkeypatch.setattr(pl.DataFrame, "select", listening)
    tokens(surname=["Quuxington"])
    key = LinkageKey(SECRET).level_key("name", "exact")
    blocks = [bytes(byte ^ pad for byte in key) for pad in (0, 0x36, 0x5C)]
    assert any(b"sha2_256" in plan for plan in asked)
    for hidden in (*blocks, *(block.hex().encode() for block in blocks), b"QUUXINGTON"):
        assert not any(hidden in plan for plan in asked)


@pytest.mark.parametrize(
    "frame",
    [
        identifiers(surname=["Quuxington"]).rename({"surname": "shoe_size"}),
        identifiers(surname=["Quuxington"]).drop("row"),
        identifiers(surname=["Quuxington"]).with_columns(surname=pl.lit(7)),
        identifiers(surname=["Quuxington"]).with_columns(seen_on=pl.lit("Quuxington")),
    ],
)
def test_an_error_names_the_column_and_never_the_value(frame):
    with pytest.raises(IdentifiersInvalid) as refused:
        tokenise(frame, LinkageKey(SECRET), namespace="housing")
    assert "Quuxington" not in str(refused.value)
    assert "Column" in str(refused.value)


def test_a_namespace_is_required():
    with pytest.raises(IdentifiersInvalid):
        tokens(namespace="", surname=["Smith"])


def test_a_key_has_32_bytes_shows_nothing_and_cannot_be_pickled():
    with pytest.raises(LinkageKeyInvalid):
        LinkageKey(b"short")
    key = LinkageKey(SECRET)
    assert SECRET.hex() not in repr(key)
    assert repr(SECRET) not in repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert not hasattr(key, "__dict__")
