"""Answers by a method that answers a question once: one published table, or noise that is drawn once from a budget.

In: a question and the method's terms. Out: the vintage to count in, the protected table, and the digest under which it is the
only answer. What is spent is spent before anything is drawn. Never a second table where the first stands.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import rfc8785

from gateway.access import Access
from gateway.disclosure import ExactTable, ProtectedTable, Unprotectable
from gateway.disclosure.methods import (
    BudgetSpent,
    Cost,
    ExactRules,
    PrivacyRules,
    method_name,
    protect_by,
)
from gateway.pipeline.link import NOISE
from gateway.pipeline.wiring import Wiring
from gateway.questions import Question
from gateway.store.releases import Release
from gateway.store.vintages import Vintage

# What is refused whatever the figures are, and may therefore be told by its name.
TOLD = ("counts_only", "no_totals", "spent", "kind", "not_installed")


class MethodRefused(Exception):
    """The protocol's method does not give this; the message says why, and no figure stands behind it."""


@dataclass(frozen=True)
class Once:
    """One question, and the method that may answer it once; `answer` is the digest of both."""

    access: Access
    wiring: Wiring
    terms: ExactRules | PrivacyRules
    answer: str
    vintage: Vintage

    @classmethod
    def of(
        cls, access: Access, question: Question, terms: ExactRules | PrivacyRules, wiring: Wiring
    ) -> Once:
        """The question as it may be answered once. Raises VintageTaken, NotFound (nothing linked yet)."""
        said: dict[str, Any] = {
            "question": question.canonical(),
            "method": method_name(terms),
            "terms": terms.to_dict(),
        }
        answer = hashlib.sha256(rfc8785.dumps(said)).hexdigest()
        # The one table stays that of the data it was made of: another one beside it could be subtracted.
        is_one = isinstance(terms, ExactRules)
        published = wiring.store.vintage_uses.published(access, answer) if is_one else None
        vintage = wiring.store.vintages.get(access, published)
        return cls(access, wiring, terms, answer, vintage)

    @property
    def is_private(self) -> bool:
        """Whether every registered category has to be there, because which are empty is not to be seen."""
        return isinstance(self.terms, PrivacyRules)

    def earlier(self) -> Release | None:
        """The answer that was given before."""
        return self.wiring.store.releases.sole(self.access, self.vintage.id, self.answer)

    def protect(self, exact: ExactTable) -> ProtectedTable:
        """The table as it may leave, and nothing else after it. Raises MethodRefused, Unprotectable, VintageTaken."""
        key = self.wiring.keys.disclosure_key(NOISE)
        try:
            protected = protect_by(exact, self.terms, key, spend=self._spend)
        except Unprotectable as error:
            if error.rule in TOLD:
                raise MethodRefused(str(error)) from None
            raise
        if isinstance(self.terms, ExactRules):
            self.wiring.store.vintage_uses.once(self.access, self.vintage.id, self.answer)
        return protected

    def _spend(self, cost: Cost) -> None:
        """Durable when it returns. Raises BudgetSpent, VintageTaken."""
        if not isinstance(self.terms, PrivacyRules):
            raise Unprotectable("budget", "no_account", "this method has no budget")
        account = self.terms.account()
        accounts, vintage = self.wiring.store.privacy_accounts, self.vintage.id
        self.wiring.store.vintage_uses.for_many(self.access, vintage)

        def step(spent: int) -> int:
            return replace(account, spent=spent).spend(cost).spent

        try:
            accounts.spend(self.access, vintage, cost.loss, step)
        except BudgetSpent:
            accounts.refused(self.access, vintage, cost.loss)
            raise
