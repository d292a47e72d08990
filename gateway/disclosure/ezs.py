"""Evans-Zayatz-Slanta noise: every family's costs are 10 to 20 % off, all to one side, in every period and for every purpose.

In: families with their design cell and size, the multipliers of the last time, a key. Out: multipliers 1 +- t for family and
agency, t in [0.10, 0.20] (Evans, Zayatz & Slanta 1998, J. Official Statistics 14:537). One sign for a family: with a sign
for each agency its total would come near the truth. What was drawn once is kept: two draws would average.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import polars as pl

from .errors import Unprotectable
from .noise import require_key, uniform

LEAST, MOST = 0.10, 0.20
PAIR = ("family", "agency")
# What floating point may take from or add to a multiplier on its way through a file.
SLIP = 1e-9


def draw_multipliers(
    families: pl.DataFrame,
    agencies: Sequence[str] | pl.DataFrame,
    key: bytes,
    *,
    design: Sequence[str] = ("issue_band", "district"),
    size: str | None = None,
    kept: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Frame `family, agency, multiplier` (Float64), one row for each pair, sorted by them.

    Within a design cell families are put in the order of `size`, and neighbours get opposite signs (who gets which, a keyed
    coin says), so that a sum over the cell is hardly moved. Determined by key, ids, sizes and `kept`, not by the order of rows.

    Args:
        families: `family` (unique), the design columns, and `size` if it is named.
        agencies: all agencies for every family, or a frame `family, agency` of the pairs that have a cost.
        key: at least 32 bytes, the same for good.
        design: the columns that make a design cell.
        size: a column of whole or decimal numbers, such as the family's whole cost; None puts all in keyed order.
        kept: what was drawn before, as this function returns it. It stands as it is, of families here; a family that
            has a sign keeps it with every further agency, and new families balance the signs that are kept.

    Raises `Unprotectable` for a missing column or value, a family that stands twice, `kept` with two signs of a family or a
    multiplier that is none.
    """
    require_key(key)
    _require_families(families, design, size)
    pairs = _pairs(families, agencies)
    earlier = _earlier(kept, families)
    signs = _signs(families, design, size, _kept_signs(earlier), key)
    drawn = pairs.join(earlier, on=PAIR, how="left", maintain_order="left")
    fresh = drawn.filter(pl.col("multiplier").is_null()).select(PAIR)
    made = fresh.join(signs, on="family", how="left", maintain_order="left").with_columns(
        t=_sizes(fresh, key)
    )
    made = made.select(*PAIR, multiplier=1.0 + pl.col("sign") * pl.col("t"))
    return pl.concat([drawn.drop_nulls("multiplier"), made]).sort(PAIR)


def perturb(events: pl.DataFrame, multipliers: pl.DataFrame) -> pl.DataFrame:
    """The events with `perturbed_pence` (Int64): `cost_pence` times its multiplier, rounded away from the truth.

    A refund, a cost below zero, is perturbed as the cost of that size. Raises `Unprotectable` for a cost that is missing or
    no whole number, a family and agency without a multiplier, or one that is less than 10 or more than 20 % off.
    """
    joined = events.join(
        multipliers, on=["family", "agency"], how="left", validate="m:1", maintain_order="left"
    )
    if joined["cost_pence"].null_count() or not joined["cost_pence"].dtype.is_integer():
        raise Unprotectable("cost_pence", "not_pence", "a cost is missing or not whole pence")
    if joined["multiplier"].null_count():
        raise Unprotectable("multiplier", "missing", "a family and agency has none")
    _require_off(joined)
    cost = pl.col("cost_pence").cast(pl.Int64)
    size = cost.abs() * pl.col("multiplier")
    # Rounding away from the truth keeps even a few pence, paid or refunded, at least 10 % from it.
    away = pl.when(pl.col("multiplier") > 1).then(size.ceil()).otherwise(size.floor())
    perturbed = away.cast(pl.Int64) * cost.sign()
    return joined.with_columns(perturbed.alias("perturbed_pence")).drop("multiplier")


def _require_families(families: pl.DataFrame, design: Sequence[str], size: str | None) -> None:
    needed = {"family", *design} | ({size} if size is not None else set())
    if needed - set(families.columns):
        raise Unprotectable("families", "design", "a column is missing")
    if families["family"].null_count() or families["family"].is_duplicated().any():
        raise Unprotectable("family", "not_unique", "each family stands once")
    if size is None:
        return
    sizes = families[size]
    if not sizes.dtype.is_numeric() or not sizes.is_finite().fill_null(value=False).all():
        raise Unprotectable(size, "size", "every family needs a finite number to be ordered by")


def _pairs(families: pl.DataFrame, agencies: Sequence[str] | pl.DataFrame) -> pl.DataFrame:
    """family, agency: each pair once."""
    if isinstance(agencies, pl.DataFrame):
        strangers = agencies.join(families, on="family", how="anti").height
        if strangers or agencies.select(PAIR).null_count().sum_horizontal()[0]:
            raise Unprotectable("agencies", "unknown_family", "a pair is not of these families")
        return agencies.select(PAIR).unique()
    if not agencies or isinstance(agencies, str) or len(set(agencies)) != len(agencies):
        raise Unprotectable("agencies", "design", "the agencies are missing or stand twice")
    return families.select("family").join(pl.DataFrame({"agency": agencies}), how="cross")


def _earlier(kept: pl.DataFrame | None, families: pl.DataFrame) -> pl.DataFrame:
    """What is kept of these families. Raises `Unprotectable` where it is not what was drawn."""
    if kept is None:
        none = families.select("family").clear()
        return none.with_columns(
            agency=pl.lit(None, pl.String), multiplier=pl.lit(None, pl.Float64)
        )
    if set(kept.columns) != {*PAIR, "multiplier"}:
        raise Unprotectable("kept", "columns", "family, agency and multiplier are expected")
    if kept.select(PAIR).is_duplicated().any() or kept.null_count().sum_horizontal()[0]:
        raise Unprotectable("kept", "not_unique", "each family and agency stands once")
    _require_off(kept)
    of_these = kept.select(*PAIR, "multiplier")
    return of_these.join(families.select("family"), on="family", how="semi")


def _require_off(frame: pl.DataFrame) -> None:
    off = (frame["multiplier"] - 1).abs()
    # Written so that a NaN, which compares with nothing, fails as well.
    if not (off.is_finite() & (off >= LEAST - SLIP) & (off <= MOST + SLIP)).all():
        raise Unprotectable("multiplier", "out_of_range", "a multiplier is not 10 to 20 % off")


def _kept_signs(earlier: pl.DataFrame) -> Mapping[int | str, int]:
    of_family = earlier.group_by("family").agg(
        ups=(pl.col("multiplier") > 1).any(), downs=(pl.col("multiplier") < 1).any()
    )
    if (of_family["ups"] & of_family["downs"]).any():
        raise Unprotectable("kept", "two_signs", "a family's multipliers lie on both sides")
    return {family: 1 if ups else -1 for family, ups, _ in of_family.iter_rows()}


def _signs(
    families: pl.DataFrame,
    design: Sequence[str],
    size: str | None,
    kept: Mapping[int | str, int],
    key: bytes,
) -> pl.DataFrame:
    """family, sign (Int8): kept, or drawn so that ups and downs alternate in the order of size within a design cell."""
    ids = families["family"].to_list()
    rank = [hmac.digest(key, f"ezs:sign:{each}".encode(), hashlib.sha256) for each in ids]
    order = families.select(
        "family",
        *(pl.col(name).alias(f"design_{at}") for at, name in enumerate(design)),
        size=pl.lit(0) if size is None else pl.col(size),
        rank=pl.Series(rank, dtype=pl.Binary),
    )
    cells = [f"design_{at}" for at in range(len(design))]
    # From the largest down: where their number is odd, the smallest stays without a neighbour.
    ordered = order.sort(*cells, "size", "rank", descending=[*(False for _ in cells), True, False])
    # Without a design all families are one cell.
    starts = ordered.select(pl.struct(cells).rle_id()).to_series() if cells else [0] * len(rank)
    signs = _alternating(ordered["family"].to_list(), ordered["rank"].to_list(), list(starts), kept)
    return ordered.select("family", sign=pl.Series(signs, dtype=pl.Int8))


def _alternating(
    ids: Sequence[int | str],
    ranks: Sequence[bytes],
    cells: Sequence[int],
    kept: Mapping[int | str, int],
) -> list[int]:
    """Signs in the order given. A new family takes the side that is behind so far; where none is, the side that the kept
    ones further down leave behind; where these are even as well, its coin decides.
    """
    below: dict[int, int] = {}
    for family, of_cell in zip(ids, cells, strict=True):
        below[of_cell] = below.get(of_cell, 0) + kept.get(family, 0)
    above = dict.fromkeys(below, 0)
    signs: list[int] = []
    for family, rank, of_cell in zip(ids, ranks, cells, strict=True):
        sign = kept.get(family, 0)
        below[of_cell] -= sign
        ahead = above[of_cell] or below[of_cell]
        if not sign:
            sign = -1 if ahead > 0 else 1 if ahead < 0 else 1 - 2 * (rank[31] & 1)
        above[of_cell] += sign
        signs.append(sign)
    return signs


def _sizes(pairs: pl.DataFrame, key: bytes) -> pl.Series:
    """Triangular on [LEAST, MOST] with its peak at LEAST, by inversion of a keyed u in (0, 1)."""
    drawn = [uniform(key, f"ezs:size:{f}:{a}".encode()) for f, a in pairs.iter_rows()]
    u = pl.Series("t", drawn, dtype=pl.Float64)
    return MOST - (MOST - LEAST) * (1.0 - u).sqrt()
