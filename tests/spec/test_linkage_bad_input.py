"""What linkage does with input that nobody would want to have: a named error or a stated answer, and never a value."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pytest

from linkage import LinkageSettings, LinkedFrames, link
from linkage.errors import FramesInvalid
from linkage.evaluate import pair_quality
from linkage.frames import FEWEST_TO_TRAIN
from linkage.tokens import LinkageKey, tokenise

title = "Bad input has an answer"

KEY = b"a linkage secret of thirty-two b"
ROLES = {
    "first": "forename",
    "last": "surname",
    "born": "date_of_birth",
    "sex": "sex",
    "home": "postcode",
}
FEW, ENOUGH = 20, FEWEST_TO_TRAIN // 2 + 20
FORENAMES = [
    "JOHN",
    "MARY",
    "ANNE",
    "PAUL",
    "OMAR",
    "LUCY",
    "IAN",
    "EVE",
    "ADA",
    "MAX",
    "LEO",
    "UNA",
    "RUTH",
    "CARL",
    "TOM",
    "GRACE",
    "ABEL",
]
SURNAMES = [
    "SMITH",
    "JONES",
    "KHAN",
    "PATEL",
    "BROWN",
    "GREEN",
    "WHITE",
    "STONE",
    "HILL",
    "WOOD",
    "LAKE",
    "REED",
    "FOX",
    "DAY",
]


def people(count: int) -> pl.DataFrame:
    """So many different people, the same ones each time."""
    drawn = random.Random(7)  # noqa: S311 - not a secret
    rows = [
        (
            drawn.choice(FORENAMES) + drawn.choice("ABCDEFGHIJ"),
            drawn.choice(SURNAMES) + drawn.choice("KLMNOPQRST"),
            date(drawn.randint(1930, 2015), drawn.randint(1, 12), drawn.randint(1, 28)).isoformat(),
            drawn.choice("MF"),
            f"LE{drawn.randint(1, 9)} {drawn.randint(1, 9)}{drawn.choice('ABCD')}{drawn.choice('EFGH')}",
        )
        for _ in range(count)
    ]
    return pl.DataFrame(rows, schema=list(ROLES), orient="row")


def linked(one: Any, other: Any, roles: Mapping[str, Any] = ROLES, **options: Any) -> LinkedFrames:
    options.setdefault("settings", LinkageSettings(u_pairs=100_000))
    return link({"one": one, "other": other}, roles, KEY, **options)


def found(result: LinkedFrames) -> tuple[int, int]:
    """Right links and wrong ones, where row n of both frames is one person."""
    pairs = result.pairs
    right = pairs.filter(
        (pl.col("record_l") == pl.col("record_r")) & (pl.col("frame_l") != pl.col("frame_r"))
    )
    return right.height, pairs.height - right.height


def said(result: LinkedFrames, what: str) -> bool:
    return any(what in note for note in result.notes)


def one_value(column: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(pl.col(column).first())


def nothing(*columns: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(pl.lit(None).alias(column) for column in columns)


# What is wrong | with which rows of the first list | least of FEW links that are found | what is noted
STATED: list[tuple[str, Callable[[pl.DataFrame], pl.DataFrame], int, str]] = [
    ("a column is empty", nothing("born"), FEW - 2, "Frame one: date_of_birth is empty"),
    ("blanks instead of a value", lambda f: f.with_columns(home=pl.lit("  ")), FEW - 2, "postcode is empty"),
    ("all columns are empty", nothing(*ROLES), 0, "Frame one: surname is empty"),
    ("no rows", lambda f: f.head(0), 0, "Frame one has no rows"),
    ("one row", lambda f: f.head(1), 1, "reference model"),
    ("one value in a column", one_value("home"), FEW - 4, ""),
    ("dates of the year 1", lambda f: f.with_columns(born=pl.lit("0001-01-01")), 0, ""),
    ("dates that stand for none", lambda f: f.with_columns(born=date(9999, 12, 31)), FEW - 2, "are no evidence"),
    ("a name of a megabyte", lambda f: f.with_columns(last=pl.lit("A" * 1_000_000)), 0, "too long"),
    ("numbers for names", lambda f: f.with_columns(last=pl.int_range(pl.len())), 0, ""),
    ("not a number", lambda f: f.with_columns(home=pl.lit(float("nan"))), FEW - 2, "postcode is empty"),
    ("no evidence in a number", lambda f: f.with_columns(home=pl.lit(float("inf"))), FEW - 2, "postcode is empty"),
    ("categories", lambda f: f.with_columns(pl.all().cast(pl.Categorical)), FEW, ""),
    ("dates with a time", lambda f: f.with_columns(pl.col("born").str.to_datetime("%Y-%m-%d")), FEW, ""),
    ("dates in one number", lambda f: f.with_columns(pl.col("born").str.replace_all("-", "").cast(pl.Int64)), FEW, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "least", "note"), [row[1:] for row in STATED], ids=[r[0] for r in STATED]
)
def test_a_stated_answer(
    spoil: Callable[[pl.DataFrame], pl.DataFrame], least: int, note: str
) -> None:
    good = people(FEW)
    result = linked(spoil(good), good)
    right, wrong = found(result)
    assert right >= least
    assert wrong == 0
    assert not note or said(result, note)
    assert result.persons.height == spoil(good).height + good.height
    assert result.persons["person"].null_count() == 0


# What is wrong | first frame | mapping | the error says
REFUSED: list[tuple[str, Any, Any, str]] = [
    ("a role nobody knows", people(2), {"first": "given_name"}, "no such role: given_name"),
    ("other_ without a name", people(2), {"first": "other_"}, "no such role"),
    ("two columns of one role", people(2), {"first": "surname", "last": "surname"}, "are both the surname"),
    ("one column of two roles", people(2), {"first": ["forename", "surname"]}, "no single role"),
    ("no mapping", people(2), {}, "mapping of columns to roles is needed"),
    ("a column that is not there", people(2), {"given": "forename"}, "no column with an identifier role"),
    ("a misspelt column", people(2), {**ROLES, "frist": "uprn"}, "Not in the frames: frist"),
    ("a mapping of one frame alone", people(2), {"one": ROLES}, "says nothing of frame other"),
    ("a mapping of a strange frame", people(2), {"one": ROLES, "other": ROLES, "third": ROLES}, "Not in the frames: third"),
    ("no field in common", people(2), {"one": {"first": "forename"}, "other": {"last": "surname"}}, "No role is in two"),
    ("ids that repeat", people(2).with_columns(id=1), {"one": {**ROLES, "id": "record_id"}, "other": ROLES}, "an id is empty or repeats"),
    ("ids that are empty", people(2).with_columns(id=pl.Series([1, None])), {"one": {**ROLES, "id": "record_id"}, "other": ROLES}, "an id is empty or repeats"),
    ("dates in another style", people(2).with_columns(born=pl.lit("31/12/1980")), ROLES, "2 of 2 dates in column born are not written YYYY-MM-DD"),
    ("a list in a cell", people(2).with_columns(last=pl.concat_list("last")), ROLES, "Column last is neither text"),
    ("bytes", people(2).with_columns(last=pl.lit(b"x")), ROLES, "Column last is neither text"),
    ("objects", pd.DataFrame({**{c: ["x"] for c in ROLES}, "last": [{"a": 1}]}), ROLES, "1 values that are neither text"),
    ("a column twice", pd.DataFrame([list("abcdef")], columns=[*ROLES, "last"]), ROLES, "Column last is there twice"),
    ("no frame at all", [["x"]], ROLES, "of a type that is not known: list"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "roles", "says"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_named_error(frame: Any, roles: Any, says: str) -> None:
    with pytest.raises(FramesInvalid) as refused:
        linked(frame, people(2), roles)
    assert says in str(refused.value)
    assert not any(
        value in str(refused.value) for row in people(2).rows() for value in row if len(value) > 1
    )


def test_frames_without_names_or_a_strange_clean_list_are_refused() -> None:
    with pytest.raises(FramesInvalid, match="by name"):
        link([people(2)], ROLES, KEY)  # type: ignore[arg-type]
    for clean in (["two"], "one"):
        with pytest.raises(FramesInvalid, match="clean list"):
            linked(people(2), people(2), clean_lists=clean)


@pytest.mark.parametrize(
    "made",
    [
        lambda frame: frame,
        lambda frame: frame.astype("category"),
        lambda frame: frame.astype("string"),
        lambda frame: frame.astype(object),
        lambda frame: frame.assign(born=pd.to_datetime(frame["born"])),
        lambda frame: frame.assign(born=[date.fromisoformat(day) for day in frame["born"]]),
        lambda frame: frame.set_index("sex", drop=False),
    ],
    ids=["plain", "category", "string", "object", "datetime", "date", "an index of repeats"],
)
def test_pandas_types_link_as_polars_do(made: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    frame = people(FEW)
    assert found(linked(made(frame.to_pandas()), frame)) == (FEW, 0)


def test_a_column_of_several_types_is_read_value_by_value() -> None:
    frame = people(FEW)
    mixed = frame.to_pandas().astype(object)
    mixed.loc[0, "home"], mixed.loc[1, "home"], mixed.loc[2, "last"] = float("nan"), 4223.0, pd.NA
    plain = frame.with_columns(
        home=pl.when(pl.int_range(pl.len()) == 1).then(pl.lit("4223")).otherwise("home")
    )
    right, wrong = found(linked(mixed, plain))
    assert right >= FEW - 2
    assert wrong == 0


def test_sex_alone_links_nobody_and_says_so() -> None:
    result = linked(people(FEW), people(FEW), {"sex": "sex"})
    assert found(result) == (0, 0)
    assert result.model == "none"
    assert said(result, "No two rows could be compared")


def test_what_tells_families_is_named_as_not_compared() -> None:
    frame = people(FEW).with_columns(street=pl.lit("12 High Street"))
    result = linked(frame, frame, {**ROLES, "street": "address"})
    assert said(result, "address was not compared: it tells families")


# The same name twice, as two systems write it.
ALIKE = [
    ("José", "Jose\u0301"),  # one sign, or letter and accent
    ("Zoë\u200d", "ZOE"),  # a joiner that nobody sees
    ("محمد", "\u202bمُحَمَّد\u202c"),  # right to left, vowel signs, marks of direction
    ("김민준", "\u1100\u1175\u11b7\u1106\u1175\u11ab\u110c\u116e\u11ab"),  # syllables, or their letters
    ("ｊｏｈｎ", "JOHN"),  # wide letters
    ("ﬁona", "Fiona"),  # a ligature
    ("Straße", "STRASSE"),
    ("Łukasz", "LUKASZ"),
    ("王伟", " 王伟\u3000"),  # a wide space
    ("נחמיה", "\u200fנחמיה"),
    ("O’Neill", "O'NEILL"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_a_name_is_one_name_in_whatever_signs_it_is_written(one: str, other: str) -> None:
    first, second = _tokens(one), _tokens(other)
    assert first["surname_exact"][0] is not None
    assert first.equals(second)


@pytest.mark.parametrize("name", ["\u200e\u200f", "🙂", "—", "\u0301", "   ", ""])
def test_a_name_without_a_letter_is_no_name(name: str) -> None:
    assert _tokens(name).null_count().row(0) == (1,) * _tokens(name).width


def _tokens(name: str) -> pl.DataFrame:
    row = pl.DataFrame(
        {
            "row": pl.Series([0], dtype=pl.UInt32),
            "seen_on": pl.Series([None], dtype=pl.Date),
            "surname": [name],
        }
    )
    made = tokenise(row, LinkageKey(KEY), namespace="one")
    return made.drop("row", "seen_on")


def test_names_in_any_script_link() -> None:
    frame = people(len(ALIKE))
    one = frame.with_columns(last=pl.Series([pair[0] for pair in ALIKE]))
    other = frame.with_columns(last=pl.Series([pair[1] for pair in ALIKE]))
    assert found(linked(one, other)) == (len(ALIKE), 0)


@pytest.mark.parametrize("field", ["born", "last"])
def test_a_field_that_one_list_leaves_empty_does_not_spoil_the_others(field: str) -> None:
    good = people(ENOUGH)
    right, wrong = found(linked(nothing(field)(good), good))
    assert right >= 0.95 * ENOUGH
    assert wrong <= 0.01 * ENOUGH


@pytest.mark.parametrize("field", ["born", "home"])
def test_one_value_in_a_field_of_all_records_is_no_evidence(field: str) -> None:
    good = one_value(field)(people(ENOUGH))
    right, wrong = found(linked(good, good))
    assert right >= 0.95 * ENOUGH
    assert wrong <= 0.01 * ENOUGH


def test_two_lists_that_are_copies_link_row_by_row() -> None:
    good = people(ENOUGH)
    result = linked(good, good)
    assert result.model == "trained"
    assert found(result) == (ENOUGH, 0)


def test_records_that_are_all_the_same_are_one_person_or_stay_apart_in_clean_lists() -> None:
    same = pl.concat([people(1)] * ENOUGH)
    assert linked(same, same).persons["person"].n_unique() == 1
    apart = linked(same, same, clean_lists=["one", "other"]).persons
    assert apart.group_by("frame", "person").len()["len"].max() == 1


def crowd(count: int) -> pl.DataFrame:
    """Different people of one surname at one postcode."""
    drawn = random.Random(3)  # noqa: S311 - not a secret
    letters = "ABDEGIKLMNOPRSTUY"
    names = ["".join(drawn.choice(letters) for _ in range(6)) for _ in range(400)]
    return people(count).with_columns(
        first=pl.Series([drawn.choice(names) for _ in range(count)]),
        last=pl.lit("SMITH"),
        home=pl.lit("LE1 1AA"),
    )


def test_a_crowd_of_one_surname_and_postcode_is_linked_within_its_limits() -> None:
    frame = crowd(2_500)
    limits = LinkageSettings(
        u_pairs=100_000, widest_rule=5_000_000, most_pairs=1_000_000, memory_mb=512
    )
    result = linked(frame, frame, settings=limits)
    assert result.counts["entry_pairs_compared"] <= 1_000_000
    assert said(result, "blocking rules would compare too many pairs")
    assert quality(result) >= 0.99


@pytest.mark.slow
def test_a_hundred_thousand_records_of_one_surname_and_postcode_fit_the_engine() -> None:
    # 4 GB for the engine, which never spills: too many pairs would end as LinkageFailed.
    frame = crowd(50_000)
    assert quality(linked(frame, frame, settings=LinkageSettings())) >= 0.98


def quality(result: LinkedFrames) -> float:
    items = result.persons.select("person", record=pl.concat_str("frame", "record"))
    truth = items.select("record", person=result.persons["record"])
    return pair_quality(items, truth).f1
