"""The questions of the demo: one that the protocol must refuse, three that it permits. Data, no code."""

from __future__ import annotations

from typing import Any, Final

PURPOSE: Final = "sf-evaluation"
THREE_YEARS: Final = {"from": "2023-04", "to": "2026-03"}
LAST_TWO_YEARS: Final = {"from": "2024-04", "to": "2026-03"}

# A natural first question: too many breakdowns, too many cells, and further back than anybody agreed.
REFUSED: Final[dict[str, Any]] = {
    "purpose": PURPOSE,
    "cohort": "complex-needs",
    "unit": "family",
    "measures": ["families", "cost_per_family"],
    "by": {"district": "district", "agency": "agency", "issues": "banded", "period": "quarter"},
    "period": {"from": "2018-01", "to": "2026-03"},
}

PERMITTED: Final[tuple[dict[str, Any], ...]] = (
    {
        "purpose": PURPOSE,
        "cohort": "complex-needs",
        "unit": "family",
        "measures": ["families", "cost", "cost_per_family"],
        "by": {"district": "district"},
        "period": LAST_TWO_YEARS,
    },
    {
        "purpose": PURPOSE,
        "cohort": "complex-needs",
        "unit": "family",
        "measures": ["families", "cost", "cost_per_family"],
        "by": {"agency": "agency", "period": "year"},
        "period": THREE_YEARS,
    },
    {
        "purpose": PURPOSE,
        "cohort": "complex-needs",
        "unit": "family",
        "measures": ["families", "issue_prevalence"],
        "by": {"issue": "issue"},
    },
)
