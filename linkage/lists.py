"""Lists: one frame of raw identifiers as the token records that linkage takes.

Goes in: an opened frame and the column of each role. Come out: tokens, the caller's number of each row, and how much of
each column could be used. Identifiers live only inside `token_list`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from linkage.columns import column_of, iso_dates, text_of, values_in
from linkage.errors import FramesInvalid
from linkage.mapping import RECORD, SEEN_ON
from linkage.tokens import LinkageKey, tokenise

# With fewer readable dates than this share, the column is written another way.
_LEAST_READABLE = 0.5
_DATES = ("date_of_birth", SEEN_ON)


@dataclass(frozen=True)
class Usable:
    """How many values of a role were given, and how many of them are evidence."""

    given: int
    usable: int


@dataclass(frozen=True)
class TokenList:
    """`records`: record (unique over all lists), id. `tokens`: what `link_records` takes."""

    name: str
    records: pl.DataFrame
    tokens: pl.DataFrame
    usable: Mapping[str, Usable]


def token_list(
    name: str,
    frame: Any,
    roles: Mapping[str, Any],
    key: LinkageKey,
    *,
    clean: bool,
    date_format: str | None,
) -> TokenList:
    """Tokenise the mapped columns of a frame.

    Raises:
        FramesInvalid: a column of a wrong type, an id that repeats, dates in another style.
    """
    ids = _ids(name, frame, roles)
    columns = {role: column_of(frame, at) for role, at in roles.items() if role != RECORD}
    values = {role: _values(name, each, role, date_format) for role, each in columns.items()}
    if clean and "agency_id" not in values:
        # Where rows do not say whose they are, every row of a clean list is somebody else.
        values["agency_id"] = pl.int_range(len(ids), eager=True).cast(pl.String)
    tokens = tokenise(_identifiers(values, len(ids)), key, namespace=name)
    record = pl.concat_str(pl.lit(name + ":"), "row").alias("record")
    return TokenList(
        name,
        tokens.select(record, ids),
        tokens.with_columns(
            record, agency=pl.lit(name), dataset=pl.lit(name), clean_list=pl.lit(clean)
        ).drop("row"),
        {role: Usable(values_in(each), _usable(tokens, role)) for role, each in columns.items()},
    )


def _ids(name: str, frame: Any, roles: Mapping[str, Any]) -> pl.Series:
    """The caller's own number of each row, or its place."""
    if RECORD not in roles:
        return pl.int_range(len(frame), eager=True).alias("id")
    ids = column_of(frame, roles[RECORD]).alias("id")
    if ids.null_count() or ids.n_unique() != len(ids):
        raise FramesInvalid(
            f"Frame {name}: column {roles[RECORD]} does not number its rows: an id is empty or repeats"
        )
    return ids


def _values(name: str, column: pl.Series, role: str, date_format: str | None) -> pl.Series:
    text = text_of(column)
    if role not in _DATES:
        return text
    dates = iso_dates(column, date_format)
    said, read = len(text) - text.null_count(), len(dates) - dates.null_count()
    if read < said * _LEAST_READABLE:
        style = date_format or "YYYY-MM-DD"
        raise FramesInvalid(
            f"Frame {name}: {said - read:,} of {said:,} dates in column {column.name} are not "
            f"written {style}; give the date_format"
        )
    return dates


def _identifiers(values: Mapping[str, pl.Series], height: int) -> pl.DataFrame:
    seen = values.get(SEEN_ON, pl.Series([None], dtype=pl.String).new_from_index(0, height))
    row = pl.int_range(height, dtype=pl.UInt32, eager=True)
    told = {role: text for role, text in values.items() if role != SEEN_ON}
    return pl.DataFrame({"row": row, SEEN_ON: seen.cast(pl.Date, strict=False), **told})


def _usable(tokens: pl.DataFrame, role: str) -> int:
    column = role if role == SEEN_ON else f"{role}_exact"
    return tokens.height - tokens[column].null_count()
