"""Profiles: records collapsed before they are compared.

Goes in: token records. Come out: entries (what is known to be one person before any linkage: an
agency's own id in its clean list, or identical well-identified records of one agency) and their
profiles (each distinct set of identity tokens an entry has appeared with).
"""

from dataclasses import dataclass

import polars as pl

from linkage.codes import with_codes
from linkage.crowds import with_marks
from linkage.errors import TokensInvalid
from linkage.model import NEIGHBOURED, NUMBERS, model_for
from linkage.neighbours import with_neighbours
from linkage.settings import LinkageSettings
from linkage.tokens.fields import OTHER_PREFIX

REQUIRED = {
    "record": pl.String,
    "agency": pl.String,
    "dataset": pl.String,
    "clean_list": pl.Boolean,
    "seen_on": pl.Date,
}
_IDENTITY = ("forename", "surname", "date_of_birth", "sex", "postcode", *NUMBERS)
# Records without an agency's id are only collapsed when a number, or all of these, are present.
_TELLING = ("forename", "surname", "date_of_birth")


@dataclass(frozen=True)
class Profiles:
    """`members`: record, entry, profile. `frame`: unique_id (the profile), entry, list_no and codes
    in place of tokens.

    `lists`: entry, list_no, agency; entries of one clean list share a list_no.
    """

    members: pl.DataFrame
    frame: pl.DataFrame
    lists: pl.DataFrame


def collapse(tokens: pl.DataFrame, settings: LinkageSettings | None = None) -> Profiles:
    """Collapse token records to entries and profiles.

    The settings say how many pairs may be compared; profiles in larger crowds are marked so.

    Raises:
        TokensInvalid: a required column is missing, of a wrong type, or a record repeats.
    """
    _require(tokens)
    entered = _entered(tokens)
    lists = _lists(entered)
    profiles = (
        entered.unique("_profile", keep="first", maintain_order=True)
        .join(lists.select("entry", "list_no"), on="entry", maintain_order="left")
        .with_row_index("unique_id")
    )
    rows = profiles["_row"]
    # Wide columns are read once, and only from the rows that become profiles.
    wide = profiles.select("unique_id", "entry", "list_no").hstack(
        tokens.select(_told(tokens))[rows]
    )
    compared = with_codes(_compared(wide.with_columns(_derived(wide))))
    del wide
    settings = settings or LinkageSettings()
    model = model_for(compared.columns)
    frame = with_marks(compared, model, settings.widest_rule, settings.most_pairs)
    for role, level in NEIGHBOURED:
        members = f"{role}_{level}"
        if f"{role}_exact" in frame.columns and members in tokens.columns:
            # Of the sets, which are most of all tokens, one column is there at a time.
            frame = with_neighbours(
                frame.with_columns(tokens[members].gather(rows)), [(role, level)]
            )
    number = profiles.select("_profile", profile="unique_id")
    placed = entered.join(number, on="_profile", maintain_order="left")
    return Profiles(placed.select("record", "entry", "profile"), frame, lists)


def _require(tokens: pl.DataFrame) -> None:
    for column, dtype in REQUIRED.items():
        if tokens.schema.get(column) != dtype:
            raise TokensInvalid(f"Column {column} is missing or not of type {dtype}")
    if tokens["record"].null_count() or tokens["record"].n_unique() != tokens.height:
        raise TokensInvalid("Column record is not unique")


def _entered(tokens: pl.DataFrame) -> pl.DataFrame:
    """record, agency and, for each record, its entry and its profile: narrow, whatever it has."""
    identity = _identity_columns(tokens)
    keyed = (
        tokens.select("record", "agency", "clean_list", *identity)
        .with_row_index("_row")
        .with_columns(_entry_key(tokens, identity))
        .with_columns(
            pl.struct("_clean", "agency", "_key").rank("dense").cast(pl.UInt32).alias("entry")
        )
    )
    return keyed.select(
        "_row",
        "record",
        "agency",
        "_clean",
        "entry",
        _profile=pl.struct("entry", *identity).hash(3),
    )


def _told(tokens: pl.DataFrame) -> list[str]:
    """What a model may be made of, but for the near sets: not where people live, which is for families."""
    roles = tuple(f"{role}_" for role in (*_IDENTITY, "agency_id"))
    levels = [c for c in tokens.columns if c.startswith((*roles, OTHER_PREFIX))]
    near = {f"{role}_{level}" for role, level in NEIGHBOURED if level == "near"}
    return ["agency", "clean_list", *(c for c in levels if c not in near)]


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
    numbers = [f"{number}_exact" for number in NUMBERS if f"{number}_exact" in identity]
    alike = pl.any_horizontal(pl.lit(False), *(pl.col(c).is_not_null() for c in numbers))
    if {f"{role}_exact" for role in _TELLING} <= set(identity):
        alike |= pl.all_horizontal(pl.col(f"{role}_exact").is_not_null() for role in _TELLING)
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
    """Only the columns a model may use: those of roles that two lists hold."""
    always = ["unique_id", "entry", "list_no", "agency_no"]
    others = [c.removesuffix("_exact") for c in profiles.columns if c.startswith(OTHER_PREFIX)]
    roles = [
        f"{role}_"
        for role in (*_IDENTITY, "reference", *others)
        if f"{role}_exact" in profiles.columns and _in_two_lists(profiles, f"{role}_exact")
    ]
    used = [c for c in profiles.columns if c.startswith(tuple(roles)) and "metaphone" not in c]
    return profiles.select(*always, *used)


def _in_two_lists(profiles: pl.DataFrame, column: str) -> bool:
    """Entries of one clean list are never compared: a field that one list alone has is no help."""
    held = profiles.select(column, "list_no").drop_nulls(column)
    return held["list_no"].n_unique() > 1
