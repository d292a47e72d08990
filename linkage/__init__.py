"""Record linkage on keyed tokens: identifiers in, random person and family ids out."""

from linkage.link import link_records
from linkage.result import LinkageResult
from linkage.settings import FamilyRule, LinkageSettings
from linkage.told import told_again
from linkage.train import reference_model

__all__ = [
    "FamilyRule",
    "LinkageResult",
    "LinkageSettings",
    "link_records",
    "reference_model",
    "told_again",
]
