"""A token that is not made in service: house numbers one edit wide, to measure what it would be worth.

In: addresses. Out: the column `address_number_near`. Two numbers share a member when one digit differs, is missing or
is one too many, or when two neighbours are exchanged; in no case of two edits. The flat has to be the same.
"""

from __future__ import annotations

import polars as pl

from linkage.tokens import LinkageKey, addresses, encode, standardise


def near_numbers(addresses_written: pl.Series, key: LinkageKey) -> pl.Series:
    """Sets of tokens, one for each address; null where it has no number."""
    told = addresses_written.alias("raw").to_frame().with_row_index("place")
    distinct = told.select("raw").unique().drop_nulls()
    standard = standardise.address(distinct["raw"])
    held = distinct.with_columns(standard.alias("standard")).drop_nulls()
    numbers = encode.house_number(addresses.parse(held["standard"]))
    forms = held.with_columns(
        pl.Series("form", [None if each is None else forms_of(each) for each in numbers.to_list()])
    )
    members = forms.drop_nulls("form").explode("form")
    hashed = key.pseudonymiser("address", "number_near").tokens(members["form"])
    sets = members.select("raw", hashed.alias("token")).group_by("raw").agg("token")
    found = told.join(sets, on="raw", how="left", maintain_order="left")["token"]
    return found.alias("address_number_near")


def forms_of(flat_and_number: str) -> list[str]:
    """'|12' becomes itself, *2, 1*, the places where a digit may be missing, and its digits in rising order."""
    flat, number = flat_and_number.split("|")
    size = len(number)
    changed = [f"{number[:at]}*{number[at + 1 :]}" for at in range(size)]
    missing = [f"{number[:at]}*{number[at:]}" for at in range(size + 1)]
    exchanged = [
        f"{at}:{number[:at]}{''.join(sorted(number[at : at + 2]))}{number[at + 2 :]}"
        for at in range(size - 1)
    ]
    return [f"{flat}|{form}" for form in dict.fromkeys([number, *changed, *missing, *exchanged])]
