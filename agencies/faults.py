"""Faults of the catalogue: what is wrong in a declaration file, and where.

In: what a parser or a check found. Out: Fault, and UnsoundCatalogue that carries all of them at once. A fault
speaks of declarations only; no record has been read when it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

_RULES: Final = {
    "extra_forbidden": "unknown_key",
    "missing": "missing_key",
    "string_type": "wrong_type",
    "literal_error": "unknown_word",
    "string_pattern_mismatch": "bad_name",
}
_ADVICE: Final = {
    "unknown_key": "unknown key",
    "missing_key": "this key is missing",
    "wrong_type": "this must be text; put quotes around a number or date",
    "bad_name": "names are small letters, digits and _",
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a catalogue file, and where."""

    file: str
    dataset: str | None
    column: str | None
    rule: str
    message: str

    def __str__(self) -> str:
        where = [self.file]
        where += [f"dataset {self.dataset}"] if self.dataset else []
        where += [f"column {self.column}"] if self.column else []
        return f"{', '.join(where)}: {self.message} [{self.rule}]"


class UnsoundCatalogue(Exception):
    """The catalogue has faults; `.faults` holds every one of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def faults_of_shape(file: str, error: ValidationError) -> list[Fault]:
    """One fault for each error that pydantic found in a file, in words a data officer can use."""
    found = [
        _fault(file, detail["loc"], detail["type"], detail["msg"]) for detail in error.errors()
    ]
    return list(dict.fromkeys(found))


def _fault(file: str, where: tuple[int | str, ...], kind: str, text: str) -> Fault:
    dataset = str(where[1]) if len(where) > 1 and where[0] == "datasets" else None
    column = str(where[3]) if dataset and len(where) > 3 and where[2] == "columns" else None
    rest = where[4:] if column else where[2:] if dataset else where
    path = ".".join(str(part) for part in rest if part != "[key]")
    rule = _RULES.get(kind, "wrong_value")
    message = _ADVICE.get(rule, text)
    return Fault(file, dataset, column, rule, f"{path}: {message}" if path else message)


def yaml_fault(file: str, error: Any) -> Fault:
    """The fault of a file that is not strict YAML 1.2, with its line if the parser tells it."""
    mark = getattr(error, "problem_mark", None)
    line = f"line {mark.line + 1}: " if mark is not None else ""
    problem = getattr(error, "problem", None) or "this is not YAML 1.2 in UTF-8"
    rule = "key_twice" if "duplicate key" in str(problem) else "not_yaml"
    return Fault(file, None, None, rule, line + " ".join(str(problem).split()))
