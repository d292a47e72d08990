"""The registered catalogue: dimensions with levels, measures, and cohorts, read from the data files of this folder.

In: catalogue.yaml, cohorts.yaml, the agencies and their list of issues. Out: a frozen `Catalogue`. Never an expression
or a cut-point that comes from a question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import combinations
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .faults import CatalogueFaulty
from .strict_yaml import read_yaml


class Entry(BaseModel):
    """A part of the catalogue: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Band(Entry):
    """A named band of whole numbers, both ends included; without `high` it is open."""

    name: str
    low: int = Field(ge=0)
    high: int | None = None


class Level(Entry):
    """How fine a dimension is shown: exactly one way of saying which categories there are."""

    categories: tuple[str, ...] | None = None
    categories_of: Literal["agencies", "issues"] | None = None
    bands: tuple[Band, ...] | None = None
    merged: str | None = None
    combinations_of: str | None = None
    calendar: Literal["quarter", "year"] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Level:
        if sum(value is not None for value in self.__dict__.values()) != 1:
            raise ValueError("a level has exactly one of its keys")
        for before, after in zip(self.bands or (), (self.bands or ())[1:], strict=False):
            if before.high is None or after.low != before.high + 1:
                raise ValueError("bands follow one another without gap or overlap")
        if self.bands and (self.bands[0].low != 0 or self.bands[-1].high is not None):
            raise ValueError("bands begin at 0 and the last one is open")
        return self


class Dimension(Entry):
    """One way to break figures down; `carried_by` says which records have the category."""

    title: str
    carried_by: Literal["family", "event", "issue", "unit"]
    column: str
    sensitive: bool
    unknown: str | None = None
    may_filter: bool = False
    levels: Mapping[str, Level] = Field(min_length=1)


class Measure(Entry):
    """One figure: what it counts, of which type, and by which dimensions it may be broken down."""

    title: str
    unit: Literal["family", "person"]
    type: Literal["count", "magnitude", "quotient"]
    by: tuple[str, ...]
    requires: tuple[str, ...] = ()
    numerator: str | None = None
    denominator: str | None = None


class Cohort(Entry):
    """A versioned definition of the families a question is about; bounds are included."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: int = Field(ge=1)
    title: str
    help: str
    least_issues: int = Field(default=0, ge=0)
    most_issues: int | None = None
    least_agencies: int = Field(default=0, ge=0)
    least_children: int = Field(default=0, ge=0)

    @property
    def reference(self) -> str:
        """The name a release cites, "complex-needs@1"."""
        return f"{self.name}@{self.version}"


class Catalogue(Entry):
    """Everything that may be asked. `agencies` are those that share, `issues` is the list of issue ids."""

    dimensions: Mapping[str, Dimension]
    measures: Mapping[str, Measure]
    apart: tuple[tuple[str, str], ...] = ()
    cohorts: tuple[Cohort, ...]
    agencies: tuple[str, ...]
    issues: tuple[str, ...]

    @model_validator(mode="after")
    def _names_only_what_is_there(self) -> Catalogue:
        named = {name for measure in self.measures.values() for name in measure.by}
        named |= {name for measure in self.measures.values() for name in measure.requires}
        named |= {name for pair in self.apart for name in pair}
        if named - set(self.dimensions):
            raise ValueError("a measure or a pair names a dimension that is not declared")
        references = [cohort.reference for cohort in self.cohorts]
        if len(set(references)) != len(references):
            raise ValueError("a cohort version stands twice")
        return self

    def cohort(self, name: str) -> Cohort | None:
        """The cohort "name@version", or the newest version of "name"; None if there is none."""
        found = [c for c in self.cohorts if name in (c.name, c.reference)]
        return max(found, key=lambda c: c.version, default=None)

    def categories(self, dimension: str, level: str) -> tuple[str, ...]:
        """The registered categories in order; a calendar level has none of its own (see `Question.categories`)."""
        entry = self.dimensions[dimension].levels[level]
        if entry.combinations_of is not None:
            return self._combinations(entry.combinations_of)
        if entry.bands is not None:
            return tuple(band.name for band in entry.bands)
        if entry.merged is not None:
            return (entry.merged,)
        if entry.categories_of is not None:
            return self.issues if entry.categories_of == "issues" else self.agencies
        return entry.categories or ()

    def _combinations(self, dimension: str) -> tuple[str, ...]:
        """Every set of categories of another dimension, written sorted and joined by "+"."""
        single = sorted(self.categories(dimension, dimension))
        sizes = range(1, len(single) + 1)
        return tuple("+".join(chosen) for size in sizes for chosen in combinations(single, size))


def load_catalogue(
    catalogue: str | None = None,
    cohorts: str | None = None,
    issues: Sequence[str] | None = None,
    agencies: Sequence[str] | None = None,
) -> Catalogue:
    """The catalogue from YAML texts and names; what is not given is what is shipped.

    Raises `CatalogueFaulty`, which names the place and the rule.
    """
    here = files("gateway.questions")
    body = _mapping(catalogue or here.joinpath("catalogue.yaml").read_text("utf-8"), "catalogue")
    listed = _mapping(cohorts or here.joinpath("cohorts.yaml").read_text("utf-8"), "cohorts")
    named = {
        "issues": issues or _shipped_issues(),
        "agencies": _shipped_agencies() if agencies is None else agencies,
    }
    try:
        return Catalogue.model_validate({**body, **listed, **named})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CatalogueFaulty(f"{place or 'catalogue'}: {first['msg']}") from None


@lru_cache(maxsize=1)
def shipped_catalogue() -> Catalogue:
    """The catalogue that comes with the gateway, read once."""
    return load_catalogue()


def _shipped_issues() -> tuple[str, ...]:
    text = files("agencies").joinpath("reference", "issues.yaml").read_text("utf-8")
    return tuple(entry["id"] for entry in _mapping(text, "issues")["issues"])


def _shipped_agencies() -> tuple[str, ...]:
    names = [file.name for file in files("agencies").joinpath("catalogue").iterdir()]
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def _mapping(text: str, name: str) -> dict[str, Any]:
    body = read_yaml(text)
    if not isinstance(body, dict):
        raise CatalogueFaulty(f"{name}: a mapping is expected")
    return body
