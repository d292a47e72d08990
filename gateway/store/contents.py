"""What the two frames of a submission may hold: the last look before anything reaches the disk.

In: a frame. Out: nothing, or UnsealedContent that names the column. Tokens are numbers, so text
among them is an identifier that was not tokenised; a service record carries no identifier at all.
"""

import polars as pl

from gateway.store.errors import UnsealedContent

IDENTIFIERS = frozenset(
    {
        *("forename", "surname", "date_of_birth", "postcode", "address", "uprn"),
        *("nhs_number", "nino", "upn", "agency_id", "guardian_id", "partner_id"),
    }
)
TOKEN_KINDS = (pl.UInt64, pl.List(pl.UInt64), pl.Null)


CARRIED = {"row": pl.UInt32, "seen_on": pl.Date}


def require_tokens(frame: pl.DataFrame) -> None:
    """`row: UInt32`, `seen_on: Date` (or lists of them), and token columns (UInt64 or lists of it)."""
    carried = frame.select(column for column in CARRIED if column in frame.columns)
    _require_row(by_row(carried))
    for column, kind in frame.schema.items():
        is_declared = column in CARRIED and kind in (CARRIED[column], pl.List(CARRIED[column]))
        if not is_declared and kind not in TOKEN_KINDS:
            raise UnsealedContent(f"column {column} of the token frame does not hold tokens")


def by_row(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per row of the extract, in its order, where tokens were told once for many rows.

    Raises UnsealedContent where rows and days do not go together.
    """
    if not isinstance(frame.schema.get("row"), pl.List):
        return frame
    try:
        return frame.explode([c for c in CARRIED if c in frame.columns]).sort("row")
    except pl.exceptions.PolarsError:
        raise UnsealedContent("columns row and seen_on do not go together") from None


def require_records(frame: pl.DataFrame) -> None:
    """`row: UInt32` and service columns, none of them an identifier role."""
    _require_row(frame)
    for column in frame.columns:
        if column in IDENTIFIERS or column.startswith("other_"):
            raise UnsealedContent(f"column {column} of the record frame is an identifier")


def _require_row(frame: pl.DataFrame) -> None:
    if frame.schema.get("row") != pl.UInt32:
        raise UnsealedContent("a frame needs the column row (UInt32)")
    if frame["row"].null_count() or frame["row"].n_unique() != len(frame):
        raise UnsealedContent("column row has to be there and different in every row")
