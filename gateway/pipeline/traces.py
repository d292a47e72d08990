"""Records that are sent again are known again: whoever withdraws a file and sends it once more changes nobody's id.

In: tokens of a run, and the traces that the last runs left. Out: which person and family a new record was of, and the
traces to hand on. Noise hangs on ids: a person who got a new one with every file would draw new noise with every vintage,
and draws average. Keyed digests on the tokens' root, never tokens; nothing here decides who is linked to whom.
"""

from __future__ import annotations

import hashlib
import hmac

import polars as pl

OWNER = ("person", "family")
# An agency's own number, with the date of birth: a number that is given to somebody else does not take the id along.
BY_NUMBER = ("agency_id_exact", "date_of_birth_exact")


def traces_of(tokens: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """record, trace (UInt64): a digest of the agency's number and date of birth; without a number, of all exact tokens."""
    exact = sorted(name for name in tokens.columns if name.endswith("_exact"))
    by_number = [name for name in BY_NUMBER if name in exact]
    told = tokens.select("record", "agency", "dataset", *exact)
    numbered = pl.col("agency_id_exact").is_not_null() if "agency_id_exact" in exact else False
    parts = told.with_columns(is_numbered=numbered).partition_by("is_numbered", as_dict=True)
    found = [
        # One agency's numbers are the same in all its datasets.
        _digested(
            part, ("agency", *by_number) if is_numbered else ("agency", "dataset", *exact), key
        )
        for (is_numbered,), part in sorted(parts.items())
    ]
    empty = pl.DataFrame(schema={"record": pl.String, "trace": pl.UInt64})
    return pl.concat([empty, *found])


def names_of(previous: pl.DataFrame, now: pl.DataFrame, left: pl.DataFrame | None) -> pl.DataFrame:
    """record, person, family by which ids are kept: the last run's, and of new records whose trace was left by somebody.

    `previous`: record, person, family of the last run; `now`: `traces_of` this run's; `left`: what runs before left.
    """
    known = previous.select("record", *OWNER)
    if left is None:
        return known
    new = now.join(known, on="record", how="anti")
    return pl.concat([known, new.join(left, on="trace").select("record", *OWNER)])


def traces_left(
    now: pl.DataFrame, links: pl.DataFrame, run: int, left: pl.DataFrame | None, since: int
) -> pl.DataFrame:
    """trace, person, family, run: those of this run, and older ones last seen in run `since` or later.

    A trace that leads to two persons of a run leads to nobody.
    """
    seen = now.join(links.select("record", *OWNER), on="record").select("trace", *OWNER).unique()
    fresh = seen.filter(~pl.col("trace").is_duplicated()).with_columns(run=pl.lit(run, pl.Int64))
    if left is None:
        return fresh
    older = left.filter(pl.col("run") >= since).join(seen, on="trace", how="anti")
    return pl.concat([fresh, older.select(fresh.columns)])


def _digested(part: pl.DataFrame, columns: tuple[str, ...], key: bytes) -> pl.DataFrame:
    """record, trace. What repeats is digested once."""
    distinct = part.select(columns).unique()
    digests = [
        hmac.digest(key, repr((columns, row)).encode(), hashlib.sha256)[:8]
        for row in distinct.iter_rows()
    ]
    traces = [int.from_bytes(digest, "little") for digest in digests]
    made = distinct.with_columns(trace=pl.Series(traces, dtype=pl.UInt64))
    joined = part.join(made, on=columns, how="left", nulls_equal=True, maintain_order="left")
    return joined.select("record", "trace")
