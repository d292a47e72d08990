"""Identified: which persons of a run rest on a record that says whom it is about.

A list that is kept free of duplicates tells by its own id how many people there are. Any other list holds one person
many times, and a fragment of a record there ("john, born in London") that nobody else knows is no further person. Go
in token records and the persons found; comes out who counts. What is left out stays linked and keeps its id.
"""

import polars as pl

from linkage.model import NUMBERS

# All of these together identify, as far as a list has them at all.
_TOGETHER = ("forename", "surname", "date_of_birth", "postcode")


def identified_persons(tokens: pl.DataFrame, persons: pl.DataFrame) -> pl.Series:
    """Distinct persons whom two agencies know, or with at least one record that identifies.

    A record identifies by the agency's own id in its clean list, by a national number, or by holding forename,
    surname, date of birth and postcode; a field that its dataset never fills is not asked for.

    Args:
        tokens: record, agency, dataset, clean_list and token columns; columns may be absent or null.
        persons: record, person.

    Returns:
        A column of the type of `persons.person`.
    """
    known = tokens.select("record", "agency", identifies=_identifies(tokens.columns))
    found = (
        persons.join(known, on="record")
        .group_by("person")
        .agg(counts=pl.col("identifies").any() | (pl.col("agency").n_unique() > 1))
    )
    return found.filter("counts")["person"]


def _identifies(columns: list[str]) -> pl.Expr:
    ways = [_held(f"{number}_exact") for number in NUMBERS if f"{number}_exact" in columns]
    if "agency_id_exact" in columns:
        ways.append(pl.col("clean_list") & _held("agency_id_exact"))
    asked = [f"{role}_exact" for role in _TOGETHER if f"{role}_exact" in columns]
    if asked:
        complete = pl.all_horizontal(_held(column) | _never_filled(column) for column in asked)
        ways.append(complete & pl.any_horizontal(_held(column) for column in asked))
    return pl.any_horizontal(ways) if ways else pl.lit(value=False)


def _held(column: str) -> pl.Expr:
    return pl.col(column).is_not_null()


def _never_filled(column: str) -> pl.Expr:
    return pl.col(column).is_null().all().over("agency", "dataset")
