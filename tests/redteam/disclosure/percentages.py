"""From percentages to what they are percentages of: a rate shown beside a total gives a numerator that is not shown.

Source: Office for National Statistics, "Policy on protecting confidentiality in tables of birth and death statistics" (rates
from small numerators); Hundepool et al. (2012), 4.1. A share k/n to three decimals and n give k; a mean and a sum give n.
Background knowledge: none.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.redteam.disclosure.asker import Answers, Asker
from tests.redteam.disclosure.knowledge import COHORTS, dropped, table
from tests.redteam.disclosure.sums import Claim, cell

SHARE_STEP, MEAN_STEP = 0.0005, 0.5
SHARES = (("district", "issue"), ("issue", "issues"))
MEANS = (("agency", "district", "issues"), ("agency", "district", "period"), ("agency", "issues"))


def attack(asker: Asker) -> list[Claim]:
    """Numerators of shares, and denominators of means."""
    answers = Answers(asker)
    return [*_numerators(answers), *_denominators(answers)]


def _numerators(answers: Answers) -> Iterator[Claim]:
    method = answers.asker.method
    for cohort in COHORTS:
        for by in SHARES:
            asked = table("issue_prevalence", by=by, cohort=cohort)
            whole = table("families", by=tuple(d for d in by if d != "issue"), cohort=cohort)
            for place, found in list(answers.cells(asked, "issue_prevalence")):
                size = answers.value(whole, "families", dropped(place, "issue"))
                if found.value is None or size is None:
                    continue
                target = cell(table("families", by=by, cohort=cohort), "families", place)
                low = (found.value - SHARE_STEP) * (size - method.count_reach)
                high = (found.value + SHARE_STEP) * (size + method.count_reach)
                # A share of released figures is no better than those.
                slack = method.count_reach
                sd = max(method.count_sd, (high - low) / 6)
                yield Claim(target, max(low - slack, 0), high + slack, found.value * size, sd)


def _denominators(answers: Answers) -> Iterator[Claim]:
    method = answers.asker.method
    for by in MEANS if method.has_costs else ():
        asked = table("cost", "cost_per_family", by=by)
        for place, found in list(answers.cells(asked, "cost_per_family")):
            cost = answers.value(asked, "cost", place)
            if not found.value or not cost:
                continue
            target = cell(table("families", by=by), "families", place)
            slack = method.count_reach
            low = (cost - method.cost_reach) / (found.value + MEAN_STEP) - slack
            high = (cost + method.cost_reach) / max(found.value - MEAN_STEP, 1) + slack
            best = cost / found.value
            yield Claim(target, max(low, 0), high, best, max(method.count_sd, (high - low) / 6))
