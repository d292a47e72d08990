"""Every rule by which a prepared extract is refused, with what it says to the data officer.

In: a rule and declared names. Out: ExtractRejected. Nothing that was sent is ever put into a text.
"""

from __future__ import annotations

from typing import Final

from agencies.intake.outcome import ExtractRejected

PREPARE_AGAIN: Final = "Prepare the extract again, with the version and catalogue of this gateway."

RULES: Final[dict[str, str]] = {
    "report_form": "The report in the bundle is not one that this program writes.",
    "rows_disagree": "The bundle holds another number of rows than its report says.",
    "frame_damaged": "The {} in the bundle cannot be read.",
    "undeclared_column": "The {} in the bundle hold a column that is not declared for this dataset.",
    "missing_column": "The {} in the bundle lack the column {}.",
    "column_type": "The {} in the bundle hold the column {} in another type than declared.",
    "row_numbers": "The rows of the bundle are not numbered as those of an extract.",
    "not_as_declared": "The records in the bundle hold a value that the column {} cannot have.",
}


def refusal(rule: str, *places: object) -> ExtractRejected:
    """The refusal of a bundle's content. `places` are declared names, never what was sent."""
    return ExtractRejected(rule, RULES[rule].format(*places), PREPARE_AGAIN)
