"""Tokenise: a frame of identifiers in, a frame of keyed tokens out, with no identifier left in it.

Distinct values are standardised, encoded and hashed once, then put back in place. Values stay in memory
and never reach an error message: errors name the column.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.errors import IdentifiersInvalid
from linkage.tokens.encode import Encoded, whole
from linkage.tokens.fields import Field, Level, field_of
from linkage.tokens.keys import LinkageKey, Pseudonymiser

CARRIED = {"row": pl.UInt32, "seen_on": pl.Date}
# Between a namespace and a reference: no standard reference can hold it.
_SEPARATOR = "\x1f"
_MADE = {"place": pl.UInt32, "token": pl.UInt64}
_Hash = Callable[[Iterable[str]], NDArray[np.uint64]]


def tokenise(identifiers: pl.DataFrame, key: LinkageKey, *, namespace: str) -> pl.DataFrame:
    """Replace identifiers by tokens (pseudonymisation), row by row.

    Args:
        identifiers: `row`, `seen_on` and any of the identifier roles of `fields`; all String; the
            date of birth is a Date, or a String 'YYYY-MM-DD' where impossible dates are kept.
        key: the secret of the linkage domain and epoch.
        namespace: the agency; its own references are tokenised inside it, so that equal
            references of two agencies differ.

    Returns:
        `row`, `seen_on`, then one column per declared level of each role that is present.

    Raises:
        IdentifiersInvalid: an unknown column or a wrong type, named without any value.
    """
    carried = _carried(identifiers)
    return carried.with_columns(_tokens(identifiers, key, namespace))


def tokenise_profiles(
    identifiers: pl.DataFrame, key: LinkageKey, *, namespace: str
) -> pl.DataFrame:
    """Like `tokenise`, with the rows that hold the same identifiers told once.

    Returns:
        `row` and `seen_on` as lists of one length, then the token columns; one row per distinct
        combination of identifiers, in the order in which they first appear.
    """
    carried = _carried(identifiers)
    told = [column for column in identifiers.columns if column not in CARRIED]
    grouped = identifiers.with_columns(carried).lazy()
    if told:
        grouped = grouped.group_by(told, maintain_order=True).agg(*CARRIED)
    else:
        grouped = grouped.select(pl.col(*CARRIED).implode())
    profiles = grouped.collect()
    return profiles.select(*CARRIED).with_columns(_tokens(profiles, key, namespace))


def _tokens(identifiers: pl.DataFrame, key: LinkageKey, namespace: str) -> list[pl.Series]:
    if not namespace:
        raise IdentifiersInvalid("A namespace is needed to tokenise an agency's own references")
    made: list[Future[pl.Series]] = []
    # Putting tokens in place is Polars' work, done while Python makes the next ones.
    with ThreadPoolExecutor(1) as placing:
        for column in identifiers.columns:
            if column not in CARRIED:
                field = _declared(column)
                made.extend(_tokens_of(identifiers[column], field, key, namespace, placing))
    return [each.result() for each in made]


def _carried(identifiers: pl.DataFrame) -> pl.DataFrame:
    for column, dtype in CARRIED.items():
        if column not in identifiers.columns:
            raise IdentifiersInvalid(f"Column {column} is missing")
        if identifiers.schema[column] not in (dtype, pl.Null):
            raise IdentifiersInvalid(f"Column {column} is not of type {dtype}")
    return identifiers.select(pl.col(c).cast(t) for c, t in CARRIED.items())


def _declared(column: str) -> Field:
    field = field_of(column)
    if field is None:
        raise IdentifiersInvalid(f"Column {column} is not a declared identifier role")
    return field


def _tokens_of(
    values: pl.Series, field: Field, key: LinkageKey, namespace: str, placing: Executor
) -> Iterable[Future[pl.Series]]:
    if values.dtype not in (pl.String, pl.Null, *((pl.Date,) if field.is_date else ())):
        raise IdentifiersInvalid(f"Column {field.role} is not of the declared type")
    raw = values.cast(pl.String).alias("raw").to_frame()
    distinct = raw.unique(maintain_order=True)
    places, standard = _standard(distinct["raw"], field)
    codes = placing.submit(_codes, raw, distinct.with_columns(places))
    for level in field.levels:
        hash_all = _hasher(key.pseudonymiser(field.key, level.name), field, namespace)
        tokens = _set_tokens if level.is_set else _single_tokens
        made = tokens(standard, level, hash_all).alias(field.column(level))
        yield placing.submit(_placed, made, codes)


def _standard(distinct: pl.Series, field: Field) -> tuple[pl.Series, list[str]]:
    """The standard values, and the place of each distinct value among them; null for none."""
    listed = [None if v is None else field.standardise(v) for v in distinct.to_list()]
    standard = [value for value in dict.fromkeys(listed) if value is not None]
    places: dict[str | None, int | None] = {None: None}
    places.update(zip(standard, range(len(standard)), strict=True))
    return pl.Series("place", list(map(places.__getitem__, listed)), dtype=pl.UInt32), standard


def _codes(raw: pl.DataFrame, distinct: pl.DataFrame) -> pl.Series:
    """The place of each row's value."""
    found = raw.join(distinct, on="raw", how="left", nulls_equal=True, maintain_order="left")
    return found["place"]


def _placed(tokens: pl.Series, codes: Future[pl.Series]) -> pl.Series:
    # One worker does both, in order: the codes are there before it comes to this.
    return tokens.gather(codes.result())


def _hasher(pseudonymiser: Pseudonymiser, field: Field, namespace: str) -> _Hash:
    if not field.in_namespace:
        return pseudonymiser.tokens
    prefix = namespace + _SEPARATOR
    return lambda values: pseudonymiser.tokens(values, prefix)


def _single_tokens(standard: list[str], level: Level, hash_all: _Hash) -> pl.Series:
    if level.encode is whole:
        # Distinct values are distinct forms.
        return pl.Series("token", hash_all(standard), dtype=pl.UInt64)
    forms = [_single(level.encode(value)) for value in standard]
    # Many values may share one form, as dates do their year.
    distinct = dict.fromkeys(form for form in forms if form is not None)
    tokens = pl.Series("token", hash_all(distinct), dtype=pl.UInt64)
    places: dict[str | None, int] = {form: place for place, form in enumerate(distinct)}
    return tokens.gather(pl.Series([places.get(form) for form in forms], dtype=pl.UInt32))


def _set_tokens(standard: list[str], level: Level, hash_all: _Hash) -> pl.Series:
    sizes: list[int] = []
    members: list[str] = []
    for value in standard:
        forms = level.encode(value) or ()
        sizes.append(len(forms))
        members.extend(forms)
    tokens = hash_all(members)
    places = np.repeat(np.arange(len(sizes)), sizes)
    made = pl.DataFrame({"place": places, "token": tokens}, schema=_MADE)
    sets = made.group_by("place", maintain_order=True).agg("token")
    every = pl.DataFrame({"place": pl.int_range(len(sizes), dtype=pl.UInt32, eager=True)})
    return every.join(sets, on="place", how="left", maintain_order="left")["token"]


def _single(form: Encoded) -> str | None:
    if isinstance(form, tuple):
        raise TypeError("A level declared as one token was encoded as a set")
    return form
