"""Which family rules there are, by name and version, and the parameters that go with them.

Goes in: the name a protocol states. Comes out: a `FamilyRule`. A name that is not here is refused,
and a version is never edited once a release used it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from linkage.errors import SettingsInvalid

DEFAULT = "household-and-kin@1"
Source = Literal["home", "home_careful", "kin"]
Grouping = Literal["together", "kept_apart"]


@dataclass(frozen=True)
class Definition:
    """What a rule is made of.

    Attributes:
        says: the rule in one sentence, as a protocol may put it.
        ties: what ties two persons, see `families.ties`.
        grouping: how tied persons become families, see `families.groups`.
    """

    says: str
    ties: tuple[Source, ...]
    grouping: Grouping = "together"


_ADDRESS = "the people who lived at one residential address over overlapping dates"
RULES: Mapping[str, Definition] = MappingProxyType(
    {
        "household@1": Definition(f"A family is {_ADDRESS}.", ("home",)),
        "kin@1": Definition(
            "A family is the people whom an agency declares as each other's parent, guardian or "
            "partner, wherever they live.",
            ("kin",),
        ),
        "household-and-kin@1": Definition(
            f"A family is {_ADDRESS}, and those whom an agency declares as their parent, "
            "guardian or partner.",
            ("home", "kin"),
        ),
        "household-and-kin@2": Definition(
            f"A family is {_ADDRESS}, and those whom an agency declares as their parent, "
            "guardian or partner. Two groups at one address, each held together by a declared "
            "relative, a surname or an earlier home in common and by none of these to each other, "
            "are two families.",
            ("home_careful", "kin"),
            "kept_apart",
        ),
    }
)


@dataclass(frozen=True)
class FamilyRule:
    """A family rule and its parameters.

    Attributes:
        name: the rule and its version, one of `RULES`.
        near_days: two stays at one place this many days apart still count as together.
        settled_days: where a rule asks that nobody moved between, the same for such stays.
        far_days: so do stays this far apart when the surnames agree and nobody moved between.
        largest_household: an address with more persons at once is not a household.

    Raises:
        SettingsInvalid: no such rule, or a parameter out of range.
    """

    name: str = DEFAULT
    near_days: int = 120
    settled_days: int = 365
    far_days: int = 1096
    largest_household: int = 12

    def __post_init__(self) -> None:
        if self.name not in RULES:
            raise SettingsInvalid("The family rule is not known")
        if (
            not 0 <= self.near_days <= self.far_days
            or min(self.settled_days, self.largest_household - 2) < 0
        ):
            raise SettingsInvalid("A parameter of the family rule is out of range")

    @property
    def definition(self) -> Definition:
        """What the rule is made of."""
        return RULES[self.name]
