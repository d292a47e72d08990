"""Profiles: records collapsed before they are compared.

Goes in: token records. Come out: entries (what is known to be one person before any linkage: an
agency's own id in its clean list, or identical well-identified records of one agency) and their
profiles (each distinct set of identity tokens an entry has appeared with).
"""

from dataclasses import dataclass

import polars as pl

from linkage.crowds import with_marks
from linkage.errors import TokensInvalid
from linkage.model import NUMBERS, model_for
from linkage.settings import LinkageSettings
from linkage.tokens.fields import OTHER_PREFIX
from linkage.told import Told
from linkage.values import coded_values

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


@dataclass
class Profiles:
    """`members`: record, entry, profile. `frame`: unique_id (the profile), entry, list_no and codes
    in place of tokens.

    `lists`: entry, list_no, agency; entries of one clean list share a list_no.
    """

    members: pl.DataFrame
    frame: pl.DataFrame
    lists: pl.DataFrame

    def handed_over(self) -> pl.DataFrame:
        """The frame, which is not kept here any longer: an engine has its own copy of it."""
        frame, self.frame = self.frame, self.frame.clear()
        return frame


def collapse(told: Told, settings: LinkageSettings | None = None) -> Profiles:
    """Collapse token records to entries and profiles.

    The settings say how many pairs may be compared; profiles in larger crowds are marked so.

    Raises:
        TokensInvalid: a required column is missing, of a wrong type, or a record repeats.
    """
    records = told.records
    _require(records)
    entered = _entered(records)
    lists = _lists(entered)
    profiles = (
        entered.unique("_profile", keep="first", maintain_order=True)
        .join(lists.select("entry", "list_no"), on="entry", maintain_order="left")
        .with_row_index("unique_id")
    )
    settings = settings or LinkageSettings()
    frame = _frame(told, profiles)
    frame = with_marks(frame, model_for(frame.columns), settings.widest_rule, settings.most_pairs)
    number = profiles.select("_profile", profile="unique_id")
    placed = entered.join(number, on="_profile", maintain_order="left")
    return Profiles(placed.select("record", "entry", "profile"), frame, lists)


def _frame(told: Told, profiles: pl.DataFrame) -> pl.DataFrame:
    """unique_id, entry, list_no, agency_no, and codes of the roles that a model may use."""
    # Not where people live: that is for families.
    exact = _identity_columns(told.records)
    held = told.records.select("agency", "clean_list", *exact)[profiles["_row"]]
    held = held.with_columns(_derived(held))
    frame = profiles.select("unique_id", "entry", "list_no", agency_no=held["agency_no"])
    roles = _compared(held, frame["list_no"])
    for column, values in coded_values(told, held, roles).items():
        place = held.select(token=column)
        codes = place.join(values, on="token", how="left", maintain_order="left").drop("token")
        frame = frame.hstack(codes)
    return frame


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


def _derived(held: pl.DataFrame) -> list[pl.Expr]:
    made = [pl.col("agency").rank("dense").cast(pl.UInt32).alias("agency_no")]
    if "agency_id_exact" in held.columns:
        # Compared only outside clean lists, where one id need not be one person.
        outside = pl.when(~pl.col("clean_list")).then(pl.col("agency_id_exact"))
        made.append(outside.alias("reference_exact"))
    return made


def _compared(held: pl.DataFrame, list_no: pl.Series) -> list[str]:
    """The roles that a model may use: those that two lists hold.

    Entries of one clean list are never compared: a field that one list alone has is no help.
    """
    others = [c.removesuffix("_exact") for c in held.columns if c.startswith(OTHER_PREFIX)]
    return [
        role
        for role in (*_IDENTITY, "reference", *others)
        if f"{role}_exact" in held.columns
        and list_no.filter(held[f"{role}_exact"].is_not_null()).n_unique() > 1
    ]
