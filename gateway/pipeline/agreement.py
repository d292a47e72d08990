"""What the protocols agreed and what the gateway computes must be one thing. In: both; out: nothing, or a refusal.

Checked at the start: a cohort that the catalogue defines otherwise than its clause says would be released under a
name that the controllers gave to something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.questions import Catalogue
from gateway.questions import Cohort as Computed
from linkage import FAMILY_RULES, FamilyRule
from linkage.errors import SettingsInvalid
from policies import Rulebook
from policies.sections.purposes import Cohort as Agreed


class AgreementBroken(Exception):
    """A protocol agreed on something that this gateway does not compute; the message names the clauses."""


def require_agreement(rulebook: Rulebook, catalogue: Catalogue) -> None:
    """Raise AgreementBroken unless every agreed cohort and family rule is computed as agreed."""
    broken = [*_cohorts(rulebook, catalogue), *_family_rules(rulebook)]
    if broken:
        raise AgreementBroken("; ".join(broken))


def family_rule(rulebook: Rulebook) -> FamilyRule:
    """The rule by which persons become families: the protocols' own, or the default where they are silent."""
    agreed = {each.family.rule for each in rulebook.protocols if each.family is not None}
    if len(agreed) > 1:
        raise AgreementBroken("the protocols agreed on different family rules")
    return FamilyRule(name=agreed.pop()) if agreed else FamilyRule()


def _cohorts(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[str]:
    for protocol in rulebook.protocols:
        for agreed in protocol.cohorts.agreed if protocol.cohorts else ():
            computed = catalogue.cohort(f"{agreed.id}@{agreed.version}")
            if computed is None:
                yield f"clause {agreed.clause}: the catalogue has no such cohort"
            elif not _is_same(agreed, computed):
                yield f"clause {agreed.clause}: the catalogue defines this cohort otherwise"


def _is_same(agreed: Agreed, computed: Computed) -> bool:
    said = agreed.definition
    return (said.min_issues, said.max_issues, said.min_agencies, int(said.with_children)) == (
        *(computed.least_issues, computed.most_issues),
        *(computed.least_agencies, computed.least_children),
    )


def _family_rules(rulebook: Rulebook) -> Iterator[str]:
    for protocol in rulebook.protocols:
        if protocol.family is not None and protocol.family.rule not in FAMILY_RULES:
            known = ", ".join(FAMILY_RULES)
            yield f"clause {protocol.family.clause}: no such family rule here; there are {known}"
    try:
        family_rule(rulebook)
    except SettingsInvalid:
        return  # told above, with its clause
    except AgreementBroken as broken:
        yield str(broken)
