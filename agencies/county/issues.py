"""The 25 issues of the synthetic county: how likely each is by family type, and which records can show it.

In: nothing. Out: `ISSUES`, `TYPES`, `WEIGHTS` and `CARRIERS`. A carrier is a way in which an extract shows an issue,
named agency.sign; a family shows an issue only through a carrier that is open to it (a tenant, a pupil, a case).
Source of the four types: the case study's cluster analysis, 18, 9, 41 and 33 per cent (which sum to 101).
"""

from __future__ import annotations

import numpy as np

from agencies.county.chance import Floats

TYPES: tuple[str, ...] = (
    "disaffected_young_people",
    "disengaged_young_people",
    "early_support",
    "isolated_specialist",
)
TYPE_SHARES: tuple[float, ...] = (18.0, 9.0, 41.0, 33.0)
NO_TYPE = "none"

# issue: base weight, then the weight's multiplier for each of the four types
_TABLE: dict[str, tuple[float, float, float, float, float]] = {
    "housing_homelessness": (1.0, 0.8, 0.5, 2.0, 0.6),
    "substance_misuse": (0.3, 2.5, 1.0, 0.4, 1.0),
    "poverty_debt": (1.8, 1.0, 0.7, 2.5, 0.7),
    "physical_health": (0.9, 0.4, 0.5, 1.8, 1.2),
    "mental_health": (1.1, 0.5, 2.5, 0.6, 3.0),
    "disability": (0.6, 0.4, 0.6, 0.7, 3.0),
    "crime_offending": (0.3, 3.0, 1.5, 0.3, 0.3),
    "crime_victim": (1.0, 1.2, 0.8, 1.6, 0.8),
    "low_education": (1.4, 2.0, 3.5, 1.0, 0.4),
    "domestic_violence": (0.9, 0.8, 0.4, 0.6, 2.5),
    "poor_parenting": (0.7, 1.0, 0.8, 2.0, 0.5),
    "isolation": (0.7, 0.3, 0.8, 0.5, 5.0),
    "low_resilience": (0.7, 0.4, 0.6, 2.2, 0.8),
    "limited_choice": (0.5, 0.5, 0.6, 0.8, 3.0),
    "low_aspirations": (0.6, 1.5, 5.0, 0.6, 0.4),
    "multi_implication_incidents": (0.35, 2.5, 3.0, 0.3, 0.4),
    "no_adult_in_work": (0.0, 1.0, 1.0, 1.0, 1.0),
    "childhood_in_care": (0.25, 3.5, 0.6, 0.3, 0.8),
    "chaotic_family_life": (0.6, 3.5, 0.8, 0.8, 0.4),
    "parent_mental_health": (0.8, 0.5, 0.6, 0.8, 3.0),
    "young_carer": (0.4, 0.4, 3.5, 0.4, 1.5),
    "exposure_to_violence": (0.6, 1.2, 0.6, 0.6, 2.0),
    "low_self_esteem": (0.5, 0.5, 4.0, 0.5, 1.2),
    "unresolved_anger": (0.6, 4.0, 1.2, 0.4, 0.3),
    "learned_behaviour": (0.6, 4.0, 1.2, 0.4, 0.3),
}
ISSUES: tuple[str, ...] = tuple(_TABLE)
INDEX: dict[str, int] = {issue: number for number, issue in enumerate(ISSUES)}
# one row per type, one more (the last) for families without a type
WEIGHTS: Floats = np.array(
    [[row[0] * row[t] for row in _TABLE.values()] for t in range(1, 5)]
    + [[row[0] for row in _TABLE.values()]]
)

# issue: carrier and how often it is the one that shows the issue. `early_help.need` stands for a need code.
NEED = "early_help.need"
CARRIERS: dict[str, dict[str, float]] = {
    "housing_homelessness": {"housing.eviction": 2, "housing.homeless": 1, NEED: 1},
    "substance_misuse": {
        "council.substance_flag": 3,
        "police.substance": 2,
        "health.alcohol_drugs": 2,
        NEED: 0.5,
    },
    "poverty_debt": {
        "dwp.out_of_work": 20,
        "schools.free_meals": 3,
        "housing.arrears": 2,
        "council.low_income": 0.4,
        NEED: 0.5,
    },
    "physical_health": {"health.long_term": 4, "council.parental_illness": 0.6, NEED: 0.5},
    "mental_health": {"health.mental": 4, NEED: 1},
    "disability": {"schools.ehcp": 3, "dwp.esa": 1, "council.child_disability": 1, NEED: 0.3},
    "crime_offending": {"police.offence": 1},
    "crime_victim": {"police.victim": 1},
    "low_education": {"schools.absence": 3, "schools.sen": 3, NEED: 1},
    "domestic_violence": {"police.domestic": 4, NEED: 0.5},
    "poor_parenting": {"council.absent_parenting": 2, NEED: 1},
    "isolation": {NEED: 1},
    "low_resilience": {"council.family_distress": 2, NEED: 1},
    "limited_choice": {NEED: 1},
    "low_aspirations": {NEED: 1},
    "multi_implication_incidents": {"police.missing_child": 1},
    "no_adult_in_work": {"dwp.out_of_work": 1},
    "childhood_in_care": {"council.looked_after": 0.5, NEED: 2},
    "chaotic_family_life": {"council.family_dysfunction": 2, NEED: 1},
    "parent_mental_health": {"council.mental_health_flag": 2, NEED: 1},
    "young_carer": {"council.young_carer_flag": 2, NEED: 1},
    "exposure_to_violence": {"police.child_witness": 3, NEED: 0.5},
    "low_self_esteem": {NEED: 1},
    "unresolved_anger": {"police.damage": 1, "schools.assault": 3, NEED: 0.3},
    "learned_behaviour": {"council.behaviour": 2, "schools.bullying": 2, NEED: 0.5},
}
