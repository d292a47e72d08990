"""Whether the county's families can be found at all: known persons, then one address or one declared relative.

This is the ceiling for linkage, measured with a plain rule: exact house number and postcode, no dates, no spelling.
"""

from __future__ import annotations

import polars as pl

_SHORT = {"STREET": "ST", "ROAD": "RD", "LANE": "LN", "AVENUE": "AVE", "CLOSE": "CL"}


def _group(size: int, edges: list[tuple[int, int]]) -> list[int]:
    root = list(range(size))

    def find(x: int) -> int:
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        return x

    for a, b in edges:
        root[find(a)] = find(b)
    return [find(x) for x in range(size)]


def _rows(county) -> pl.DataFrame:
    parts = []
    for e in county.recorded:
        number = (
            pl.col("address")
            .str.to_uppercase()
            .str.replace(r"^(\d+)/", "FLAT ${1} ")
            .str.extract(r"^((?:FLAT \d+\W+)?\d+)")
        )
        parts.append(
            e.cells.select(
                person=e.service["person"],
                agency=pl.lit(e.dataset.agency),
                reference=e.dataset.column_for("agency_id"),
                place=pl.concat_str(
                    number.str.replace_all(r"\W+", " "), pl.lit(" "), pl.col("postcode")
                ),
                guardian=pl.col("guardian_id")
                if "guardian_id" in e.cells.columns
                else pl.lit(None, pl.String),
                partner=pl.col("partner_id")
                if "partner_id" in e.cells.columns
                else pl.lit(None, pl.String),
            ).filter(e.fault.is_null())
        )
    return pl.concat(parts)


def test_household_and_kin_rules_can_find_95_per_cent_of_families_exactly(whole):
    rows = _rows(whole)
    edges: list[tuple[int, int]] = []
    homes = rows.filter(pl.col("place").is_not_null()).select("person", "place").unique()
    for people in homes.group_by("place").agg("person")["person"]:
        edges += [(people[0], other) for other in people[1:]]
    owner = rows.select("agency", "reference", other="person").unique()
    for relative in ("guardian", "partner"):
        kin = rows.select("person", "agency", reference=relative).drop_nulls().unique()
        edges += list(
            kin.join(owner, on=["agency", "reference"]).select("person", "other").iter_rows()
        )
    found = _group(whole.people.height, edges)
    present = (
        rows.select("person")
        .unique()
        .join(whole.people.select("person", "family"), on="person")
        .with_columns(found=pl.col("person").replace_strict(dict(enumerate(found))))
    )
    families = present.group_by("family").agg(
        pl.col("found").n_unique().alias("parts"), pl.col("found").first()
    )
    sizes = present.group_by("found").agg(pl.col("family").n_unique().alias("mixed"))
    exact = families.join(sizes, on="found").select((pl.col("parts") == 1) & (pl.col("mixed") == 1))
    assert exact.to_series().mean() >= 0.95
