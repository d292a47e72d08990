"""History: what became of every person between two runs.

Go in: the persons of a run and of the one before. Comes out: one line per change, in which every person
before and after and every record of either run is accounted for exactly once. Ids are random; no token.
"""

import polars as pl

from linkage.components import components

KINDS = ("kept", "changed", "new", "gone", "split", "merge", "regrouped")
SCHEMA = pl.Schema(
    {
        "kind": pl.String(),
        "before": pl.List(pl.String()),
        "after": pl.List(pl.String()),
        "records_kept": pl.UInt32(),
        "records_new": pl.UInt32(),
        "records_gone": pl.UInt32(),
    }
)


def changes_between(previous: pl.DataFrame | None, persons: pl.DataFrame) -> pl.DataFrame:
    """What became of the persons of `previous` in `persons`.

    Persons before and after belong to one change when they share a record, directly or through
    others. The kind says how many there were: one before and one after is `kept`, or `changed` when
    records came or went; none before is `new`, none after `gone`, one before and several after
    `split`, several before and one after `merge`, several of both `regrouped`.

    Args:
        previous: record, person of the run before; None for a first run.
        persons: record, person of this run.

    Returns:
        kind, before, after (lists of person ids, sorted), records_kept, records_new, records_gone;
        sorted by kind and ids, so that equal runs give equal tables.
    """
    flows = _numbered(_flows(previous, persons))
    both = flows.drop_nulls(["before_no", "after_no"]).select("before_no", "after_no")
    nodes = pl.concat([flows["before_no"], flows["after_no"]]).drop_nulls().unique()
    of_node = components(nodes, both)
    node = pl.coalesce("before_no", "after_no")
    placed = flows.with_columns(node=node).join(of_node, on="node")
    gathered = placed.group_by("component").agg(
        *(pl.col(side).drop_nulls().unique().sort() for side in ("before", "after")),
        _records("before", "after").alias("records_kept"),
        _records("after").alias("records_new"),
        _records("before").alias("records_gone"),
    )
    typed = (pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    found = gathered.with_columns(kind=_kind()).select(typed)
    first = [pl.col(side).list.first() for side in ("before", "after")]
    return found.sort("kind", *first, nulls_last=True)


def count_changes(changes: pl.DataFrame) -> dict[str, int]:
    """How many changes there are of each kind, none left out."""
    by_kind = dict(changes.group_by("kind").len().iter_rows())
    return {kind: by_kind.get(kind, 0) for kind in KINDS}


def _flows(previous: pl.DataFrame | None, persons: pl.DataFrame) -> pl.DataFrame:
    """before, after, records: how many records went from which person to which."""
    after = persons.select("record", after="person")
    if previous is None:
        both = after.with_columns(before=pl.lit(None, dtype=pl.String))
    else:
        before = previous.select("record", before="person").drop_nulls()
        both = before.join(after, on="record", how="full", coalesce=True)
    return both.group_by("before", "after").agg(records=pl.len())


def _numbered(flows: pl.DataFrame) -> pl.DataFrame:
    """A number for every person before, and others for every person after."""
    ranked = flows.with_columns(
        before_no=pl.col("before").rank("dense"), after_no=pl.col("after").rank("dense")
    )
    return ranked.with_columns(
        pl.col("after_no") + pl.col("before_no").max().fill_null(0).cast(pl.UInt32)
    )


def _records(*known: str) -> pl.Expr:
    """Records known on exactly these sides."""
    on_side = [
        pl.col(side).is_not_null() if side in known else pl.col(side).is_null()
        for side in ("before", "after")
    ]
    return pl.col("records").filter(*on_side).sum()


def _kind() -> pl.Expr:
    before, after = pl.col("before").list.len(), pl.col("after").list.len()
    moved = pl.col("records_new") + pl.col("records_gone")
    return (
        pl.when(before == 0)
        .then(pl.lit("new"))
        .when(after == 0)
        .then(pl.lit("gone"))
        .when((before == 1) & (after == 1))
        .then(pl.when(moved == 0).then(pl.lit("kept")).otherwise(pl.lit("changed")))
        .when(before == 1)
        .then(pl.lit("split"))
        .when(after == 1)
        .then(pl.lit("merge"))
        .otherwise(pl.lit("regrouped"))
    )
