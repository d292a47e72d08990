"""Profiles: records collapsed before they are compared.

Goes in: token records. Come out: entries (what is known to be one person before any linkage: an
agency's own id in its clean list, or identical well-identified records of one agency) and their
profiles (each distinct set of identity tokens an entry has appeared with).
"""

from dataclasses import dataclass

import polars as pl

from linkage.errors import TokensInvalid
from linkage.model import NEIGHBOURED, NUMBERS
from linkage.neighbours import with_neighbours
from linkage.tokens.fields import OTHER_PREFIX

REQUIRED = {
    "record": pl.String,
    "agency": pl.String,
    "dataset": pl.String,
    "clean_list": pl.Boolean,
    "seen_on": pl.Date,
}
_IDENTITY = ("forename", "surname", "date_of_birth", "sex", "postcode", *NUMBERS)
# Records without an agency's id are only collapsed when one of these is present and equal.
_TELLING = ("date_of_birth", *NUMBERS)


@dataclass(frozen=True)
class Profiles:
    """`members`: record, entry. `frame`: unique_id, entry, list_no and tokens, one per profile.

    `lists`: entry, list_no, agency; entries of one clean list share a list_no.
    """

    members: pl.DataFrame
    frame: pl.DataFrame
    lists: pl.DataFrame


def collapse(tokens: pl.DataFrame) -> Profiles:
    """Collapse token records to entries and profiles.

    Raises:
        TokensInvalid: a required column is missing, of a wrong type, or a record repeats.
    """
    _require(tokens)
    identity = _identity_columns(tokens)
    entered = tokens.with_columns(_entry_key(tokens, identity)).with_columns(
        pl.struct("_clean", "agency", "_key").rank("dense").cast(pl.UInt32).alias("entry")
    )
    lists = _lists(entered)
    profiles = (
        entered.unique(["entry", *identity], keep="first", maintain_order=True)
        .join(lists.select("entry", "list_no"), on="entry", maintain_order="left")
        .with_row_index("unique_id")
    )
    compared = _compared(profiles.with_columns(_derived(profiles)))
    frame = with_neighbours(compared, NEIGHBOURED)
    return Profiles(entered.select("record", "entry"), frame, lists)


def _require(tokens: pl.DataFrame) -> None:
    for column, dtype in REQUIRED.items():
        if tokens.schema.get(column) != dtype:
            raise TokensInvalid(f"Column {column} is missing or not of type {dtype}")
    if tokens["record"].null_count() or tokens["record"].n_unique() != tokens.height:
        raise TokensInvalid("Column record is not unique")


def _identity_columns(tokens: pl.DataFrame) -> list[str]:
    wanted = [f"{role}_exact" for role in (*_IDENTITY, "agency_id")]
    others = [c for c in tokens.columns if c.startswith(OTHER_PREFIX)]
    return [c for c in (*wanted, *others) if c in tokens.columns]


def _entry_key(tokens: pl.DataFrame, identity: list[str]) -> list[pl.Expr]:
    """A record's entry: its id in a clean list, else its identity tokens, else itself."""
    has_id = pl.lit(False)
    own_id = pl.lit(None, dtype=pl.UInt64)
    if "agency_id_exact" in tokens.columns:
        own_id = pl.col("agency_id_exact")
        has_id = pl.col("clean_list") & own_id.is_not_null()
    telling = [pl.col(f"{r}_exact").is_not_null() for r in _TELLING if f"{r}_exact" in identity]
    alike = pl.any_horizontal(telling) if telling else pl.lit(False)
    # Polars' seeded hash stands in for a wide struct; 64 bits as the tokens themselves.
    together = pl.struct(identity).hash(1) if identity else pl.lit(0, dtype=pl.UInt64)
    key = (
        pl.when(has_id).then(own_id).when(alike).then(together).otherwise(pl.col("record").hash(2))
    )
    return [has_id.alias("_clean"), key.alias("_key")]


def _lists(entered: pl.DataFrame) -> pl.DataFrame:
    """One list number per agency's clean list; an entry outside one is a list of its own."""
    entries = entered.select("entry", "agency", "_clean").unique("entry", maintain_order=True)
    return entries.with_columns(
        pl.when("_clean")
        .then(pl.col("agency").rank("dense").cast(pl.UInt32))
        .otherwise(pl.col("entry") + entered["agency"].n_unique())
        .cast(pl.UInt32)
        .alias("list_no")
    ).rename({"_clean": "clean"})


def _derived(profiles: pl.DataFrame) -> list[pl.Expr]:
    made = [pl.col("agency").rank("dense").cast(pl.UInt32).alias("agency_no")]
    if "forename_exact" in profiles.columns:
        groups = pl.col("forename_nickname").list.first()
        made.append(pl.coalesce(groups, pl.col("forename_exact")).alias("forename_group"))
    for name in ("forename", "surname"):
        if f"{name}_metaphone" in profiles.columns:
            codes = pl.col(f"{name}_metaphone").list
            made.append(codes.get(0, null_on_oob=True).alias(f"{name}_sound"))
            made.append(codes.get(1, null_on_oob=True).alias(f"{name}_other_sound"))
    if "agency_id_exact" in profiles.columns:
        # Compared only outside clean lists, where one id need not be one person.
        outside = pl.when(~pl.col("clean_list")).then(pl.col("agency_id_exact"))
        made.append(outside.alias("reference_exact"))
    return made


def _compared(profiles: pl.DataFrame) -> pl.DataFrame:
    """Only the columns a model may use and that two lists hold."""
    keep = ("unique_id", "entry", "list_no", "agency_no", "reference_exact")
    roles = (*_IDENTITY[:5], *NUMBERS)
    names = [
        c
        for c in profiles.columns
        if c in keep or c.startswith((*(f"{r}_" for r in roles), OTHER_PREFIX))
        if not c.endswith("_metaphone")
    ]
    held = profiles.select(names)
    return held.select([c for c in names if c in keep[:4] or _in_two_lists(held, c)])


def _in_two_lists(held: pl.DataFrame, column: str) -> bool:
    """Entries of one clean list are never compared: a field that one list alone has is no help."""
    return held.filter(pl.col(column).is_not_null())["list_no"].n_unique() > 1
