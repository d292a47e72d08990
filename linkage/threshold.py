"""The threshold: from which match probability to link, chosen without labels from the scores.

Goes in: the histogram of match weights of all pairs compared. Comes out: the threshold with the best
expected F1, and the trade-off that it was chosen from. It is as good as the model's probabilities are.
"""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from linkage.likely import BINS_PER_BIT

# Two records more likely two persons than one are never linked, whatever it would do to F1.
LEAST = 0.5
_LEAST_BITS, _MOST_BITS = 0, 12
# So many of the links must be right: a wrong merge harms more than a missed link.
LEAST_PRECISION = 0.95


@dataclass(frozen=True)
class TradeOff:
    """What a threshold is expected to give. Recall is of the matches that blocking brought together."""

    threshold: float
    links: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Threshold:
    """The threshold in force, whether the model chose it, and the trade-off, lowest first."""

    link_at: float
    chosen: bool
    trade_off: tuple[TradeOff, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        rows = [asdict(row) for row in self.trade_off]
        return {"link_at": self.link_at, "chosen_by_model": self.chosen, "trade_off": rows}


def choose_threshold(
    histogram: pl.DataFrame, link_at: float | None, false: pl.DataFrame | None = None
) -> Threshold:
    """The threshold asked for, or else the one with the best expected F1.

    Probabilities that are right make the expected precision of all links from a threshold their
    mean, and the expected recall their sum over that of all pairs. By them F1 is best a little below
    one half (Lipton et al. 2014), so that one half is what clean data get; where more than one
    in twenty such links would be wrong, the threshold rises until no more are.

    Fields of one family agree together more often than a model of independent fields can say.
    Where controls show how many false links a weight holds, they are believed, and not the model.

    Args:
        histogram: bin, pairs, expected, as `linkage.likely.histogram_query` makes it.
        link_at: a threshold that is used as it is; None to have one chosen.
        false: bin, false, as `linkage.controls` makes it.
    """
    rows = _trade_off(_controlled(histogram, false)) if histogram.height else ()
    if link_at is not None:
        return Threshold(link_at, False, rows)
    if not rows:
        return Threshold(LEAST, True, rows)
    precise = [row for row in rows if row.precision >= LEAST_PRECISION] or [rows[-1]]
    best = max(precise, key=lambda row: (row.f1, -row.threshold))
    return Threshold(best.threshold, True, rows)


def in_bins(pairs: pl.DataFrame) -> pl.DataFrame:
    """bin, pairs, expected of pairs with `match_weight` and `match_probability`."""
    bins = (pl.col("match_weight") * BINS_PER_BIT).floor().cast(pl.Int32).alias("bin")
    counted = pairs.group_by(bins).agg(
        pairs=pl.len().cast(pl.Int64), expected=pl.col("match_probability").sum()
    )
    return counted.sort("bin")


def _controlled(histogram: pl.DataFrame, false: pl.DataFrame | None) -> pl.DataFrame:
    """Matches expected in each bin: by the controls where links are made, by the model below."""
    if false is None:
        return histogram
    linked = pl.col("bin") >= _LEAST_BITS * BINS_PER_BIT
    left = (pl.col("pairs") - pl.col("false").fill_null(0)).clip(0).cast(pl.Float64)
    told = histogram.join(false, on="bin", how="left", maintain_order="left")
    return told.with_columns(expected=pl.when(linked).then(left).otherwise("expected"))


def _trade_off(histogram: pl.DataFrame) -> tuple[TradeOff, ...]:
    expected_in_all = float(histogram["expected"].sum())
    rows = []
    for edge in range(_LEAST_BITS * BINS_PER_BIT, _MOST_BITS * BINS_PER_BIT + 1):
        above = histogram.filter(pl.col("bin") >= edge)
        links, right = int(above["pairs"].sum()), float(above["expected"].sum())
        odds = 2.0 ** (edge / BINS_PER_BIT)
        rows.append(
            TradeOff(
                round(odds / (1 + odds), 6),
                links,
                _share(right, links),
                _share(right, expected_in_all),
                _share(2 * right, links + expected_in_all),
            )
        )
    return tuple(rows)


def _share(part: float, whole: float) -> float:
    """A share to six places: the order in which threads add up shows in later ones."""
    return round(min(1.0, part / whole), 6) if whole else 1.0
