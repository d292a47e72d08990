"""Background knowledge of an attacker: the catalogue, which is public, and how tables of it lie in one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from gateway.questions import shipped_catalogue
from tests.redteam.disclosure.asker import Body, Place, place_of, question

WHOLE = ("2024-04", "2026-03")
LEVELS = {
    "district": "district",
    "issues": "banded",
    "agency": "agency",
    "issue": "issue",
    "period": "quarter",
    "known_to": "combination",
}
# In these a family has one place, so that counts of the parts add up.
ADDITIVE = ("district", "issues", "known_to")
COHORTS = ("all-families", "complex-needs", "at-risk")
# The bands that the two smaller cohorts lie in.
BANDS_OF = {"complex-needs": ("5-6", "7-9", "10+"), "at-risk": ("2-4",)}


@lru_cache(maxsize=16)
def categories(dimension: str) -> tuple[str, ...]:
    """The categories of a dimension that somebody can be in."""
    found = shipped_catalogue().categories(dimension, LEVELS[dimension])
    return tuple(c for c in found if c != "unknown")


AGENCIES = categories("agency")


def table(
    *measures: str,
    by: tuple[str, ...] = (),
    cohort: str = "all-families",
    period: tuple[str, str] = WHOLE,
    agencies: tuple[str, ...] = (),
    purpose: str = "sf-evaluation",
) -> Body:
    """A question by dimensions at their usual levels."""
    levels: Mapping[str, str] = {name: LEVELS[name] for name in by}
    return question(
        *measures, by=levels, cohort=cohort, period=period, agencies=agencies, purpose=purpose
    )


def lines(place: Place, dimension: str) -> Iterator[Place]:
    """The other places of the line through `place` along a dimension."""
    here = dict(place)
    for category in categories(dimension):
        if category != here[dimension]:
            yield place_of({**here, dimension: category})


def dropped(place: Place, dimension: str) -> Place:
    """The place in the table without that dimension."""
    return tuple((name, category) for name, category in place if name != dimension)
