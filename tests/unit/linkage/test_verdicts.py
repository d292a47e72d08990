"""Precision and recall from verdicts, held against simulations whose truth is known."""

import random

import pytest

from linkage.errors import ReviewInvalid
from linkage.review import ReviewPair, ReviewSample, Stratum
from linkage.verdicts import Verdict, estimate_review

# linked, low, high, pairs, true share of matches, drawn
NEAR = [
    (False, 0.2, 0.5, 400, 0.35, 20),
    (False, 0.5, 0.95, 300, 0.7, 25),
    (True, 0.95, 0.99, 500, 0.93, 30),
    (True, 0.99, 1.0, 9000, 0.995, 60),
]
HARD = [
    (False, 0.2, 0.95, 3000, 0.5, 40),
    (True, 0.95, 0.99, 2000, 0.6, 40),
    (True, 0.99, 1.0, 4000, 0.9, 40),
]


def sample_of(strata):
    """A sample with numbers in a random order."""
    places = [place for place, (*_, drawn) in enumerate(strata) for _ in range(drawn)]
    random.Random(5).shuffle(places)
    return ReviewSample(
        0.95,
        1.0,
        tuple(Stratum(*each[:4], expected=each[4]) for each in strata),
        tuple(ReviewPair(number, place, None, {}) for number, place in enumerate(places, 1)),
    )


def verdicts_of(sample, strata, draw):
    """An officer who is never wrong."""
    return {
        pair.number: Verdict.MATCH if draw.random() < strata[pair.stratum][4] else Verdict.NOT
        for pair in sample.pairs
    }


def truth_of(strata):
    found = sum(pairs * share for linked, _, _, pairs, share, _ in strata if linked)
    links = sum(pairs for linked, _, _, pairs, _, _ in strata if linked)
    every = sum(pairs * share for _, _, _, pairs, share, _ in strata)
    return found / links, found / every


@pytest.mark.parametrize("strata", [NEAR, HARD], ids=["usual", "hard"])
def test_the_intervals_hold_the_truth_as_often_as_they_say(strata):
    draw, sample = random.Random(11), sample_of(strata)
    precision, recall = truth_of(strata)
    held = {"precision": 0, "recall": 0}
    for _ in range(600):
        told = estimate_review(sample, verdicts_of(sample, strata, draw))
        held["precision"] += told.precision.low <= precision <= told.precision.high
        held["recall"] += told.recall.low <= recall <= told.recall.high
    assert held["precision"] / 600 >= 0.92
    assert held["recall"] / 600 >= 0.92


@pytest.mark.parametrize("strata", [NEAR, HARD], ids=["usual", "hard"])
def test_the_estimates_are_right_on_average(strata):
    draw, sample = random.Random(12), sample_of(strata)
    told = [estimate_review(sample, verdicts_of(sample, strata, draw)) for _ in range(400)]
    precision, recall = truth_of(strata)
    assert sum(each.precision.rate for each in told) / 400 == pytest.approx(precision, abs=0.005)
    assert sum(each.recall.rate for each in told) / 400 == pytest.approx(recall, abs=0.01)


def test_before_any_verdict_the_model_speaks_and_the_interval_is_open():
    told = estimate_review(sample_of(NEAR), {})
    assert told.judged == 0
    assert told.precision.rate == pytest.approx(truth_of(NEAR)[0])
    assert told.precision.low < 0.1


def test_a_doubt_widens_the_interval_and_leaves_the_rate():
    sample = sample_of(NEAR)
    sure = verdicts_of(sample, NEAR, random.Random(1))
    linked = [p.number for p in sample.pairs if p.stratum == 3 and sure[p.number] is Verdict.MATCH]
    doubting = {**sure, **dict.fromkeys(linked[:10], Verdict.UNSURE)}
    one, other = estimate_review(sample, sure), estimate_review(sample, doubting)
    assert other.unsure == 10
    assert other.precision.low < one.precision.low - 0.1
    assert other.precision.rate == pytest.approx(one.precision.rate, abs=0.01)


def test_an_officer_may_stop_anywhere_but_what_was_passed_over_is_a_doubt():
    sample = sample_of(NEAR)
    every = verdicts_of(sample, NEAR, random.Random(2))
    stopped = {number: verdict for number, verdict in every.items() if number <= 80}
    skipped = {n: v for n, v in stopped.items() if n % 2 == 0 or v is Verdict.NOT}
    half, holes = estimate_review(sample, stopped), estimate_review(sample, skipped)
    assert half.precision.low > 0.8
    assert holes.precision.low < half.precision.low - 0.2


def test_a_higher_threshold_finds_fewer_matches():
    sample = sample_of(NEAR)
    told = estimate_review(sample, verdicts_of(sample, NEAR, random.Random(3)))
    thresholds, _, recalls = zip(*told.trade_off, strict=True)
    assert thresholds == (0.2, 0.5, 0.95, 0.99)
    rates = [each.rate for each in recalls]
    assert rates == sorted(rates, reverse=True)


def test_a_sample_without_pairs_says_nothing():
    told = estimate_review(ReviewSample(0.95, 1.0), {})
    assert told.precision is None
    assert told.recall is None
    assert told.trade_off == ()


def test_a_verdict_on_a_number_that_was_not_drawn_is_refused():
    with pytest.raises(ReviewInvalid):
        estimate_review(sample_of(NEAR), {10_000: Verdict.MATCH})
