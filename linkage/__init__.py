"""Record linkage on keyed tokens: identifiers in, random person and family ids out."""

from linkage.link import LinkageResult, link_records
from linkage.settings import FamilyRule, LinkageSettings
from linkage.train import reference_model

__all__ = ["FamilyRule", "LinkageResult", "LinkageSettings", "link_records", "reference_model"]
