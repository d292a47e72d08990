"""The one error of disclosure control: a table that cannot be protected is not released at all."""

from __future__ import annotations


class Unprotectable(ValueError):
    """The table or the rules do not allow protection; the message names place and rule, never a figure."""

    def __init__(self, place: str, rule: str, message: str) -> None:
        self.place, self.rule = place, rule
        super().__init__(f"{place}: {message}")
