"""The threshold is chosen without labels: by the model's probabilities, or by controls that know better."""

import json

import polars as pl
import pytest

from linkage.controls import free_share, unrivalled
from linkage.likely import BINS_PER_BIT
from linkage.threshold import LEAST, LEAST_PRECISION, choose_threshold, in_bins


def histogram(*rows):
    """Rows of bits, pairs, matches expected."""
    return pl.DataFrame(
        [(bits * BINS_PER_BIT, pairs, float(expected)) for bits, pairs, expected in rows],
        schema={"bin": pl.Int32, "pairs": pl.Int64, "expected": pl.Float64},
        orient="row",
    )


CLEAN = histogram((-4, 1000, 60), (1, 40, 30), (10, 900, 899))


def test_clean_data_are_linked_from_one_half():
    found = choose_threshold(CLEAN, None)
    assert (found.link_at, found.chosen) == (LEAST, True)
    assert found.trade_off[0].precision == pytest.approx(929 / 940, abs=1e-6)
    assert found.trade_off[0].recall == pytest.approx(929 / 989, abs=1e-6)
    assert found.trade_off[0].f1 == pytest.approx(2 * 929 / (940 + 989), abs=1e-6)


def test_the_threshold_rises_until_links_are_right():
    doubtful = histogram((1, 600, 400), (10, 900, 899))
    found = choose_threshold(doubtful, None)
    assert found.link_at > 2 / 3
    chosen = next(row for row in found.trade_off if row.threshold == found.link_at)
    assert chosen.precision >= LEAST_PRECISION


def test_controls_are_believed_and_not_the_model():
    false = pl.DataFrame({"bin": [1 * BINS_PER_BIT], "false": [35.0]})
    found = choose_threshold(CLEAN, None, false)
    assert found.link_at > 2 / 3
    assert found.trade_off[0].precision == pytest.approx(905 / 940, abs=1e-6)


def test_a_threshold_that_is_given_is_used_as_it_is():
    found = choose_threshold(CLEAN, 0.97)
    assert (found.link_at, found.chosen) == (0.97, False)
    assert found.trade_off == choose_threshold(CLEAN, None).trade_off


def test_the_trade_off_rises_in_precision_falls_in_recall_and_is_plain_values():
    rows = json.loads(json.dumps(choose_threshold(CLEAN, None).to_dict()))["trade_off"]
    thresholds = [row["threshold"] for row in rows]
    assert thresholds == sorted(set(thresholds))
    assert [row["links"] for row in rows] == sorted((row["links"] for row in rows), reverse=True)
    assert rows[0]["recall"] >= rows[-1]["recall"]


def test_where_nothing_is_compared_there_is_still_a_threshold():
    found = choose_threshold(histogram(), None)
    assert (found.link_at, found.trade_off) == (LEAST, ())


def test_pairs_are_put_in_the_bins_of_the_histogram():
    pairs = pl.DataFrame({"match_weight": [0.0, 0.4, 10.6], "match_probability": [0.5, 0.6, 1.0]})
    assert in_bins(pairs).rows() == [(0, 2, 1.1), (10 * BINS_PER_BIT + 1, 1, 1.0)]


def pairs(*rows):
    """Rows of entry_l, entry_r, list_l, list_r, match_probability, best first."""
    names = ("entry_l", "entry_r", "list_l", "list_r", "match_probability")
    found = pl.DataFrame(rows, schema=list(names), orient="row")
    return found.with_columns(match_weight=pl.lit(1.0))


def test_a_pair_with_a_better_rival_in_a_clean_list_does_not_stand():
    rivals = pairs(
        (1, 11, 1, 2, 0.9999), (1, 12, 1, 2, 0.9), (2, 11, 1, 2, 0.8), (2, 13, 1, 3, 0.7)
    )
    assert unrivalled(rivals).select("entry_l", "entry_r").rows() == [(1, 11), (2, 13)]


def test_who_has_a_partner_cannot_be_linked_falsely():
    lists = pl.DataFrame({"list_no": [1, 2], "entries": [10, 4]})
    assert (
        free_share(
            pairs().cast({"list_l": pl.Int64, "list_r": pl.Int64, "match_probability": pl.Float64}),
            lists,
        )
        == 1.0
    )
    some = pairs((1, 11, 1, 2, 0.9999), (2, 12, 1, 2, 0.9999), (3, 13, 1, 2, 0.6))
    assert free_share(some, lists) == pytest.approx(8 * 2 / 40)
