"""Record linkage on keyed tokens: identifiers in, random person and family ids out."""

from linkage.families import RULES, FamilyRule, family_at, memberships
from linkage.link import link_records
from linkage.result import LinkageResult
from linkage.settings import LinkageSettings
from linkage.told import told_again
from linkage.train import reference_model

__all__ = [
    "RULES",
    "FamilyRule",
    "LinkageResult",
    "LinkageSettings",
    "family_at",
    "link_records",
    "memberships",
    "reference_model",
    "told_again",
]
