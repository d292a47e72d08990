"""Every rule by which a bundle is refused as a whole, with what it says to the data officer.

In: a rule. Out: BundleRefused. Nothing that was sent is ever put into a text.
"""

from __future__ import annotations

from typing import Final

from agencies.prepared import ExtractRejected

_AGAIN: Final = "Run `gateway prepare` again and send the new bundle."
_ASK: Final = (
    "Ask the gateway's administrator for a new key package, and prepare the extract again."
)

RULES: Final[dict[str, tuple[str, str]]] = {
    "not_a_bundle": (
        "The content is not a bundle of `gateway prepare`.",
        "Send the .fdg file that it wrote; an extract is sent under its own suffix.",
    ),
    "unknown_version": (
        "The bundle was written by another version of this program.",
        "Use the version of the gateway, and prepare the extract again.",
    ),
    "truncated": ("The bundle is cut short.", f"Compare the sizes after the transfer. {_AGAIN}"),
    "tampered": ("The bundle is not as it was sealed.", _AGAIN),
    "manifest_form": ("The manifest in the bundle is not one that this program writes.", _AGAIN),
    "other_dataset": (
        "The bundle was made for another agency or dataset.",
        "Name the agency and dataset that it was prepared for, or prepare it with their key package.",
    ),
    "unknown_package": (
        "This gateway gave your agency no such key package for this dataset.",
        _ASK,
    ),
    "package_revoked": ("The key package that the bundle was made with was revoked.", _ASK),
    "package_expired": ("The key package that the bundle was made with has expired.", _ASK),
    "old_epoch": ("The bundle was made with the keys of another epoch or linkage domain.", _ASK),
    "catalogue_changed": (
        "The dataset is declared otherwise now than when the key package was made.",
        f"Bring your catalogue up to date. {_ASK}",
    ),
    "wrong_key": ("The tokens in the bundle were not made with the keys of this gateway.", _ASK),
    "other_numbers": (
        "The national numbers in the bundle were tokenised in another way than this gateway does.",
        _ASK,
    ),
    "no_row_accepted": (
        "The bundle holds no row.",
        "Run `gateway check` on the extract: it lists every finding by row and column.",
    ),
    "tokens_form": ("The tokens in the bundle are not of the form that is declared.", _AGAIN),
    "rows_disagree": (
        "Tokens and records in the bundle are not of the same rows and days.",
        _AGAIN,
    ),
}


class BundleRefused(ExtractRejected):
    """The whole bundle is refused: by which rule, why, and what to do."""


def refusal(rule: str) -> BundleRefused:
    """The refusal by one rule."""
    return BundleRefused(rule, *RULES[rule])
