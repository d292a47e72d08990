"""Clerical review: a few scored pairs near the threshold, shown as agreement patterns.

Go in: likely pairs and where they ended. Comes out: a capped, seeded, stratified sample. It holds no value, token,
record, entry or person; a pattern that would single somebody out is told more coarsely, or not drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log2, sqrt
from typing import Any, Final

import polars as pl

from linkage.errors import ReviewInvalid
from linkage.patterns import as_told, common, graded

# What an officer can judge in an afternoon.
CAP: Final = 150
# A stratum is asked about this often, if it has as many pairs to show.
LEAST_DRAWN: Final = 15
# Pairs of one stratum among which patterns are counted: rare among these is rare.
MOST_CANDIDATES: Final = 20_000
CUTS: Final = (0.2, 0.5, 0.8, 0.9, 0.99, 0.999)
# A cut nearer to the threshold than this would make a stratum of next to nothing.
_BITS_APART: Final = 0.75
# The model may be sure and wrong: no stratum is taken to be purer than this.
_LEAST_VARIANCE: Final = 0.01


@dataclass(frozen=True)
class Stratum:
    """Pairs on one side of the decision and in one band of probability, as far as they may be shown.

    Attributes:
        linked: whether the run made one person of them; an officer is not told.
        low, high: the band of match probability.
        pairs: how many there are, to ten. expected: their mean match probability.
    """

    linked: bool
    low: float
    high: float
    pairs: int
    expected: float


@dataclass(frozen=True)
class ReviewPair:
    """One pair as it is shown; `number` is its place in a random order and says nothing else.

    Attributes:
        stratum: index into the strata of the sample.
        agencies: of the two records, in alphabetical order; None where that would be telling.
        fields: field -> exact, near, phonetic, different, missing or withheld.
    """

    number: int
    stratum: int
    agencies: tuple[str, str] | None
    fields: Mapping[str, str]


@dataclass(frozen=True)
class ReviewSample:
    """The sample of one run. `covered`: the share of links whose pattern is common enough to be shown."""

    link_at: float
    covered: float
    strata: tuple[Stratum, ...] = ()
    pairs: tuple[ReviewPair, ...] = ()

    def shown(self) -> list[dict[str, Any]]:
        """What an officer sees: number, band of probability, agencies, fields."""
        return [
            {
                "number": pair.number,
                "band": [self.strata[pair.stratum].low, self.strata[pair.stratum].high],
                "agencies": pair.agencies and list(pair.agencies),
                "fields": dict(pair.fields),
            }
            for pair in self.pairs
        ]

    def to_dict(self) -> dict[str, Any]:
        """All of it, JSON-able, for `from_dict`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "ReviewSample":
        """The sample that `to_dict` wrote. Raises ReviewInvalid."""
        try:
            strata = tuple(Stratum(**each) for each in kept["strata"])
            pairs = tuple(
                ReviewPair(**{**each, "agencies": each["agencies"] and tuple(each["agencies"])})
                for each in kept["pairs"]
            )
            return cls(kept["link_at"], kept["covered"], strata, pairs)
        except (KeyError, TypeError):
            raise ReviewInvalid("What was kept is not a review sample") from None


def draw_review(
    placed: pl.DataFrame,
    levels: Mapping[str, Sequence[str]],
    *,
    link_at: float,
    seed: int,
    cap: int = CAP,
) -> ReviewSample:
    """Draw the sample of a run.

    Strata are bands of probability, for pairs that became one person and for pairs that did not. In each the
    sample is simple random, without replacement, of the pairs that may be shown; sizes follow Neyman's optimum
    in whole numbers (Wright 2012, The American Statistician 66:217).

    Args:
        placed: likely pairs as `linkage.quality.placed` makes them.
        levels: field -> names of its levels, best first.
        seed: draws from one run with one seed are one draw.
    """
    cuts = _cuts(link_at)
    near = _banded(placed, cuts)
    drawn = [_drawn(key, cuts, part, levels, seed) for key, part in _parts(near)]
    links = near.filter("linked").height
    shown = sum(stratum.pairs for stratum, _ in drawn if stratum.linked)
    kept = [(stratum, fit) for stratum, fit in drawn if fit.height]
    return ReviewSample(
        link_at,
        round(min(1.0, shown / links), 2) if links else 1.0,
        tuple(stratum for stratum, _ in kept),
        _numbered([fit for _, fit in kept], _allocated(kept, cap), seed),
    )


def _banded(placed: pl.DataFrame, cuts: Sequence[float]) -> pl.DataFrame:
    """The pairs that are near enough, each with the place of its band."""
    chance = pl.col("match_probability")
    above = [(chance >= cut).cast(pl.Int8) for cut in cuts[1:-1]]
    return placed.filter(chance >= cuts[0]).with_columns(band=pl.sum_horizontal(above))


def _drawn(
    key: tuple[bool, int],
    cuts: tuple[float, ...],
    part: pl.DataFrame,
    levels: Mapping[str, Sequence[str]],
    seed: int,
) -> tuple[Stratum, pl.DataFrame]:
    """A stratum and those of its pairs that may be shown."""
    told = common(graded(_candidates(part, seed), levels))
    fit = told.filter(pl.col("form").is_not_null())
    return _stratum(key, cuts, part.height * fit.height / told.height, fit), fit


def _cuts(link_at: float) -> tuple[float, ...]:
    """Edges of the bands, ascending, the threshold among them; the last is certainty."""
    kept = [cut for cut in CUTS if abs(_bits(cut) - _bits(link_at)) > _BITS_APART]
    return (*sorted({*kept, link_at}), 1.0)


def _bits(probability: float) -> float:
    return log2(probability / (1 - probability))


def _parts(near: pl.DataFrame) -> list[tuple[tuple[bool, int], pl.DataFrame]]:
    parts = near.sort("entry_l", "entry_r").partition_by("linked", "band", as_dict=True)
    return sorted(((bool(key[0]), int(key[1])), part) for key, part in parts.items())


def _candidates(part: pl.DataFrame, seed: int) -> pl.DataFrame:
    if part.height <= MOST_CANDIDATES:
        return part
    return part.sample(MOST_CANDIDATES, seed=seed)


def _stratum(
    key: tuple[bool, int], cuts: tuple[float, ...], pairs: float, fit: pl.DataFrame
) -> Stratum:
    linked, band = key
    mean = fit.select(pl.col("match_probability").mean()).item() if fit.height else 0.0
    return Stratum(linked, cuts[band], cuts[band + 1], int(round(pairs, -1)), round(mean, 3))


def _allocated(strata: Sequence[tuple[Stratum, pl.DataFrame]], cap: int) -> list[int]:
    """How many pairs each stratum gives: its least, then one by one to where it helps most."""
    sizes = [min(LEAST_DRAWN, fit.height, cap // len(strata)) for _, fit in strata]
    spread = [
        stratum.pairs * sqrt(max(_LEAST_VARIANCE, stratum.expected * (1 - stratum.expected)))
        for stratum, _ in strata
    ]
    while sum(sizes) < cap:
        open_ones = [place for place, (_, fit) in enumerate(strata) if sizes[place] < fit.height]
        if not open_ones:
            break
        best = max(open_ones, key=lambda p: spread[p] / sqrt(sizes[p] * (sizes[p] + 1) or 1))
        sizes[best] += 1
    return sizes


def _numbered(
    fits: Sequence[pl.DataFrame], sizes: Sequence[int], seed: int
) -> tuple[ReviewPair, ...]:
    """The pairs drawn, in a random order over all strata, numbered from 1."""
    drawn = [
        (place, row)
        for place, (fit, size) in enumerate(zip(fits, sizes, strict=True))
        for row in fit.sample(size, seed=seed + place).iter_rows(named=True)
    ]
    order = pl.Series(range(len(drawn)), dtype=pl.UInt32).shuffle(seed).to_list()
    return tuple(
        ReviewPair(number, drawn[which][0], *as_told(drawn[which][1]))
        for number, which in enumerate(order, 1)
    )
