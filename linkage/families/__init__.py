"""Families: which persons belong together, by a rule that a protocol chooses by name.

Go in: token records, persons and a `FamilyRule`. Come out: the family of each person over the whole
period (`group_families`), or on each day (`memberships`, `family_at`).
"""

from linkage.families.dated import family_at, memberships
from linkage.families.families import group_families
from linkage.families.rule import RULES, FamilyRule

__all__ = ["RULES", "FamilyRule", "family_at", "group_families", "memberships"]
