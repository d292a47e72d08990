"""The threshold: from which match probability to link, chosen without labels from the scores.

Goes in: the histogram of match weights of all pairs compared. Comes out: the threshold with the best
expected F1, and the trade-off that it was chosen from. It is as good as the model's probabilities are.
"""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from linkage.likely import BINS_PER_BIT

# Two records more likely two persons than one are never linked, whatever it would do to F1.
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


def choose_threshold(histogram: pl.DataFrame, link_at: float | None) -> Threshold:
    """The threshold asked for, or else the one with the best expected F1.

    Probabilities that are right make the expected precision of all links from a threshold their
    mean, and the expected recall their sum over that of all pairs. By them F1 is best a little below
    one half (Lipton et al. 2014), so that one half is what clean data get; where more than one
    in twenty such links would be wrong, the threshold rises until no more are.

    Args:
        histogram: bin, pairs, expected, as `linkage.likely.histogram_query` makes it.
        link_at: a threshold that is used as it is; None to have one chosen.
    """
    rows = _trade_off(histogram) if histogram.height else ()
    if link_at is not None:
        return Threshold(link_at, False, rows)
    if not rows:
        return Threshold(0.5, True, rows)
    precise = [row for row in rows if row.precision >= LEAST_PRECISION] or [rows[-1]]
    best = max(precise, key=lambda row: (row.f1, -row.threshold))
    return Threshold(best.threshold, True, rows)


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
