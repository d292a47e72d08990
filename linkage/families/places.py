"""Places: which addresses are one home, and who stayed there from when to when.

Goes in: token records with their person. Come out: stays (person, place, first and last day seen
there, and the days between which the person is known to have been elsewhere). Only equal tokens
and shared set members are used.
"""

import polars as pl

from linkage.components import components, joined_by_keys
from linkage.families.slips import put_right

_WHERE = (
    *("uprn_exact", "postcode_exact", "postcode_near"),
    *("address_premises", "address_number", "address_street_near", "address_number_near"),
)
# The further tokens of an address; those of one premises and postcode are the same.
_FORMS = ("postcode_near", "address_number", "address_street_near", "address_number_near")


def stays_of(records: pl.DataFrame, surnames: pl.DataFrame | None = None) -> pl.DataFrame:
    """The stays of persons.

    Args:
        records: cluster, seen_on and whatever address tokens there are.
        surnames: cluster, form; with it, mistyped addresses are put right (see `slips`).

    Returns:
        cluster, place, first, last, came_after, gone_by. A stay lies inside the open days from
        `came_after` (last day at the place before, null if none) to `gone_by` (first day at the
        next place, null if none). A place named again after the person was seen elsewhere is the
        word of an agency that was not told of a move, so a stay ends when the next begins.
    """
    mentions = _mentions(records)
    if mentions.is_empty():
        return _no_stays()
    placed = mentions.join(_places(mentions), on="mention")
    if surnames is not None:
        placed = put_right(placed, surnames)
    stays = placed.group_by("cluster", "place").agg(pl.col("first").min(), pl.col("last").max())
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
    return pl.DataFrame(schema={"cluster": pl.UInt32, "place": pl.UInt32, **days})


def _mentions(records: pl.DataFrame) -> pl.DataFrame:
    """Each distinct way a person's address was written, with the days it was seen."""
    present = [c for c in _WHERE if c in records.columns]
    absent = [
        pl.lit(None, dtype=pl.List(pl.UInt64) if c.endswith("near") else pl.UInt64).alias(c)
        for c in _WHERE
        if c not in present
    ]
    written = ["cluster", "uprn_exact", "postcode_exact", "address_premises"]
    return (
        records.select("cluster", "seen_on", *present)
        .with_columns(absent)
        .filter(pl.col("uprn_exact").is_not_null() | pl.col("address_premises").is_not_null())
        .filter(pl.col("seen_on").is_not_null())
        .group_by(written, maintain_order=True)
        .agg(
            pl.col("seen_on").min().alias("first"),
            pl.col("seen_on").max().alias("last"),
            pl.col(*_FORMS).first(),
        )
        .with_row_index("mention")
    )


def _places(mentions: pl.DataFrame) -> pl.DataFrame:
    """mention, place: mentions that share any of these are one place.

    One UPRN; one postcode with equal premises, or with premises one edit apart in the street;
    equal premises with postcodes one edit apart; equal premises for one person.
    """
    kinds = (
        ("uprn_exact",),
        ("postcode_exact", "address_premises"),
        ("postcode_exact", "address_number", "address_street_near"),
        ("postcode_near", "address_premises"),
        ("cluster", "address_premises"),
    )
    shared = pl.concat([joined_by_keys(_keys(mentions, *columns)) for columns in kinds])
    found = components(mentions["mention"], shared)
    return found.rename({"node": "mention", "component": "place"})


def _keys(mentions: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """node, key: each mention with what it shares with others, of one kind; of a set, each member."""
    held = mentions.select("mention", *columns).drop_nulls()
    # Nothing else may be there when a set is spread out: every other column would be repeated for it.
    for column in columns:
        if held.schema[column] == pl.List:
            held = held.explode(column).drop_nulls()
    return held.select(node="mention", key=pl.struct(columns).hash(4))
