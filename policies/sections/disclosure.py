"""Section 6 of a protocol: the obligations that go with every permitted question.

An obligation with a name that this file does not know makes the document invalid: nobody would honour it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from policies.terms import Clause, Days, Section, Text

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]


class Rounding(Section):
    """Rounding base of counts."""

    to: Positive
    method: Literal["controlled_seeded", "nearest"]


class CountNoise(Section):
    """Keyed normal noise on counts: standard deviation and the clip, both in families."""

    sd: Annotated[float, Field(gt=0, le=100)]
    clip: Positive


class CostNoise(Section):
    """Evans-Zayatz-Slanta: each family's costs times 1 +- t, t between `low` and `high`."""

    low: Share
    high: Share


class LineRule(Section):
    """A line with a withheld cell hides at least so many cells and so many families."""

    min_cells: Annotated[int, Field(ge=2)]
    min_families: Positive


class Dominance(Section):
    """No n families make up more than the share k of a sum."""

    n: Positive
    k: Share


class Differencing(Section):
    """Two releases may not differ by fewer families than `min_population_change`."""

    min_population_change: Positive
    window_days: Days
    on_hit: Literal["hold_for_checker", "withhold"]


class Budget(Section):
    """How many questions one person may ask."""

    queries_per_day: Positive
    queries_per_quarter: Positive


class PrivacyBudget(Section):
    """Differential privacy: epsilon and delta for each vintage, spent in equal shares by so many tables.

    The family is what is protected; the budget is that of a vintage, whoever asks. No other unit is understood.
    """

    epsilon: Annotated[float, Field(gt=0, le=3)]
    delta: Annotated[float, Field(ge=0, le=1e-6)] = 0.0
    tables: Positive
    unit: Literal["family"]
    per: Literal["vintage"]


class ReleaseRule(Section):
    """Whether a second person looks at a protected table before it leaves, and why not if not."""

    four_eyes: bool
    auto_release: bool
    why: Text | None = None


class DisclosureClause(Section):
    """One numbered clause with one or more obligations."""

    clause: Clause
    min_cell: Annotated[int, Field(ge=5)] | None = None
    also_suppress_zero: bool | None = None
    secondary: Literal["complementary"] | None = None
    rounding: Rounding | None = None
    cost_rounding_gbp: Positive | None = None
    count_noise: CountNoise | None = None
    cost_noise: CostNoise | None = None
    method: Literal["keyed_noise", "suppression", "differential_privacy"] | None = None
    privacy_budget: PrivacyBudget | None = None
    line: LineRule | None = None
    max_dimensions: Count | None = None
    max_cells: Positive | None = None
    dominance: Dominance | None = None
    min_agencies_in_cell: Positive | None = None
    differencing: Differencing | None = None
    budget: Budget | None = None
    release: ReleaseRule | None = None
    output_retention_days: Days | None = None

    def stated(self) -> dict[str, object]:
        """The obligations this clause states, by name."""
        names = (name for name in type(self).model_fields if name != "clause")
        return {name: value for name in names if (value := getattr(self, name)) is not None}
