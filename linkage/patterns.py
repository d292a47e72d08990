"""Agreement patterns: how two records agree, field by field, in words that name no value.

Go in: likely pairs with the level each field reached. Come out: a grade for each field, and how coarsely a pattern
has to be told so that at least ten persons on either side share it. A pattern that even so is rare is not told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from linkage.likely import LEVEL
from linkage.quality import LEAST_PERSONS

GRADES: Final = ("exact", "near", "phonetic", "different", "missing")
WITHHELD: Final = "withheld"
# So little of the value agrees at these levels that a person looking at both would call them different.
_HARDLY: Final = {"initial", "year"}
_BY_SOUND: Final = "phonetic"
_ENDS: Final = ("agency_l", "agency_r")
_MAIN: Final = ("forename", "surname", "date_of_birth", "postcode")
_GRADE: Final = "grade_"


@dataclass(frozen=True)
class Form:
    """How coarsely a pattern is told."""

    names_agencies: bool
    tells_sound: bool
    main_fields_only: bool


# From fine to coarse; a pair takes the first in which its pattern is common enough.
FORMS: Final = (
    Form(names_agencies=True, tells_sound=True, main_fields_only=False),
    Form(names_agencies=False, tells_sound=True, main_fields_only=False),
    Form(names_agencies=False, tells_sound=False, main_fields_only=False),
    Form(names_agencies=False, tells_sound=False, main_fields_only=True),
)


def graded(pairs: pl.DataFrame, levels: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """`pairs` with a column `grade_<field>` for each field compared.

    Args:
        pairs: with columns `level_<field>`.
        levels: field -> names of its levels, best first, as in the run's parameters.
    """
    return pairs.with_columns(
        pl.col(f"{LEVEL}{field}")
        .replace_strict(_grades(tuple(names)), return_dtype=pl.String)
        .alias(f"{_GRADE}{field}")
        for field, names in levels.items()
        if f"{LEVEL}{field}" in pairs.columns
    )


def _grades(names: tuple[str, ...]) -> dict[int, str]:
    between = {place: _grade_of(name) for place, name in enumerate(names)}
    return {-1: "missing", **between, 0: "exact", len(names) - 1: "different"}


def _grade_of(name: str) -> str:
    if name in _HARDLY:
        return "different"
    return "phonetic" if name == _BY_SOUND else "near"


def common(pairs: pl.DataFrame, least: int = LEAST_PERSONS) -> pl.DataFrame:
    """`pairs` with `form`: the place in FORMS at which each may be told, null for one that may not.

    A pattern is common if the pairs that show it have at least `least` persons on either side.
    """
    enough = [_is_common(pairs, form, least) for form in FORMS]
    chosen = (pl.when(told).then(pl.lit(place)) for place, told in enumerate(enough))
    return pairs.with_columns(form=pl.coalesce(*chosen))


def _is_common(pairs: pl.DataFrame, form: Form, least: int) -> pl.Expr:
    alike = [*(_ENDS if form.names_agencies else ()), *_told(pairs, form).values()]
    sides = (pl.col(side).n_unique().over(alike) for side in ("person_l", "person_r"))
    return pl.min_horizontal(*sides) >= least


def _told(pairs: pl.DataFrame, form: Form) -> dict[str, pl.Expr]:
    """Field -> its grade in this form; fields that the form withholds are left out."""
    told = {}
    for field in fields_of(pairs):
        if form.main_fields_only and field not in _MAIN:
            continue
        grade = pl.col(f"{_GRADE}{field}")
        told[field] = grade if form.tells_sound else grade.replace("phonetic", "near")
    return told


def fields_of(pairs: pl.DataFrame) -> list[str]:
    """The fields that have a grade."""
    return [c.removeprefix(_GRADE) for c in pairs.columns if c.startswith(_GRADE)]


def as_told(row: Mapping[str, Any]) -> tuple[tuple[str, str] | None, dict[str, str]]:
    """The agencies and the grades of one pair, in the form it may be told in."""
    form = FORMS[row["form"]]
    fields = {}
    for column, grade in row.items():
        if not column.startswith(_GRADE):
            continue
        field = column.removeprefix(_GRADE)
        is_held = form.main_fields_only and field not in _MAIN
        plain = "near" if grade == "phonetic" and not form.tells_sound else grade
        fields[field] = WITHHELD if is_held else plain
    return ((row["agency_l"], row["agency_r"]) if form.names_agencies else None), fields
