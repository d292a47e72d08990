"""Notes: what a reader of links should know before relying on them, in sentences.

Goes in: the lists that were linked and what came of it. Come out: sentences that name frames, roles and rules, and counts;
never a value.
"""

from collections.abc import Sequence

from linkage.lists import TokenList
from linkage.mapping import SEEN_ON
from linkage.result import LinkageResult
from linkage.tokens.fields import OTHER_PREFIX

# What says where somebody lives or belongs, not who they are.
_OF_FAMILIES = ("address", "uprn", "guardian_id", "partner_id")
# Told by other means, or no evidence of a person at all.
_NOT_COMPARED = ("agency_id", SEEN_ON)


def notes_on(
    lists: Sequence[TokenList], result: LinkageResult, reason: str | None
) -> tuple[str, ...]:
    """The notes on one result; `reason` tells why the records trained no model of their own."""
    return (
        *_on_columns(lists),
        *_on_model(lists, result, reason),
        *_on_result(result),
    )


def _on_columns(lists: Sequence[TokenList]) -> list[str]:
    notes = []
    for each in lists:
        if each.records.is_empty():
            notes.append(f"Frame {each.name} has no rows.")
            continue
        for role, count in each.usable.items():
            if not count.given:
                notes.append(f"Frame {each.name}: {role} is empty.")
            elif count.usable < count.given:
                lost = count.given - count.usable
                notes.append(
                    f"Frame {each.name}: {lost:,} of {count.given:,} values of {role} are no "
                    "evidence (a dummy, a failed check digit, too long, or not to be read)."
                )
    return notes


def _on_model(lists: Sequence[TokenList], result: LinkageResult, reason: str | None) -> list[str]:
    model = result.parameters["model"]
    if model is None:
        return ["No two rows could be compared, so every row is a person of its own."]
    notes = []
    if reason is not None:
        notes.append(f"Linked with the reference model, not one of these records: {reason}.")
    roles = list(dict.fromkeys(role for each in lists for role in each.usable))
    silent = [role for role in roles if role not in model["levels"] and role not in _NOT_COMPARED]
    for role in silent:
        notes.append(f"{role} was not compared: {_why(role, by_reference=reason is not None)}.")
    return notes


def _why(role: str, *, by_reference: bool) -> str:
    if role in _OF_FAMILIES:
        return (
            f"it tells families, not persons (as {OTHER_PREFIX}{role} it would be compared whole)"
        )
    if by_reference and role.startswith(OTHER_PREFIX):
        return "the reference model does not know it"
    return "no two lists hold it"


def _on_result(result: LinkageResult) -> list[str]:
    notes = []
    left_out = result.parameters["blocking_left_out"]
    if left_out:
        notes.append(
            f"{len(left_out)} of {len(left_out) + len(result.parameters['blocking'])} blocking "
            "rules would compare too many pairs and were left out: more rows than can be compared "
            "share one value (settings.widest_rule)."
        )
    large = result.quality.get("oversized_persons")
    if large:
        notes.append(f"{large:,} persons have more entries than settings.largest_person.")
    return notes
