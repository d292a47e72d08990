"""The obligations that go with a permitted question; over several protocols the strictest of each wins.

An obligation without a known order of strictness cannot be honoured and raises ObligationUnknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from policies.sections.disclosure import (
    Budget,
    CostNoise,
    CountNoise,
    Differencing,
    DisclosureClause,
    Dominance,
    LineRule,
    PrivacyBudget,
    ReleaseRule,
    Rounding,
)

HOUSE: Final = "6"


class ObligationUnknown(ValueError):
    """A protocol states an obligation that nothing here can weigh; the question is refused."""


@dataclass(frozen=True, slots=True)
class Obligations:
    """What has to be done with the figures before they leave.

    Units: `min_cell`, `line.min_families` and noise in families; `rounding` in families; costs in GBP;
    `cost_noise` as shares; `output_retention_days` in days. `clauses` says which clause states each.
    `release` is "auto" or "four_eyes" and `release_why` its explanation. `privacy_budget` goes with the method
    "differential_privacy".
    """

    min_cell: int
    rounding: int
    rounding_method: str
    cost_rounding_gbp: int
    max_dimensions: int
    max_cells: int
    count_noise: CountNoise
    cost_noise: CostNoise
    method: str
    privacy_budget: PrivacyBudget | None
    line: LineRule
    differencing: Differencing | None
    dominance: Dominance | None
    min_agencies_in_cell: int
    also_suppress_zero: bool
    budget: Budget | None
    release: str
    release_why: str
    output_retention_days: int | None
    clauses: Mapping[str, str]


Stated = Mapping[str, tuple[Any, str]]

# What holds where a protocol is silent. A protocol may state its own number for each.
FLOOR: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "cost_rounding_gbp": 500,
        "count_noise": CountNoise(sd=2.0, clip=5),
        "cost_noise": CostNoise(low=0.10, high=0.20),
        "method": "keyed_noise",
        "line": LineRule(min_cells=2, min_families=10),
        "min_agencies_in_cell": 1,
        "also_suppress_zero": True,
        "secondary": "complementary",
    }
)


def stated_by(disclosure: Iterable[DisclosureClause]) -> dict[str, tuple[Any, str]]:
    """Obligation -> (value, clause) of one protocol, the floor filled in where it is silent."""
    found: dict[str, tuple[Any, str]] = {name: (value, HOUSE) for name, value in FLOOR.items()}
    for clause in disclosure:
        found.update((name, (value, clause.clause)) for name, value in clause.stated().items())
    return found


def strictest(stated: Iterable[Stated]) -> Obligations:
    """Merge the obligations of every protocol that decided; needs at least one.

    Raises ObligationUnknown for a name without an order, or when a required one is missing.
    """
    merged: dict[str, tuple[Any, str]] = {}
    for protocol in stated:
        for name, (value, clause) in protocol.items():
            if name not in _STRICTER:
                raise ObligationUnknown("an obligation has no known order of strictness")
            merged[name] = _stricter(name, merged.get(name), (value, clause))
    return _build(merged)


def _stricter(name: str, held: tuple[Any, str] | None, new: tuple[Any, str]) -> tuple[Any, str]:
    if held is None:
        return new
    value = _STRICTER[name](held[0], new[0])
    # Parts of two clauses may both bind (a lower share here, a higher count there): then cite both.
    cited = [clause for old, clause in (held, new) if old == value]
    return value, cited[0] if cited else ", ".join(dict.fromkeys((held[1], new[1])))


def _build(merged: Mapping[str, tuple[Any, str]]) -> Obligations:
    values = {name: value for name, (value, _) in merged.items()}
    try:
        rounding, release = values["rounding"], values["release"]
        return Obligations(
            min_cell=values["min_cell"],
            rounding=rounding.to,
            rounding_method=rounding.method,
            cost_rounding_gbp=values["cost_rounding_gbp"],
            max_dimensions=values["max_dimensions"],
            max_cells=values["max_cells"],
            count_noise=values["count_noise"],
            cost_noise=values["cost_noise"],
            method=values["method"],
            privacy_budget=values.get("privacy_budget"),
            line=values["line"],
            differencing=values.get("differencing"),
            dominance=values.get("dominance"),
            min_agencies_in_cell=values["min_agencies_in_cell"],
            also_suppress_zero=values["also_suppress_zero"],
            budget=values.get("budget"),
            release="four_eyes" if release.four_eyes else "auto",
            release_why=(release.why or "").strip(),
            output_retention_days=values.get("output_retention_days"),
            clauses=MappingProxyType({name: clause for name, (_, clause) in merged.items()}),
        )
    except KeyError:
        raise ObligationUnknown("a required obligation is not stated") from None


def _count_noise(one: CountNoise, two: CountNoise) -> CountNoise:
    return CountNoise(sd=max(one.sd, two.sd), clip=max(one.clip, two.clip))


def _cost_noise(one: CostNoise, two: CostNoise) -> CostNoise:
    return CostNoise(low=max(one.low, two.low), high=max(one.high, two.high))


def _rounding(one: Rounding, two: Rounding) -> Rounding:
    controlled = "controlled_seeded" in (one.method, two.method)
    method = one.method if one.method == two.method or not controlled else "controlled_seeded"
    return Rounding(to=max(one.to, two.to), method=method)


def _line(one: LineRule, two: LineRule) -> LineRule:
    return LineRule(
        min_cells=max(one.min_cells, two.min_cells),
        min_families=max(one.min_families, two.min_families),
    )


def _dominance(one: Dominance, two: Dominance) -> Dominance:
    return Dominance(n=max(one.n, two.n), k=min(one.k, two.k))


def _differencing(one: Differencing, two: Differencing) -> Differencing:
    return Differencing(
        min_population_change=max(one.min_population_change, two.min_population_change),
        window_days=max(one.window_days, two.window_days),
        on_hit="withhold" if "withhold" in (one.on_hit, two.on_hit) else "hold_for_checker",
    )


def _budget(one: Budget, two: Budget) -> Budget:
    return Budget(
        queries_per_day=min(one.queries_per_day, two.queries_per_day),
        queries_per_quarter=min(one.queries_per_quarter, two.queries_per_quarter),
    )


def _release(one: ReleaseRule, two: ReleaseRule) -> ReleaseRule:
    return one if one.four_eyes else two


def _method(one: str, two: str) -> str:
    # No method is the stricter of two: each promises something that the other does not.
    if one != two:
        raise ObligationUnknown("the protocols oblige to different methods")
    return one


def _privacy_budget(one: PrivacyBudget, two: PrivacyBudget) -> PrivacyBudget:
    return PrivacyBudget(
        epsilon=min(one.epsilon, two.epsilon),
        delta=min(one.delta, two.delta),
        # More tables: a smaller share for each.
        tables=max(one.tables, two.tables),
        unit="family",
        per="vintage",
    )


_STRICTER: Final[Mapping[str, Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        "min_cell": max,
        "also_suppress_zero": max,
        "secondary": max,
        "rounding": _rounding,
        "cost_rounding_gbp": max,
        "count_noise": _count_noise,
        "cost_noise": _cost_noise,
        "method": _method,
        "privacy_budget": _privacy_budget,
        "line": _line,
        "max_dimensions": min,
        "max_cells": min,
        "dominance": _dominance,
        "min_agencies_in_cell": max,
        "differencing": _differencing,
        "budget": _budget,
        "release": _release,
        "output_retention_days": min,
    }
)
