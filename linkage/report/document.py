"""The report of a linkage run as one JSON document, of a form that is kept stable.

Go in: the run's parameters, the figures that `linkage.evidence` gathered, quality by group, and what a review said.
Comes out: plain values, counts to ten. Nothing is worked out from records here.
"""

import re
from collections.abc import Mapping, Sequence
from math import log2
from typing import Any, Final

SCHEMA: Final = "linkage-report/1"
_EQUAL: Final = re.compile(r"l\.(\w+) = r\.\w+")


def report_document(
    *,
    run: Mapping[str, Any],
    parameters: Mapping[str, Any],
    figures: Mapping[str, Any],
    groups: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    review: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Put a report together.

    Args:
        run: number, ended_at (ISO), records, persons, families (to ten, None for fewer than ten).
        parameters: `LinkageResult.parameters`. figures: `LinkageResult.evidence.figures`.
        groups: kind of group (age_band, say) -> rows of `linkage.quality.by_group`.
        review: `ReviewEstimate.to_dict()`; None before anybody gave a verdict.
    """
    return {
        "schema": SCHEMA,
        "run": dict(run),
        "link_at": parameters["link_at"],
        "chosen_by_model": bool(parameters.get("link_at_chosen_by_model")),
        "mode": parameters.get("mode", "full"),
        "expected": figures["expected"],
        "review": review,
        "match_weights": figures["match_weights"],
        "trade_off": figures["trade_off"],
        "cluster_sizes": figures["cluster_sizes"],
        "coverage": figures["coverage"],
        "agency_pairs": figures["agency_pairs"],
        "groups": {kind: [dict(row) for row in rows] for kind, rows in (groups or {}).items()},
        "model": _model(parameters),
        "blocking": {
            "used": [rule_in_words(rule) for rule in parameters.get("blocking", ())],
            "left_out": [rule_in_words(rule) for rule in parameters.get("blocking_left_out", ())],
        },
        "seed": parameters["seed"],
        "family_rule": parameters["family"]["name"],
        "versions": dict(parameters.get("versions", {})),
    }


def _model(parameters: Mapping[str, Any]) -> dict[str, Any]:
    model = parameters.get("model") or {"prior": None, "levels": {}}
    bounded = set(parameters.get("bounded_levels", ()))
    return {
        "prior": model["prior"],
        "levels": [
            {
                "field": name,
                "level": level,
                "m": pair["m"],
                "u": pair["u"],
                "weight": _weight(pair["m"], pair["u"]),
                "bounded": [each for each in ("m", "u") if f"{each} of {name}: {level}" in bounded],
            }
            for name, levels in model["levels"].items()
            for level, pair in levels.items()
        ],
    }


def _weight(m: float, u: float) -> float | None:
    """The match weight of a level, in bits (Fellegi and Sunter 1969)."""
    return round(log2(m / u), 2) if m > 0 and u > 0 else None


def rule_in_words(rule: str) -> str:
    """A blocking rule as a person reads it: "same date of birth and surname by sound"."""
    columns = [name for name in _EQUAL.findall(rule) if name != "list_no"]
    return "same " + " and ".join(map(_column_in_words, columns)) if columns else "all pairs"


_SAID: Final = {
    "exact": "{}",
    "nysiis": "{} by sound (NYSIIS)",
    "sound": "{} by sound (metaphone)",
    "group": "{} or its nicknames",
    "outward": "first half of the {}",
    "sector": "sector of the {}",
    "year": "year of the {}",
    "prefix3": "first 3 letters of the {}",
    "prefix4": "first 4 letters of the {}",
}


def _column_in_words(column: str) -> str:
    field, _, level = column.rpartition("_")
    return _SAID[level].format(in_words(field)) if level in _SAID else in_words(column)


def in_words(name: str) -> str:
    """The name of a field, an agency or a kind of group, as a person reads it."""
    return {"nhs_number": "NHS number", "nino": "National Insurance number", "upn": "UPN"}.get(
        name, name.removeprefix("other_").replace("_", " ")
    )
