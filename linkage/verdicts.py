"""Verdicts: what an officer's judgements of a review sample say of the whole run.

Go in: the sample and a verdict for some of its numbers. Come out: precision of the links, recall near the threshold,
and both at other thresholds, each with an interval. The officer judges patterns and may be wrong; the intervals hold
the chance of the draw and every doubt the officer stated, not an error of judgement.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Any, NamedTuple

from linkage.errors import ReviewInvalid
from linkage.intervals import Interval, wilson
from linkage.quality import share_told
from linkage.review import ReviewSample, Stratum


class Verdict(StrEnum):
    """What an officer may say of a pair."""

    MATCH = "match"
    NOT = "not"
    UNSURE = "unsure"


class Rate(NamedTuple):
    """A share and its 95 % interval."""

    rate: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """JSON-able, to four places."""
        return {name: share_told(value) for name, value in self._asdict().items()}


@dataclass(frozen=True)
class ReviewEstimate:
    """What verdicts say. `None` where the sample has no pair that could tell.

    Attributes:
        judged, unsure, sampled: numbers with a verdict, those of them in doubt, and all numbers.
        precision: of the links made. recall: of the matches among pairs in the sample's bands.
        trade_off: the same if links began at another edge of a band.
    """

    judged: int
    unsure: int
    sampled: int
    covered: float
    precision: Rate | None
    recall: Rate | None
    trade_off: tuple[tuple[float, Rate | None, Rate | None], ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "judged": self.judged,
            "unsure": self.unsure,
            "sampled": self.sampled,
            "covered": self.covered,
            "precision": self.precision and self.precision.to_dict(),
            "recall": self.recall and self.recall.to_dict(),
            "trade_off": [
                {
                    "threshold": threshold,
                    "precision": precision and precision.to_dict(),
                    "recall": recall and recall.to_dict(),
                }
                for threshold, precision, recall in self.trade_off
            ],
        }


def estimate_review(sample: ReviewSample, verdicts: Mapping[int, Verdict]) -> ReviewEstimate:
    """Estimate precision and recall from verdicts.

    A stratum's share of matches is weighted by the stratum's size. Intervals join the strata's Wilson intervals by
    the method of variance estimates recovery: for sums Zou, Huang and Zhang (2009, Computational Statistics and
    Data Analysis 53:1080), for the ratio in recall Donner and Zou (2012, Statistical Methods in Medical Research
    21:347). A doubt counts as wrong in the lower bound and as right in the upper.

    The order of numbers is random, so that an officer may stop anywhere: numbers above the last one judged were not
    asked. A number passed over counts as a doubt. A stratum not asked about has the model's expectation
    as its share, and 0 to 1 as its interval.

    Raises:
        ReviewInvalid: a verdict is about a number that the sample does not have.
    """
    if not verdicts.keys() <= {pair.number for pair in sample.pairs}:
        raise ReviewInvalid("A verdict is about a number that is not in the sample")
    tallies = _tallied(sample, verdicts)
    # The threshold that was used is told from who was linked, the others from the bands alone.
    thresholds = sorted({each.low for each in sample.strata})
    return ReviewEstimate(
        judged=len(verdicts),
        unsure=sum(verdict is Verdict.UNSURE for verdict in verdicts.values()),
        sampled=len(sample.pairs),
        covered=sample.covered,
        precision=_precision([t for t in tallies if t.of.linked]),
        recall=_recall(tallies, lambda stratum: stratum.linked),
        trade_off=tuple(_at(threshold, tallies) for threshold in thresholds),
    )


def _at(threshold: float, tallies: list["_Tally"]) -> tuple[float, Rate | None, Rate | None]:
    above = [t for t in tallies if t.of.low >= threshold]
    recall = _recall(tallies, lambda stratum: stratum.low >= threshold)
    return threshold, _precision(above), recall


class _Share(NamedTuple):
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class _Tally:
    """Verdicts in one stratum."""

    of: Stratum
    match: int
    differ: int
    doubt: int

    def share(self, reading: str) -> _Share:
        """The share of matches; doubts left out (`plain`), as wrong (`low`) or as right (`high`)."""
        decided = self.match + self.differ
        right = self.match + (self.doubt if reading == "high" else 0)
        asked = decided + (0 if reading == "plain" else self.doubt)
        if not asked:
            return _Share(self.of.expected, 0.0, 1.0)
        bounds: Interval = wilson(right / asked, asked)
        return _Share(right / asked, bounds.low, bounds.high)


def _tallied(sample: ReviewSample, verdicts: Mapping[int, Verdict]) -> list[_Tally]:
    asked = [pair for pair in sample.pairs if pair.number <= max(verdicts, default=0)]
    said = [
        [verdicts.get(pair.number) for pair in asked if pair.stratum == place]
        for place in range(len(sample.strata))
    ]
    return [
        _Tally(
            stratum,
            each.count(Verdict.MATCH),
            each.count(Verdict.NOT),
            each.count(Verdict.UNSURE) + each.count(None),
        )
        for stratum, each in zip(sample.strata, said, strict=True)
    ]


def _matches(tallies: Iterable[_Tally], reading: str) -> _Share:
    """How many matches there are among the strata's pairs."""
    shares = [(tally.of.pairs, tally.share(reading)) for tally in tallies]
    value = sum(size * share.value for size, share in shares)
    below = sqrt(sum((size * (share.value - share.low)) ** 2 for size, share in shares))
    above = sqrt(sum((size * (share.high - share.value)) ** 2 for size, share in shares))
    most = float(sum(size for size, _ in shares))
    return _Share(value, max(0.0, value - below), min(most, value + above))


def _precision(linked: list[_Tally]) -> Rate | None:
    links = sum(tally.of.pairs for tally in linked)
    if not links:
        return None
    plain, low, high = (_matches(linked, reading) for reading in ("plain", "low", "high"))
    return Rate(plain.value / links, low.low / links, high.high / links)


def _recall(tallies: list[_Tally], is_linked: Callable[[Stratum], bool]) -> Rate | None:
    found = [tally for tally in tallies if is_linked(tally.of)]
    missed = [tally for tally in tallies if not is_linked(tally.of)]
    if not found:
        return None
    plain = _over(_matches(missed, "plain"), _matches(found, "plain"))
    least = _over(_matches(missed, "high"), _matches(found, "low"))
    most = _over(_matches(missed, "low"), _matches(found, "high"))
    return Rate(1 / (1 + plain.value), 1 / (1 + least.high), 1 / (1 + most.low))


def _over(one: _Share, other: _Share) -> _Share:
    """The ratio of two independent estimates and its limits (Donner and Zou 2012)."""
    if other.value <= 0:
        return _Share(float("inf"), 0.0, float("inf"))
    product = one.value * other.value
    upper_part = other.high * (2 * other.value - other.high)
    lower_part = other.low * (2 * other.value - other.low)
    down = product**2 - one.low * (2 * one.value - one.low) * upper_part
    up = product**2 - one.high * (2 * one.value - one.high) * lower_part
    low = (product - sqrt(max(0.0, down))) / upper_part if upper_part > 0 else 0.0
    high = (product + sqrt(max(0.0, up))) / lower_part if lower_part > 0 else float("inf")
    return _Share(one.value / other.value, max(0.0, low), high)
