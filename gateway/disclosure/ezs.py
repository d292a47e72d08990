"""Evans-Zayatz-Slanta noise: one fixed multiplier for each family and agency, drawn once when the linkage run is made.

In: families with their design cell, agencies, a key. Out: multipliers 1 +- t, t in [0.10, 0.20], so that whatever is
isolated of one family is at least 10 % off, in every period and for every purpose alike (Evans, Zayatz & Slanta 1998,
J. Official Statistics 14:537). Never drawn again within a vintage: two draws would average.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

import polars as pl

from .errors import Unprotectable
from .noise import require_key, uniform

LEAST, MOST = 0.10, 0.20


def draw_multipliers(
    families: pl.DataFrame,
    agencies: Sequence[str],
    key: bytes,
    *,
    design: Sequence[str] = ("issue_band", "district"),
) -> pl.DataFrame:
    """Frame `family, agency, multiplier` (Float64), one row for each pair.

    `families`: `family` (unique) and the design columns. In each design cell and agency the signs are balanced: as many up
    as down, or one apart. Determined by the key and the ids alone, not by the order of rows.
    """
    require_key(key)
    missing = {"family", *design} - set(families.columns)
    if missing or not agencies or len(set(agencies)) != len(agencies):
        raise Unprotectable("families, agencies", "design", "a column or the agencies are missing")
    if families["family"].null_count() or families["family"].is_duplicated().any():
        raise Unprotectable("family", "not_unique", "each family stands once")
    pairs = families.select("family", *design).join(pl.DataFrame({"agency": agencies}), how="cross")
    drawn = [
        (uniform(key, b"ezs:size:" + pair), _rank(key, pair))
        for pair in (f"{f}:{a}".encode() for f, a in pairs.select("family", "agency").iter_rows())
    ]
    size, rank = pl.Series("u", [d[0] for d in drawn]), pl.Series("rank", [d[1] for d in drawn])
    return (
        pairs.with_columns(size, rank)
        .with_columns(_signs(design).alias("sign"), _triangular().alias("t"))
        .select("family", "agency", (1.0 + pl.col("sign") * pl.col("t")).alias("multiplier"))
    )


def perturb(events: pl.DataFrame, multipliers: pl.DataFrame) -> pl.DataFrame:
    """The events with `perturbed_pence` (Int64): `cost_pence` times its multiplier, rounded away from the truth.

    Raises `Unprotectable` for a cost that is missing or negative, or a family and agency without a multiplier.
    """
    joined = events.join(
        multipliers, on=["family", "agency"], how="left", validate="m:1", maintain_order="left"
    )
    if joined["cost_pence"].null_count() or (joined["cost_pence"] < 0).any():
        raise Unprotectable("cost_pence", "negative", "a cost is missing or negative")
    if joined["multiplier"].null_count():
        raise Unprotectable("multiplier", "missing", "a family and agency has none")
    exact = pl.col("cost_pence") * pl.col("multiplier")
    # Rounding outwards keeps even a few pence at least 10 % from the truth.
    outwards = pl.when(pl.col("multiplier") > 1).then(exact.ceil()).otherwise(exact.floor())
    return joined.with_columns(outwards.cast(pl.Int64).alias("perturbed_pence")).drop("multiplier")


def _rank(key: bytes, pair: bytes) -> bytes:
    return hmac.digest(key, b"ezs:sign:" + pair, hashlib.sha256)


def _signs(design: Sequence[str]) -> pl.Expr:
    """+1 or -1 by turns in keyed order within a design cell; a keyed coin says which sign begins."""
    cell = [*design, "agency"]
    place = pl.col("rank").rank("ordinal").over(cell).cast(pl.Int64)
    coin = pl.col("rank").min().bin.slice(31, 1).bin.reinterpret(dtype=pl.UInt8).over(cell)
    up = ((place + coin.cast(pl.Int64)) % 2) == 0
    return pl.when(up).then(1.0).otherwise(-1.0)


def _triangular() -> pl.Expr:
    """Triangular on [LEAST, MOST] with its peak at LEAST, by inversion of u in (0, 1)."""
    return MOST - (MOST - LEAST) * (1.0 - pl.col("u")).sqrt()
