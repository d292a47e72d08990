"""Crowds: blocks with so many profiles that comparing them pair by pair would cost all memory.

Goes in: profiles, the model's rules and how many pairs may be compared. Come out: the profiles with a mark for each rule that
has to pass over some blocks, and the model whose rules heed the marks. The largest blocks go first: a postcode or name that
half the records share says least of a person. Every other block of the rule stays as it is.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

import polars as pl

from linkage.model import Model, columns_of

# Pairs in one training session: more would teach nothing, and cost the memory of the rest.
MOST_TO_TRAIN = 5_000_000
# Profiles in a block of a wide rule. On historical persons twice as many find no more persons.
LARGEST_OF_WIDE = 100
_LARGE_LIST = 0.02
_MARK = "uncrowded"


def with_marks(profiles: pl.DataFrame, model: Model, widest: int, most: int) -> pl.DataFrame:
    """Mark, for each rule that needs it, the profiles of blocks small enough to compare.

    Args:
        profiles: list_no and the columns of the rules; pairs of one list are never compared.
        model: its blocking rules are scored together; the others train, one by one, on at most
            `MOST_TO_TRAIN` pairs each.
        widest: pairs that one rule may compare. most: pairs that all blocking rules may compare.
    """
    rules = dict.fromkeys((*model.blocking, *model.training, *model.strict, *model.spare))
    lists = _large_lists(profiles)
    blocks = {rule: _blocks(profiles, list(columns_of(rule)), lists) for rule in rules}
    small = pl.col("size") <= LARGEST_OF_WIDE
    wide = {rule: blocks[rule].filter(small) for rule in model.wide}
    shared = _largest([wide.get(rule, blocks[rule]) for rule in model.blocking], most)
    marks: dict[str, pl.Expr] = {}
    for rule, sizes in blocks.items():
        if rule in model.blocking:
            own = _largest([sizes], widest)
            # A rule of nothing but crowds is left out whole, by `score.within_reach`.
            most_in_block = LARGEST_OF_WIDE if rule in model.wide else own
            largest = min(own, shared, most_in_block) if own > 1 else None
        else:
            largest = _largest([sizes], MOST_TO_TRAIN)
        if largest is not None and not sizes.is_empty() and int(sizes["size"][-1]) > largest:
            small = pl.len().over(columns_of(rule)) <= largest
            marks[_mark(rule)] = pl.when(small).then(pl.lit(value=True))
    return profiles.with_columns(**marks)


def heeding_marks(model: Model, columns: Collection[str]) -> Model:
    """The model whose rules pass over the crowds that are marked in these columns."""
    blocking, training, strict, spare = (
        tuple(_heeding(rule, columns) for rule in rules)
        for rules in (model.blocking, model.training, model.strict, model.spare)
    )
    return replace(model, blocking=blocking, training=training, strict=strict, spare=spare)


def passes_over_crowds(rule: str) -> bool:
    """Whether a rule, as it stands in a run's parameters, leaves out its largest blocks."""
    return f"l.{_MARK}_" in rule


def _heeding(rule: str, columns: Collection[str]) -> str:
    mark = _mark(rule)
    return f"l.{mark} = r.{mark} AND {rule}" if mark in columns else rule


def _mark(rule: str) -> str:
    """The column that is true for a profile in a block to be compared, and null in a crowd."""
    return "_".join((_MARK, *columns_of(rule)))


def _large_lists(profiles: pl.DataFrame) -> list[int]:
    """The lists whose own pairs, which are never compared, are worth taking off."""
    sizes = profiles.group_by("list_no").len()
    return sizes.filter(pl.col("len") >= profiles.height * _LARGE_LIST)["list_no"].to_list()


def _blocks(profiles: pl.DataFrame, columns: list[str], lists: Sequence[int]) -> pl.DataFrame:
    """size, pairs: for each size of block, smallest first, the pairs in all blocks of that size."""
    held = profiles.lazy().select(*columns, "list_no").drop_nulls(columns)
    of_lists = {str(number): (pl.col("list_no") == number).sum() for number in lists}
    sizes = held.group_by(columns).agg(size=pl.len(), **of_lists).filter(pl.col("size") > 1)
    pairs = _pairs("size") - pl.sum_horizontal(pl.lit(0), *(_pairs(each) for each in of_lists))
    counted = sizes.select("size", pairs=pairs).group_by("size").agg(pl.col("pairs").sum())
    return counted.sort("size").collect(engine="streaming")


def _pairs(size: str) -> pl.Expr:
    count = pl.col(size).cast(pl.Int64)
    return count * (count - 1) // 2


def _largest(blocks: Sequence[pl.DataFrame], limit: int) -> int:
    """The largest size of block such that all blocks up to it hold at most so many pairs."""
    if not blocks:
        return 1
    summed = pl.concat(blocks).group_by("size").agg(pl.col("pairs").sum()).sort("size")
    within = summed.filter(pl.col("pairs").cum_sum() <= limit)
    return int(within["size"][-1]) if within.height else 1
