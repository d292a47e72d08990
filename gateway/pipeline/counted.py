"""Exact tables of questions, for one access. In: a vintage and a question. Out: figures before protection, with who is behind them.

They are gone with the access that they were counted for, and never leave the process.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.access import Access
from gateway.disclosure import ExactTable
from gateway.evaluation import exact_table
from gateway.pipeline.wiring import Wiring
from gateway.questions import Question

# Enough for a question and the coarser ones that are tried beside it.
MOST_MADE = 10


@dataclass(frozen=True)
class Counted:
    """Exact tables with members, the last few counted once."""

    access: Access
    wiring: Wiring
    made: dict[tuple[str, str], ExactTable] = field(default_factory=dict, repr=False)

    def __call__(self, vintage: str, question: Question) -> ExactTable:
        """The table of the question on the vintage. Raises NotFound, RecordsShredded, RecordsDamaged."""
        place = (vintage, question.digest)
        if place not in self.made:
            tables = self.wiring.store.vintages.open(self.access, vintage)
            catalogue = self.wiring.catalogue
            if len(self.made) == MOST_MADE:
                self.made.clear()
            self.made[place] = exact_table(tables, question, catalogue, members=True)
        return self.made[place]
