"""Record linkage on keyed tokens: identifiers in, random person and family ids out."""

from linkage.families import RULES as FAMILY_RULES
from linkage.families import FamilyRule, family_at, memberships
from linkage.frames import LinkedFrames, link
from linkage.link import link_records
from linkage.result import LinkageResult
from linkage.settings import LinkageSettings
from linkage.told import told_again
from linkage.train import reference_model

__all__ = [
    "FAMILY_RULES",
    "FamilyRule",
    "LinkageResult",
    "LinkageSettings",
    "LinkedFrames",
    "family_at",
    "link",
    "link_records",
    "memberships",
    "reference_model",
    "told_again",
]
