"""Evans-Zayatz-Slanta noise: every family's costs are 10 to 20 % off, all to one side, in every period and for every purpose.

In: families with their design cell and size, the multipliers of the last time, a key. Out: multipliers 1 +- t for family and
agency, t in [0.10, 0.20] (Evans, Zayatz & Slanta 1998, J. Official Statistics 14:537). One sign for a family: with a sign
for each agency its total would come near the truth. What was drawn once is kept: two draws would average.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from .errors import Unprotectable
from .noise import require_key, uniform
from .signs import draw_signs

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
    parts: Sequence[str] = (),
    kept: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Frame `family, agency, multiplier` (Float64), one row for each pair, sorted by them.

    In a design cell neighbours in size get opposite signs, so that a sum over it is hardly moved; who gets which, a keyed coin says
    or the sums of the `parts`. Determined by key, ids, sizes, parts and `kept`, not by the order of rows.

    Args:
        families: `family` (unique), the design columns, and `size` if it is named.
        agencies: all agencies for every family, or a frame `family, agency` of the pairs that have a cost.
        key: at least 32 bytes, the same for good.
        design: the columns that make a design cell.
        size: a column of whole or decimal numbers, such as the family's whole cost; None puts all in keyed order.
        parts: columns of numbers that make up the size (each year's cost): nor is a change between them moved much.
        kept: what was drawn before, as this function returns it. It stands as it is, of families here; a family that
            has a sign keeps it with every further agency, and new families balance the signs that are kept.

    Raises `Unprotectable` for a missing column or value, a family that stands twice, or `kept` that nobody drew.
    """
    require_key(key)
    _require_families(families, design, size, parts)
    pairs = _pairs(families, agencies)
    earlier = _earlier(kept, families)
    signs = draw_signs(families, design, size, parts, _kept_signs(earlier), key)
    drawn = pairs.join(earlier, on=PAIR, how="left", maintain_order="left")
    fresh = drawn.filter(pl.col("multiplier").is_null()).select(PAIR)
    made = (
        fresh.with_columns(t=_sizes(fresh, key))
        .join(signs, on="family", how="left", maintain_order="left")
        .select(*PAIR, multiplier=1.0 + pl.col("sign") * pl.col("t"))
    )
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


def _require_families(
    families: pl.DataFrame, design: Sequence[str], size: str | None, parts: Sequence[str]
) -> None:
    numbers = [*parts, *([size] if size is not None else [])]
    needed = {"family", *design, *numbers}
    if needed - set(families.columns):
        raise Unprotectable("families", "design", "a column is missing")
    if families["family"].null_count() or families["family"].is_duplicated().any():
        raise Unprotectable("family", "not_unique", "each family stands once")
    for name in numbers:
        sizes = families[name]
        if not sizes.dtype.is_numeric() or not sizes.is_finite().fill_null(value=False).all():
            raise Unprotectable(name, "size", "every family needs a finite number to be ordered by")


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


def _sizes(pairs: pl.DataFrame, key: bytes) -> pl.Series:
    """Triangular on [LEAST, MOST] with its peak at LEAST, by inversion of a keyed u in (0, 1)."""
    drawn = [uniform(key, f"ezs:size:{f}:{a}".encode()) for f, a in pairs.iter_rows()]
    u = pl.Series("t", drawn, dtype=pl.Float64)
    return MOST - (MOST - LEAST) * (1.0 - u).sqrt()
