"""The methods of disclosure control that a protocol may name, behind one call.

In: an exact table, the terms of a method (`Rules`, `ExactRules` or `PrivacyRules`) and the key. Out: a protected table that
says in words how it was made. A method that is not named here protects nothing: `Unprotectable`.
"""

from .account import BILLION, Account, BudgetSpent, Cost
from .choose import METHODS, Terms, method_name, protect_by
from .exact_rules import ExactRules
from .opendp_noise import DpMissing
from .privacy_rules import PrivacyRules

__all__ = [
    "BILLION",
    "METHODS",
    "Account",
    "BudgetSpent",
    "Cost",
    "DpMissing",
    "ExactRules",
    "PrivacyRules",
    "Terms",
    "method_name",
    "protect_by",
]
