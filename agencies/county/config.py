"""Every number that shapes the synthetic county, in frozen dataclasses; the errors' rates among them.

In: nothing. Out: `CountyConfig`, and one independent random generator per named part of the county.
Never: a number that only a module knows about and that an experiment would want to change.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date

import numpy as np


@dataclass(frozen=True)
class ErrorRates:
    """Share of registrations (one person in one agency) that carry each error; 0 to 1."""

    typing_name: float = 0.025
    typing_date: float = 0.012
    typing_postcode: float = 0.010
    typing_street: float = 0.03
    typing_number: float = 0.0
    nickname: float = 0.05
    day_month_swapped: float = 0.006
    earlier_surname: float = 0.10
    missing_sex: float = 0.02
    missing_address: float = 0.006
    missing_postcode: float = 0.005
    missing_uprn: float = 0.12
    missing_nhs_number: float = 0.10
    missing_nino: float = 0.12
    missing_upn: float = 0.05
    missing_relative: float = 0.06
    address_abbreviated: float = 0.35
    address_without_town: float = 0.25
    move_never_told: float = 0.15
    move_told_within_days: int = 150
    bad_row: float = 0.004


@dataclass(frozen=True)
class HomeRates:
    """How the county's families live and move; shares of families over the whole period."""

    moving: float = 0.14
    moving_to_another_district: float = 0.10
    moving_to_a_home_just_left: float = 0.02
    separating: float = 0.03
    sharing_an_address: float = 0.02
    in_flats: float = 0.10
    homes_per_postcode: int = 5


@dataclass(frozen=True)
class Programme:
    """The early help programme, whose effect is known: each later service event survives with `effect`.

    Arms are shares of families with complex needs and of families at risk; the rest have no early help case.
    """

    effect: float = 0.65
    first_start: date = date(2024, 4, 1)
    quarters: int = 4
    accepted: tuple[float, float] = (0.36, 0.08)
    declined: tuple[float, float] = (0.14, 0.04)
    comparison: tuple[float, float] = (0.36, 0.08)


@dataclass(frozen=True)
class CountyConfig:
    """One county. Counts scale with `families`; every rate stays as it is."""

    seed: int = 2026
    families: int = 6000
    complex_share: float = 1 / 6
    at_risk_share: float = 1 / 2
    first_day: date = date(2023, 4, 1)
    last_day: date = date(2026, 3, 31)
    errors: ErrorRates = field(default_factory=ErrorRates)
    homes: HomeRates = field(default_factory=HomeRates)
    programme: Programme = field(default_factory=Programme)

    def __post_init__(self) -> None:
        if self.families < 60:
            raise CountyTooSmall("a county needs at least 60 families to hold every group in it")

    @property
    def days(self) -> int:
        """Length of the period in days, both ends included."""
        return (self.last_day - self.first_day).days + 1

    @property
    def years(self) -> float:
        """Length of the period in years."""
        return self.days / 365.25

    def rng(self, part: str) -> np.random.Generator:
        """A generator of its own for each named part: a change in one part leaves the others as they were."""
        return np.random.default_rng([self.seed, zlib.crc32(part.encode())])


class CountyTooSmall(ValueError):
    """The asked-for number of families cannot hold every group of families."""
