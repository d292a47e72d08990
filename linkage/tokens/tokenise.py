"""Tokenise: a frame of identifiers in, a frame of keyed tokens out, with no identifier left in it.

Distinct values are standardised, encoded and hashed once, then put back in place. Values stay in memory
and never reach an error message: errors name the column.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from linkage.errors import IdentifiersInvalid
from linkage.tokens.fields import Field, Level, field_of
from linkage.tokens.keys import LinkageKey

CARRIED = {"row": pl.UInt32, "seen_on": pl.Date}
# Between a namespace and a reference: no standard reference can hold it.
_SEPARATOR = "\x1f"
_CORES = 2
_Hash = Callable[[pl.Series], pl.Series]


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

    def made(field: Field) -> list[pl.Series]:
        return _tokens_of(identifiers[field.role], field, key, namespace, once=once)

    # Polars and its hashes leave Python's lock, so two fields are made at once.
    with ThreadPoolExecutor(_CORES) as workers:
        return [column for columns in workers.map(made, fields) for column in columns]


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
    if values.dtype not in (pl.String, pl.Null, *((pl.Date,) if field.is_date else ())):
        raise IdentifiersInvalid(f"Column {field.role} is not of the declared type")


def _tokens_of(
    values: pl.Series, field: Field, key: LinkageKey, namespace: str, *, once: bool
) -> list[pl.Series]:
    standard, places = _standard(values, field)
    read = field.read(standard)
    made: list[pl.Series] = []
    for level in field.levels:
        tokens = _level(read, level, _hash(key, field, level, namespace))
        # All else follows from the exact token, which is the first; so its first row says it all.
        shown = _where_first(places, made[0]) if once and made else places
        made.append(tokens.gather(shown).alias(field.column(level)))
    return made


def _where_first(places: pl.Series, exact: pl.Series) -> pl.Series:
    return places.zip_with(exact.is_first_distinct(), pl.Series([None], dtype=places.dtype))


def _standard(values: pl.Series, field: Field) -> tuple[pl.Series, pl.Series]:
    """The standard forms of distinct values, and the place of each row's among them; null for none."""
    encoded = values.cast(pl.String).to_arrow().dictionary_encode()
    standard = field.standardise(pl.Series(encoded.dictionary, dtype=pl.String))
    held = standard.is_not_null()
    numbers = (held.cum_sum() - 1).zip_with(held, pl.Series([None], dtype=pl.UInt32))
    places = pl.Series(encoded.indices, dtype=pl.UInt32)
    return standard.filter(held), numbers.gather(places)


def _level(read: pl.Series, level: Level, hashed: _Hash) -> pl.Series:
    """The tokens of a level, one (or one set) for each value."""
    if level.part is None:
        return _encoded(read, level, hashed)
    parts = level.part(read).alias("part").to_frame()
    distinct = parts.drop_nulls().unique()
    made = distinct.with_columns(_encoded(distinct["part"], level, hashed).alias("token"))
    return parts.join(made, on="part", how="left", maintain_order="left")["token"]


def _encoded(values: pl.Series, level: Level, hashed: _Hash) -> pl.Series:
    forms = level.encode(values)
    return _sets(forms, hashed) if level.is_set else hashed(forms)


def _sets(forms: pl.Series, hashed: _Hash) -> pl.Series:
    """Sets of tokens for sets of forms; null for an empty one."""
    told = forms.alias("form").to_frame().with_row_index("place")
    members = told.explode("form").drop_nulls()
    tokens = members.select("place", hashed(members["form"]).alias("token"))
    found = tokens.group_by("place", maintain_order=True).agg("token")
    return told.join(found, on="place", how="left", maintain_order="left")["token"]


def _hash(key: LinkageKey, field: Field, level: Level, namespace: str) -> _Hash:
    tokens = key.pseudonymiser(field.key, level.name).tokens
    if not field.in_namespace:
        return tokens
    prefix = namespace + _SEPARATOR
    return lambda forms: tokens(prefix + forms)
