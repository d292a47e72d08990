"""One call for every method: the terms say which. In: exact table, terms, key. Out: a protected table that names its method.

Terms of an unknown type are refused: nothing is protected by a method that nobody chose.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.ledger import Ledger
from gateway.disclosure.noise import require_key
from gateway.disclosure.protect import protect_table
from gateway.disclosure.protected import ProtectedTable
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import ExactTable

from .differential_privacy import Spend, protect_privately
from .exact_margins import protect_exactly
from .exact_rules import ExactRules
from .privacy_rules import PrivacyRules
from .words import say_noisy

Terms = Rules | ExactRules | PrivacyRules
# The names that a protocol uses.
METHODS: Final = MappingProxyType(
    {"keyed_noise": Rules, "suppression": ExactRules, "differential_privacy": PrivacyRules}
)


def method_name(terms: Terms) -> str:
    """The method that these terms are of. Raises `Unprotectable` for anything else."""
    for name, kind in METHODS.items():
        if type(terms) is kind:
            return name
    raise Unprotectable("method", "unknown_method", f"must be one of {', '.join(METHODS)}")


def protect_by(
    exact: ExactTable,
    terms: Terms,
    key: bytes,
    *,
    spend: Spend | None = None,
    ledger: Ledger | None = None,
) -> ProtectedTable:
    """The table as it may leave, made by the method of its terms; `rules` of the result has `method` and `explained`.

    `spend` keeps the account of differential privacy and is needed for it alone; `ledger` has what was served before by
    keyed noise. Raises `Unprotectable`.
    """
    require_key(key)
    method_name(terms)
    if isinstance(terms, PrivacyRules):
        if spend is None:
            raise Unprotectable("budget", "no_account", "nobody keeps this vintage's account")
        return protect_privately(exact, terms, spend)
    if isinstance(terms, ExactRules):
        return protect_exactly(exact, terms)
    return _with_words(protect_table(exact, terms, key, ledger), terms)


def _with_words(table: ProtectedTable, terms: Rules) -> ProtectedTable:
    said = {"method": "keyed_noise", "explained": say_noisy(terms)}
    return replace(table, rules={**table.rules, **said})
