"""The attack on a whole ledger: everything that left of a vintage, put together by somebody who knows who is where.

In: exact tables and what was released of them. Out: findings, how much is told of groups that nobody asked for. Never a figure.
"""

from .attack import Effort, Finding, attack
from .notebook import Notebook

__all__ = ["Effort", "Finding", "Notebook", "attack"]
