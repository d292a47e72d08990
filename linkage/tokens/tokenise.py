"""Tokenise: a frame of identifiers in, a frame of keyed tokens out, with no identifier left in it.

Distinct values are standardised, encoded and hashed once, then put back in place. Values stay in memory
and never reach an error message: errors name the column.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from linkage.errors import IdentifiersInvalid
from linkage.tokens.fields import EXACT, Field, Level, field_of
from linkage.tokens.keys import LinkageKey

CARRIED = {"row": pl.UInt32, "seen_on": pl.Date}
# Between a namespace and a reference: no standard reference can hold it.
_SEPARATOR = "\x1f"
_CORES = 2
_LONGEST = 500
_Hash = Callable[[pl.Series], pl.Series]


def tokenise(identifiers: pl.DataFrame, key: LinkageKey, *, namespace: str) -> pl.DataFrame:
    """Replace identifiers by tokens (pseudonymisation), row by row.

    Args:
        identifiers: `row`, `seen_on` and any of the identifier roles of `fields`; all String, or
            Categorical where equal texts are known to be equal already; the date of birth is a
            Date, or a String 'YYYY-MM-DD' where impossible dates are kept.
        key: the secret of the linkage domain and epoch.
        namespace: the agency; its own references are tokenised inside it, so that equal
            references of two agencies differ.

    Returns:
        `row`, `seen_on`, then one column per declared level of each role that is present.

    Raises:
        IdentifiersInvalid: an unknown column or a wrong type, named without any value.
    """
    carried = _carried(identifiers)
    return carried.with_columns(_tokens(identifiers, key, namespace, once=False))


def tokenise_profiles(
    identifiers: pl.DataFrame, key: LinkageKey, *, namespace: str
) -> pl.DataFrame:
    """Like `tokenise`, with what repeats told once; `linkage.told_again` undoes that.

    Returns:
        `row` and `seen_on` as lists of one length, then the token columns; one row per distinct
        combination of identifiers, in the order in which they first appear. The exact token of a
        value stands in every row that has it, its other tokens in the first of them.
    """
    carried = _carried(identifiers)
    told = [column for column in identifiers.columns if column not in CARRIED]
    grouped = identifiers.with_columns(carried).lazy()
    if told:
        grouped = grouped.group_by(told, maintain_order=True).agg(*CARRIED)
    else:
        grouped = grouped.select(pl.col(*CARRIED).implode())
    profiles = grouped.collect()
    return profiles.select(*CARRIED).with_columns(_tokens(profiles, key, namespace, once=True))


def _tokens(
    identifiers: pl.DataFrame, key: LinkageKey, namespace: str, *, once: bool
) -> list[pl.Series]:
    if not namespace:
        raise IdentifiersInvalid("A namespace is needed to tokenise an agency's own references")
    fields = [_declared(column) for column in identifiers.columns if column not in CARRIED]
    for field in fields:
        _require_type(identifiers[field.role], field)

    def read(field: Field) -> _Read:
        return _Read.of(identifiers[field.role], field)

    made: list[Future[pl.Series]] = []
    # Polars and its hashes leave Python's lock, so two columns are made at once.
    with ThreadPoolExecutor(_CORES) as workers:
        for each in workers.map(read, fields):
            levels = each.field.levels
            made += [workers.submit(each.tokens, level, key, namespace, once) for level in levels]
    return [column.result() for column in made]


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


def _require_type(values: pl.Series, field: Field) -> None:
    declared = (pl.String, pl.Categorical, pl.Null, *((pl.Date,) if field.is_date else ()))
    if values.dtype.base_type() not in declared:
        raise IdentifiersInvalid(f"Column {field.role} is not of the declared type")


@dataclass(frozen=True)
class _Read:
    """A column's distinct standard values, taken apart, and the place of each row's among them."""

    field: Field
    values: pl.Series
    places: pl.Series
    first: pl.Series

    @classmethod
    def of(cls, values: pl.Series, field: Field) -> "_Read":
        written, at = _encoded(values)
        standard, numbers = _encoded(field.standardise(_of_a_length(written.cast(pl.String))))
        places = numbers.gather(at)
        first = places.zip_with(places.is_first_distinct(), pl.Series([None], dtype=pl.UInt32))
        return cls(field, field.read(standard), places, first)

    def tokens(self, level: Level, key: LinkageKey, namespace: str, once: bool) -> pl.Series:
        """The column of one level; told once, it is null but in the first row of each value."""
        made = _level(self.values, level, _hash(key, self.field, level, namespace))
        # The exact token stands in every row: all others follow from it.
        shown = self.first if once and level.name != EXACT else self.places
        return made.gather(shown).alias(self.field.column(level))


def _of_a_length(values: pl.Series) -> pl.Series:
    """Null for what is longer than any identifier: pages of text in a cell are no name."""
    fits = values.str.len_chars() <= _LONGEST
    return values if fits.all() else values.zip_with(fits, pl.Series([None], dtype=pl.String))


def _encoded(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The distinct values, and the place of each among them; null for null."""
    if isinstance(values.dtype, pl.Categorical):
        # Categories may be more than are left in these rows.
        told, places = _encoded(values.to_physical())
        return told.cat.to(values.dtype), places
    encoded = values.to_arrow().dictionary_encode()
    places = pl.Series(encoded.indices, dtype=pl.UInt32)
    return pl.Series(encoded.dictionary, dtype=values.dtype), places


def _level(read: pl.Series, level: Level, hashed: _Hash) -> pl.Series:
    """The tokens of a level, one (or one set) for each value."""
    if level.part is None:
        return _made(read, level, hashed)
    parts = level.part(read).alias("part").to_frame()
    distinct = parts.drop_nulls().unique()
    made = distinct.with_columns(_made(distinct["part"], level, hashed).alias("token"))
    return parts.join(made, on="part", how="left", maintain_order="left")["token"]


def _made(values: pl.Series, level: Level, hashed: _Hash) -> pl.Series:
    forms = level.encode(values)
    return _sets(forms, hashed) if level.is_set else hashed(forms)


def _sets(forms: pl.Series, hashed: _Hash) -> pl.Series:
    """Sets of tokens for sets of forms; null for an empty one."""
    sizes = forms.list.len().fill_null(0)
    members = hashed(forms.explode(empty_as_null=False, keep_nulls=False))
    ends = pl.concat([pl.Series([0], dtype=pl.Int64), sizes.cum_sum().cast(pl.Int64)])
    sets = pl.Series(pa.LargeListArray.from_arrays(ends.to_arrow(), members.to_arrow()))
    return sets.zip_with(sizes > 0, pl.Series([None], dtype=sets.dtype))


def _hash(key: LinkageKey, field: Field, level: Level, namespace: str) -> _Hash:
    tokens = key.pseudonymiser(field.key, level.name).tokens
    if not field.in_namespace:
        return tokens
    prefix = namespace + _SEPARATOR
    return lambda forms: tokens(prefix + forms)
