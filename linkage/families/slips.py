"""Slips: a person's address that is another home's but for a number, a street or a postcode mistyped.

Go in: mentions of addresses with their place, and the tokens of each address. Come out: the same mentions, some at another place.
A number one edit off is no slip by itself, since the next house has one as well: it takes the
person's own other address, or an address that nobody else has and a surname that somebody at one
other home bears. What a UPRN or two registrations say is no slip; whoever was elsewhere as well is
put right only to where somebody was as well.
"""

import polars as pl

from linkage.families.doubts import WORDS, doubted, surely

# A key shared by more mentions, and a place of more persons than this, is not looked into: slips are
# found in streets, not in institutions.
_CROWD = 200


def put_right(
    mentions: pl.DataFrame, addresses: pl.DataFrame, surnames: pl.DataFrame
) -> pl.DataFrame:
    """Mentions with slips at the place they mean; a slip is nobody's word for that place.

    Args:
        mentions: mention, cluster, place, uprn_exact, address, least_by, most_by (see `doubts`).
        addresses: address, postcode_exact and the further tokens of each address.
        surnames: cluster, name; the tokens of each person's surnames.
    """
    there = (
        mentions.group_by("cluster", "place")
        .agg(WORDS)
        .select(
            *("cluster", "place"),
            sure=surely(),
            doubted=doubted(),
            persons=pl.len().over("place"),
        )
    )
    at_place = there.filter(pl.col("persons") <= _CROWD)
    quiet = mentions.join(at_place, on=["cluster", "place"])
    own = at_place.select("cluster", place_r="place", own=pl.lit(value=True), sure_r="sure")
    meant = (
        _near(_doubtful(quiet), quiet, addresses)
        .join(own, on=["cluster", "place_r"], how="left")
        .with_columns(pl.col("own", "sure_r").fill_null(value=False))
    )
    candidates = meant.filter(pl.col("own") | (pl.col("persons") == 1))
    candidates = _without_moves(candidates, at_place)
    chosen = _better(candidates, at_place, surnames)
    moved = mentions.join(chosen, on=["cluster", "place"], how="left")
    words = (
        pl.when(pl.col("meant").is_null()).then(by).alias(by) for by in ("least_by", "most_by")
    )
    return moved.with_columns(pl.coalesce("meant", "place").alias("place"), *words).drop("meant")


def _doubtful(mentions: pl.DataFrame) -> pl.DataFrame:
    """Mentions at places not sure, of persons with several places or alone at theirs."""
    several = pl.col("place").n_unique().over("cluster") > 1
    return mentions.filter(~pl.col("sure") & (several | (pl.col("persons") == 1)))


def _near(doubtful: pl.DataFrame, mentions: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """cluster, persons, place, place_r: streets alike, and number or postcode at most an edit off."""
    named = mentions.group_by("address").agg(pl.col("place").first(), mentions=pl.len())
    known = addresses.join(named, on="address")
    asked = known.join(doubtful.select("address"), on="address", how="semi")
    pairs = []
    for keys in (("postcode_exact", "address_number_near"), ("postcode_near", "address_number")):
        left, right = _keyed(asked, keys).drop("mentions"), _keyed(known, keys)
        narrow = right.filter(pl.col("mentions").sum().over("key") <= _CROWD).drop("mentions")
        pairs.append(left.join(narrow, on="key", suffix="_r").drop("key"))
    held = known.select("address", "place", street="address_street_near")
    found = (
        pl.concat(pairs)
        .unique()
        .join(held, on="address")
        .join(held, left_on="address_r", right_on="address", suffix="_r")
        .filter(pl.col("place") != pl.col("place_r"))
    )
    same = pl.col("street").list.set_intersection("street_r").list.len() > 0
    who = doubtful.select("address", "cluster", "persons")
    return (
        found.filter(same)
        .select("address", "place", "place_r")
        .join(who, on="address")
        .drop("address")
        .unique(["cluster", "place", "place_r"])
    )


def _without_moves(candidates: pl.DataFrame, at_place: pl.DataFrame) -> pl.DataFrame:
    """The candidates but homes not the person's own where nobody shares another home of the person's, if there is one."""
    keys = ["cluster", "place", "place_r"]
    asked = candidates.filter(~pl.col("own")).select(keys)
    homes = asked.join(at_place.select("cluster", home="place"), on="cluster")
    homes = homes.filter(pl.col("home") != pl.col("place"))
    mates = at_place.select("place", mate="cluster")
    shared = homes.join(mates.rename({"place": "home"}), on="home").join(
        mates.rename({"place": "place_r"}), on=["place_r", "mate"]
    )
    moved = homes.join(shared.select(keys), on=keys, how="anti")
    return candidates.join(moved, on=keys, how="anti")


def _keyed(addresses: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """address, mentions, key: one row for each combination of the keys' tokens."""
    exploded = addresses.select("address", "mentions", *keys)
    for key in keys:
        if exploded.schema[key] == pl.List(pl.UInt64):
            exploded = exploded.explode(key)
    keyed = exploded.drop_nulls().with_columns(key=pl.struct(keys).hash(5))
    return keyed.select("address", "mentions", "key").unique()


def _better(
    candidates: pl.DataFrame, at_place: pl.DataFrame, surnames: pl.DataFrame
) -> pl.DataFrame:
    """cluster, place, meant: the candidate with more people of the person's surname, then people.

    Where nobody bears it, the own address of which we are sure. A home that is not the person's own must be the only
    one where somebody bears the surname who is not doubted there.
    """
    here = candidates.select("cluster", "place")
    there = candidates.select("cluster", place="place_r")
    known = _company(pl.concat([here, there]).unique(), at_place, surnames)
    scored = candidates.join(known, on=["cluster", "place"]).join(
        known.rename({"place": "place_r"}), on=["cluster", "place_r"], suffix="_r"
    )
    borne, same = pl.col("alike_r") > 0, pl.col("alike_r") == pl.col("alike")
    fuller = pl.when(borne).then(pl.col("company_r") > pl.col("company")).otherwise("sure_r")
    more = (pl.col("alike_r") > pl.col("alike")) | (same & fuller)
    others = (borne & ~pl.col("own")).sum().over("cluster", "place")
    supported = pl.col("own") | ((pl.col("steady_r") > 0) & (others == 1))
    return (
        scored.filter(more & supported)
        .sort(
            ["cluster", "place", "alike_r", "company_r", "place_r"],
            descending=[False, False, True, True, False],
        )
        .unique(["cluster", "place"], keep="first", maintain_order=True)
        .select("cluster", "place", meant="place_r")
    )


def _company(asked: pl.DataFrame, at_place: pl.DataFrame, surnames: pl.DataFrame) -> pl.DataFrame:
    """cluster, place, company (others there), alike (with the same surname), steady (of these, not doubted)."""
    there = at_place.select("place", "doubted", cluster_r="cluster")
    others = asked.join(there, on="place").filter(pl.col("cluster") != pl.col("cluster_r"))
    like = (
        others.join(surnames, on="cluster")
        .join(surnames.rename({"cluster": "cluster_r"}), on=["cluster_r", "name"])
        .group_by("cluster", "place")
        .agg(
            pl.col("cluster_r").n_unique().alias("alike"),
            pl.col("cluster_r").filter(~pl.col("doubted")).n_unique().alias("steady"),
        )
    )
    company = others.group_by("cluster", "place").agg(pl.len().alias("company"))
    keys = ["cluster", "place"]
    return (
        asked.join(company, on=keys, how="left")
        .join(like, on=keys, how="left")
        .with_columns(pl.col("company", "alike", "steady").fill_null(0))
    )
