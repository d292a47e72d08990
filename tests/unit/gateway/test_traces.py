"""Records that are sent again are known again, by digests that say nothing by themselves."""

from collections.abc import Mapping

import polars as pl
import pytest

from gateway.pipeline.traces import names_of, traces_left, traces_of

KEY = b"t" * 32
LINKS = pl.DataFrame(
    {"record": ["a:1", "a:2", "b:1"], "person": ["ann", "bob", "ann"], "family": ["oak"] * 3}
)


def tokens(
    records: Mapping[str, tuple[int | None, int]], agency: str = "police", dataset: str = "contacts"
) -> pl.DataFrame:
    """Records by name: the agency's number and the date of birth, as tokens; surname and codes beside them."""
    return pl.DataFrame(
        {
            "record": list(records),
            "agency": agency,
            "dataset": dataset,
            "agency_id_exact": pl.Series([n for n, _ in records.values()], dtype=pl.UInt64),
            "date_of_birth_exact": pl.Series([d for _, d in records.values()], dtype=pl.UInt64),
            "surname_exact": pl.Series([7] * len(records), dtype=pl.UInt64),
            "surname_near": pl.Series([[1, 2]] * len(records), dtype=pl.List(pl.UInt64)),
        }
    )


def of(frame: pl.DataFrame, key: bytes = KEY) -> dict[str, int]:
    return dict(traces_of(frame, key).iter_rows())


def test_the_same_number_and_birthday_leave_the_same_trace_in_any_file_of_the_agency() -> None:
    first = of(tokens({"a:1": (11, 1)}))
    again = of(tokens({"z:9": (11, 1)}, dataset="other"))
    assert first["a:1"] == again["z:9"]


@pytest.mark.parametrize(
    "other",
    [
        tokens({"b:1": (12, 1)}),
        tokens({"b:1": (11, 2)}),
        tokens({"b:1": (11, 1)}, agency="health"),
        tokens({"b:1": (None, 1)}),
    ],
)
def test_another_number_birthday_or_agency_leaves_another(other: pl.DataFrame) -> None:
    assert of(other)["b:1"] != of(tokens({"a:1": (11, 1)}))["a:1"]


def test_without_a_number_all_exact_tokens_together_are_the_trace() -> None:
    frame = tokens({"a:1": (None, 1), "a:2": (None, 1), "a:3": (None, 2)})
    found = of(frame)
    assert found["a:1"] == found["a:2"] != found["a:3"]
    without = frame.drop("agency_id_exact")
    assert len(of(without)) == 3


def test_a_trace_hangs_on_the_key_and_is_no_token() -> None:
    frame = tokens({"a:1": (11, 1)})
    assert of(frame) != of(frame, b"u" * 32)
    assert of(frame)["a:1"] not in (11, 1, 7)


def test_a_new_record_is_named_by_the_trace_that_its_person_left() -> None:
    traces = pl.DataFrame({"record": ["a:1", "a:2", "b:1"], "trace": [1, 2, 3]}, TRACE)
    left = traces_left(traces, LINKS, 1, None, 1)
    now = pl.DataFrame({"record": ["c:1", "c:2", "b:1"], "trace": [2, 9, 3]}, TRACE)
    names = names_of(LINKS, now, left)
    assert names.filter(record="c:1").rows() == [("c:1", "bob", "oak")]
    assert names.filter(record="c:2").is_empty()
    assert names.filter(record="b:1").rows() == [("b:1", "ann", "oak")]
    assert names.height == LINKS.height + 1


def test_a_trace_of_two_persons_leads_to_nobody() -> None:
    shared = pl.DataFrame({"record": ["a:1", "a:2"], "trace": [1, 1]}, TRACE)
    assert traces_left(shared, LINKS, 1, None, 1).is_empty()


def test_who_is_gone_is_remembered_until_a_later_vintage_is_in_force() -> None:
    everybody = pl.DataFrame({"record": ["a:1", "a:2"], "trace": [1, 2]}, TRACE)
    first = traces_left(everybody, LINKS, 1, None, since=1)
    second = traces_left(everybody.head(1), LINKS, 2, first, since=1)
    assert dict(second.select("trace", "run").iter_rows()) == {1: 2, 2: 1}
    third = traces_left(everybody.head(1), LINKS, 3, second, since=2)
    assert third["trace"].to_list() == [1]


TRACE = {"record": pl.String, "trace": pl.UInt64}
