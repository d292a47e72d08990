"""Places: which addresses are one home, and who stayed there from when to when.

Goes in: token records with their person. Come out: stays (person, place, first and last day seen
there, and the days between which the person is known to have been elsewhere). Only equal tokens
and shared set members are used.
"""

from collections.abc import Iterable

import polars as pl

from linkage.components import components, joined_by_keys
from linkage.families.doubts import REGISTRATIONS, WORDS, doubted
from linkage.families.slips import put_right
from linkage.told import Told

_WRITTEN = ("uprn_exact", "postcode_exact", "address_premises")
_ADDRESS = ("postcode_exact", "address_premises")
# The further tokens of an address; those of one premises and postcode are the same.
_FORMS = ("postcode_near", "address_number", "address_street_near", "address_number_near")


def stays_of(told: Told, surnames: pl.DataFrame | None = None) -> pl.DataFrame:
    """The stays of persons.

    Args:
        told: records with cluster, seen_on and whatever address tokens there are.
        surnames: cluster, name; with it, mistyped addresses are put right (see `slips` and
            `_misnumbered`).

    Returns:
        cluster, place, first, last, came_after, gone_by, and with surnames doubted (see `doubts`). A stay lies inside the open days from
        `came_after` (last day at the place before, null if none) to `gone_by` (first day at the
        next place, null if none). A place named again after the person was seen elsewhere is the
        word of an agency that was not told of a move, so a stay ends when the next begins.
    """
    careful = surnames is not None
    mentions = _mentions(told, words=careful)
    if mentions.is_empty():
        return _no_stays()
    slips = _misnumbered(told, mentions) if careful else pl.Series("mention", dtype=pl.UInt32)
    mentions = _with_address(mentions, slips)
    addresses = _addresses(told, mentions)
    placed = mentions.join(_places(mentions, addresses), on="mention")
    days, at = (pl.col("first").min(), pl.col("last").max()), ("cluster", "place")
    if surnames is None:
        return _in_order(placed.group_by(at).agg(days))
    righted = put_right(placed, addresses, surnames)
    stays = righted.group_by(at).agg(*days, *WORDS)
    return _in_order(stays.select(*at, "first", "last", doubted=doubted()))


def _in_order(stays: pl.DataFrame) -> pl.DataFrame:
    """Stays with the days on which the person is known to have been elsewhere, before and after."""
    order = ["cluster", "first", "last", "place"]
    return (
        stays.sort(order)
        .with_columns(
            pl.col("first").shift(-1).over("cluster").alias("gone_by"),
            pl.min_horizontal(pl.col("last").shift(1).over("cluster"), pl.col("first")).alias(
                "came_after"
            ),
        )
        .with_columns(
            pl.when(pl.col("gone_by").is_null())
            .then("last")
            .otherwise(pl.max_horizontal("first", pl.min_horizontal("last", "gone_by")))
            .alias("last"),
            pl.when(pl.col("place").shift(1).over("cluster").is_not_null()).then("came_after"),
        )
    )


def _no_stays() -> pl.DataFrame:
    days = dict.fromkeys(("first", "last", "came_after", "gone_by"), pl.Date)
    return pl.DataFrame(
        schema={"cluster": pl.UInt32, "place": pl.UInt32, **days, "doubted": pl.Boolean}
    )


def _mentions(told: Told, *, words: bool) -> pl.DataFrame:
    """Each distinct way a person's address was written, with the days it was seen and whose words they are."""
    by = ("agency_id_exact",) if words else ()
    known = ("cluster", "seen_on", *_WRITTEN, "address_exact", *by)
    held = told.records.select(column for column in known if column in told.records.columns)
    return (
        _whole(told.filled(held, ["address_premises"]), known)
        .filter(pl.col("uprn_exact").is_not_null() | pl.col("address_premises").is_not_null())
        .filter(pl.col("seen_on").is_not_null())
        .group_by("cluster", *_WRITTEN, maintain_order=True)
        .agg(
            pl.col("seen_on").min().alias("first"),
            pl.col("seen_on").max().alias("last"),
            pl.col("address_exact").first(),
            *(REGISTRATIONS if words else ()),
        )
        .with_row_index("mention")
    )


def _with_address(mentions: pl.DataFrame, slips: pl.Series) -> pl.DataFrame:
    """`address` numbers the postcodes with premises, by the first mention of each; null without both, and for slips."""
    marked = mentions.with_columns(slip=mentions["mention"].is_in(slips.unique().implode()))
    said = pl.all_horizontal(pl.col(_ADDRESS).is_not_null()) & ~pl.col("slip")
    first = pl.col("mention").min().over(*_ADDRESS, "slip")
    return marked.with_columns(address=pl.when(said).then(first)).drop("slip")


def _misnumbered(told: Told, mentions: pl.DataFrame) -> pl.Series:
    """The mentions of a UPRN with a house number that fewer say than another said with it.

    All mentions of the persons named with the UPRN are counted. A slip is still at the place of its
    UPRN, but must not bring there whoever lives at the number.
    """
    held = mentions.select("mention", "cluster", "uprn_exact", "address_exact")
    voters = held.select("cluster", "uprn_exact").drop_nulls().unique()
    numbered = _whole(
        told.filled(held.join(voters, on="cluster", how="semi"), ["address_number"]),
        ["address_number"],
    ).drop_nulls("address_number")
    by = ["uprn_exact", "address_number"]
    votes = numbered.drop("uprn_exact").join(voters, on="cluster").group_by(by).agg(votes=pl.len())
    counted = numbered.join(votes, on=by)
    return counted.filter(pl.col("votes") < pl.col("votes").max().over("uprn_exact"))["mention"]


def _addresses(told: Told, mentions: pl.DataFrame) -> pl.DataFrame:
    """address, postcode_exact, address_premises and the further tokens: one row an address."""
    first = mentions.filter(pl.col("mention") == pl.col("address"))
    columns = ("address", *_ADDRESS, *_FORMS)
    return _whole(told.filled(first, _FORMS), columns).select(columns)


def _whole(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """The frame with columns of nulls for tokens that it has not."""
    return frame.with_columns(
        pl.lit(None, dtype=pl.List(pl.UInt64) if c.endswith("near") else pl.UInt64).alias(c)
        for c in columns
        if c not in frame.columns
    )


def _places(mentions: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """mention, place: mentions that share any of these are one place.

    One UPRN; one postcode with equal premises, or with premises one edit apart in the street;
    equal premises with postcodes one edit apart; equal premises for one person.
    """
    kinds = (
        (mentions, "mention", ("uprn_exact",)),
        (mentions, "mention", ("address",)),
        # An address is named by its first mention, and joins all others to it.
        (addresses, "address", ("postcode_exact", "address_number", "address_street_near")),
        (addresses, "address", ("postcode_near", "address_premises")),
        (mentions, "mention", ("cluster", "address_premises")),
    )
    shared = pl.concat([joined_by_keys(_keys(*kind)) for kind in kinds])
    found = components(mentions["mention"], shared)
    return found.rename({"node": "mention", "component": "place"})


def _keys(frame: pl.DataFrame, node: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """node, key: each node with what it shares with others, of one kind; of a set, each member."""
    held = frame.select(pl.col(node).alias("node"), *columns).drop_nulls()
    # Nothing else may be there when a set is spread out: every other column would be repeated for it.
    for column in columns:
        if held.schema[column] == pl.List:
            held = held.explode(column).drop_nulls()
    return held.select("node", key=pl.struct(columns).hash(4))
