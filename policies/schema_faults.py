"""Pydantic's errors about a protocol -> faults in our words: path, rule, fix, line, and never the value."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from policies.faults import Fault

_FIXES: Final = {
    "extra_forbidden": ("unknown_key", "remove it, or correct its spelling"),
    "missing": ("missing_key", "add it"),
    "string_type": ("not_text", "write it in quotes as text"),
    "string_too_short": ("empty_text", "write something here"),
    "string_too_long": ("text_too_long", "shorten it"),
    "int_type": ("not_a_whole_number", "write a whole number"),
    "int_from_float": ("not_a_whole_number", "write a whole number"),
    "float_type": ("not_a_number", "write a number"),
    "bool_type": ("not_true_or_false", "write true or false"),
    "tuple_type": ("not_a_list", "write a list: [one, two]"),
    "dict_type": ("not_a_map", "write key: value pairs"),
    "model_type": ("not_a_map", "write key: value pairs"),
    "too_short": ("too_few", "add an entry"),
}
_CLAUSE_FIX: Final = 'number it as quoted text, for example "4.10": unquoted, 4.10 and 4.1 are one'


def faults_of_schema(error: ValidationError, lines: dict[str, int]) -> list[Fault]:
    """One fault for each error of the schema, in the order of the document, without repeats."""
    details = (_fault(detail, lines) for detail in error.errors(include_url=False))
    faults = list(dict.fromkeys(details))
    return [fault for fault in faults if not _is_echo(fault, faults)]


def _is_echo(fault: Fault, faults: list[Fault]) -> bool:
    # Pydantic counts only valid entries, so a list with one faulty entry is also called too short.
    inside = f"{fault.path}["
    return fault.rule == "too_few" and any(other.path.startswith(inside) for other in faults)


def _fault(detail: ErrorDetails, lines: dict[str, int]) -> Fault:
    path = _path(detail["loc"])
    rule, fix = _words(detail)
    line = lines.get(path) or lines.get(path.rpartition(".")[0])
    return Fault(path, rule, fix, line)


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not _is_union_branch(part):
            path += f".{part}" if path else part
    return path


def _is_union_branch(part: str) -> bool:
    # Pydantic puts the branch of a union into the location; it is no place in the document.
    return part in {"RoleClause", "ConflictClause"} or "[" in part


def _words(detail: ErrorDetails) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if detail["loc"] and detail["loc"][-1] == "clause":
        return ("clause_number", _CLAUSE_FIX)
    if kind in _FIXES:
        return _FIXES[kind]
    if kind == "literal_error":
        return (
            "unknown_word",
            f"write one of {context.get('expected', 'the words of the schema')}",
        )
    if kind == "string_pattern_mismatch":
        return ("wrong_form", f"match the form {context.get('pattern', '')}")
    if kind.startswith(("date", "datetime")):
        return ("not_a_date", "write the date as YYYY-MM-DD (times as YYYY-MM-DDTHH:MM:SSZ)")
    if kind.startswith(("greater_than", "less_than")):
        bound = next((context[key] for key in ("ge", "gt", "le", "lt") if key in context), "")
        return ("out_of_range", f"keep it {kind.replace('_', ' ')} {bound}".strip())
    return (kind, "see the schema isp/v1")
