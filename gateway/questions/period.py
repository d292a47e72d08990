"""The period of a question: whole calendar quarters from the first month of one to the last month of another.

In: two months "YYYY-MM" and perhaps a step. Out: quarters and years by number and by label. Never a day or a lone month:
two questions one month apart would differ by that month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
STEPS = ("quarter", "year")


@dataclass(frozen=True)
class Period:
    """`first` and `last` are quarter numbers (4 * calendar year + 0..3), both included."""

    first: int
    last: int

    @classmethod
    def of_months(cls, first: str, last: str) -> Period:
        """The period from one month to another, both "YYYY-MM". Raises ValueError if one is not a month."""
        begin, end = quarter_of_month(first), quarter_of_month(last)
        if begin is None or end is None:
            raise ValueError("a month is written YYYY-MM")
        return cls(begin[0], end[0])

    @property
    def months(self) -> tuple[str, str]:
        """First and last month as a question writes them."""
        year, quarter = divmod(self.first, 4)
        last_year, last_quarter = divmod(self.last, 4)
        return f"{year:04d}-{3 * quarter + 1:02d}", f"{last_year:04d}-{3 * last_quarter + 3:02d}"

    @property
    def is_whole_years(self) -> bool:
        """Whether it runs from an April to a March (financial years)."""
        return self.first % 4 == 1 and self.last % 4 == 0

    def labels(self, step: str) -> tuple[str, ...]:
        """Labels of the steps in order: "2024-Q2" for a quarter, "2024/25" for a financial year."""
        quarters = range(self.first, self.last + 1)
        if step == "quarter":
            return tuple(f"{q // 4}-Q{q % 4 + 1}" for q in quarters)
        years = sorted({(q - 1) // 4 for q in quarters})
        return tuple(f"{year}/{(year + 1) % 100:02d}" for year in years)


def quarter_of_month(text: str) -> tuple[int, int] | None:
    """(quarter number, month 0..2 within the quarter) of "YYYY-MM"; None if it is not such a month."""
    if not _MONTH.fullmatch(text):
        return None
    year, month = int(text[:4]), int(text[5:])
    return year * 4 + (month - 1) // 3, (month - 1) % 3
