"""What a method does, in one or two sentences for whoever reads the release. In: the terms. Out: plain words.

Says what was done to every figure alike; never a word about one cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.disclosure.ezs import LEAST, MOST
from gateway.disclosure.rules import Rules

if TYPE_CHECKING:
    from .exact_rules import ExactRules
    from .opendp_noise import Noise
    from .privacy_rules import PrivacyRules

_DOMINATED = "a cost that few families nearly pay alone"
_COSTS = f"each family's costs are {LEAST:.0%} to {MOST:.0%} too high or too low"


def say_noisy(rules: Rules) -> str:
    """Keyed noise."""
    return (
        f"Keyed noise: counts carry noise of standard deviation {rules.noise_sd:g}, at most {rules.noise_limit:g} either way, "
        f"and are rounded to {rules.rounding}; {_COSTS}, and sums of them are rounded to £{rules.cost_rounding_gbp}. "
        f"A figure of fewer than {rules.min_cell} families is withheld, and {_DOMINATED}, and others with them so that they do not follow."
    )


def say_exact(rules: ExactRules) -> str:
    """Exact margins with suppression."""
    return (
        f"Suppression, for one published table: counts that are shown are {_rounded(rules.rounding)}; costs are sums "
        f"({_rounded(rules.cost_rounding_gbp, '£', 'to the pound')}) in which {_COSTS}. A figure of fewer than {rules.min_cell} families is "
        f"withheld, and {_DOMINATED}, and others with them so that they do not follow; no other table of this data leaves."
    )


def say_private(rules: PrivacyRules, noise: Noise) -> str:
    """Differential privacy."""
    delta = f" and delta {rules.delta:g}" if rules.delta else ""
    one = f"one of {rules.tables} tables that share" if rules.tables > 1 else "the one table of"
    rounded = _rounded(rules.rounding, exact="not rounded")
    return (
        f"Differential privacy, with the family as its unit: counts carry {noise.name} noise of scale {noise.scale:,.3g}, "
        f"empty cells too, as {one} a budget of epsilon {rules.epsilon:g}{delta} for this state of the data. "
        f"Figures are {rounded}; any that came out under {rules.min_cell} is withheld, whatever the exact figure."
    )


def _rounded(base: int, unit: str = "", exact: str = "exact") -> str:
    return exact if base == 1 else f"rounded to {unit}{base}"
