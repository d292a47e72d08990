"""A release as it came back from the gateway. In: the JSON of a release; out: rows or a pandas frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Answer:
    """One released table, with the terms it was released under."""

    release: Mapping[str, Any]

    @property
    def number(self) -> int:
        """Number of the release."""
        return int(self.release["number"])

    @property
    def table(self) -> Mapping[str, Any]:
        """The protected table: dimensions, measures and cells `{keys, measure, value | null, mark, quality}`."""
        table: Mapping[str, Any] = self.release["table"]
        return table

    def to_pandas(self) -> pd.DataFrame:
        """One row a cell: a column for each dimension, then measure, value (withheld: NaN), mark, quality."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    **cell["keys"],
                    "measure": cell["measure"],
                    "value": cell["value"],
                    "mark": cell["mark"],
                    # Releases made before figures had one carry no quality.
                    "quality": cell.get("quality"),
                }
                for cell in self.table["cells"]
            ]
        )
