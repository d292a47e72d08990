"""The one place where engines differ: SQL in other words, tokens with the same bits."""

import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.engine import open_engine
from linkage.engine.words import in_words_of, signed, spoken
from linkage.errors import EngineMissing, SettingsInvalid
from linkage.model import Model, ModelComparison, ModelLevel
from linkage.settings import LinkageSettings

TOKENS = st.integers(0, 2**64 - 1)


@given(st.lists(TOKENS, unique=True, min_size=1))
def test_different_tokens_stay_different_and_keep_their_bits(tokens):
    frame = pl.DataFrame({"one": tokens, "many": [tokens] * len(tokens)}).cast(
        {"one": pl.UInt64, "many": pl.List(pl.UInt64)}
    )
    found = signed(frame)
    assert found.schema == {"one": pl.Int64, "many": pl.List(pl.Int64)}
    assert [token % 2**64 for token in found["one"]] == tokens
    assert found["many"][0].to_list() == found["one"].to_list()


def test_smaller_numbers_keep_their_value_and_nothing_else_changes():
    frame = pl.DataFrame(
        {"entry": [2**32 - 1], "mark": [None], "none": [None]},
        schema={"entry": pl.UInt32, "mark": pl.Boolean, "none": pl.List(pl.UInt64)},
    )
    found = signed(frame)
    assert found.rows() == frame.rows()
    assert found.schema == {"entry": pl.Int64, "mark": pl.Boolean, "none": pl.List(pl.Int64)}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("list_contains(forename_near_l, forename_exact_r)",) * 2,
        ("l.a = r.a AND l.list_no <> r.list_no",) * 2,
        ("a_l IS NULL OR a_r IS NULL",) * 2,
        ("ELSE", "ELSE"),
    ],
)
def test_a_condition_is_said_in_the_words_of_an_engine(ours, theirs):
    assert in_words_of("duckdb", ours) == ours
    assert in_words_of("spark", ours) == theirs.replace("list_contains", "ARRAY_CONTAINS")


def test_every_condition_of_a_model_is_said_anew():
    near = "list_contains(a_near_l, a_exact_r)"
    level = ModelLevel("near", near, tf="a_exact")
    model = Model((ModelComparison("a", near, (level,)),), (near,), (near,), (near,))
    said = spoken(model, "spark")
    assert "list_contains" not in repr(said)
    assert said.comparisons[0].levels[0].tf == "a_exact"
    assert spoken(model, "duckdb") == model


def test_an_unknown_engine_is_refused():
    with pytest.raises(SettingsInvalid, match="duckdb, spark"):
        LinkageSettings(engine="oracle")


def test_a_missing_extra_says_what_to_install(monkeypatch):
    for name in [module for module in sys.modules if module.split(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with (
        pytest.raises(EngineMissing, match=r"install the extra `spark`.*Java 17"),
        open_engine(LinkageSettings(engine="spark")),
    ):
        pass
