"""Whether the names in a declaration fit together: roles, dates, codes, activities, issues.

In: one dataset and the known issues and activities. Out: every fault, as (column, rule, message). It stops at
no fault, so that a data officer mends a file once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from agencies.declaration import (
    ATTRIBUTES,
    CODED_KINDS,
    NUMBER_KINDS,
    OTHER_ROLE_KINDS,
    ROLE_KINDS,
    AtLeast,
    Column,
    Dataset,
    When,
)

_OTHER_ROLE = re.compile(r"^other_[a-z][a-z0-9_]*$")
# Names that intake adds to its frames, so no declared column may take them.
_RESERVED: Final = ("row", "seen_on", "age_band")
_CANONICAL: Final = {"sex": {"M", "F", "unknown"}, "yes_no": {"yes", "no"}}
_RECOGNISING: Final = {"agency_id", "nhs_number", "nino", "upn", "surname", "forename"}


@dataclass(frozen=True)
class Known:
    """Names that a dataset may refer to."""

    issues: Collection[str]
    activities: Collection[str]


Faults = Iterator[tuple[str | None, str, str]]
Check = Callable[[Dataset, Known], Faults]


def faults_of(dataset: Dataset, known: Known) -> Faults:
    """Every fault of the dataset, in the order of the checks."""
    for check in _CHECKS:
        yield from check(dataset, known)


def _headers(dataset: Dataset, _known: Known) -> Faults:
    seen = Counter(c.header.strip().casefold() for c in dataset.columns.values())
    for name, column in dataset.columns.items():
        if name in _RESERVED:
            yield name, "reserved_name", "this name is used by the gateway itself"
        if seen[column.header.strip().casefold()] > 1:
            yield name, "header_twice", "another column has the same header"
        if column.header != column.header.strip():
            yield name, "header_spaces", "the header begins or ends with a space"


def _roles(dataset: Dataset, _known: Known) -> Faults:
    seen = Counter(c.identifies for c in dataset.columns.values() if c.identifies)
    for name, column in dataset.columns.items():
        if column.identifies is None:
            continue
        kinds = _kinds_of_role(column.identifies)
        if not kinds:
            known = ", ".join(ROLE_KINDS)
            yield name, "unknown_role", f"identifies must be one of {known}, or other_<name>"
        elif column.kind not in kinds:
            yield name, "role_kind", f"this role needs the kind {' or '.join(kinds)}"
        if seen[column.identifies] > 1:
            yield name, "role_twice", "another column identifies by the same role"
    if not _RECOGNISING & set(seen):
        yield None, "nobody_identified", "no column says whom a row is about"


def _kinds_of_role(role: str) -> tuple[str, ...]:
    if _OTHER_ROLE.match(role):
        return OTHER_ROLE_KINDS
    return ROLE_KINDS.get(role, ())


def _codes(dataset: Dataset, _known: Known) -> Faults:
    for name, column in dataset.columns.items():
        if column.codes and column.kind not in CODED_KINDS:
            yield name, "codes_not_expected", f"a column of kind {column.kind} has no code list"
        if column.kind == "code" and not column.codes:
            yield name, "codes_missing", "a column of kind code needs its code list"
        allowed = _CANONICAL.get(column.kind)
        if allowed and not set(column.codes.values()) <= allowed:
            yield name, "code_meaning", f"its codes must mean {', '.join(sorted(allowed))}"
        if len({code.strip().casefold() for code in column.codes}) < len(column.codes):
            yield name, "code_twice", "two codes differ only in spaces or capital letters"


def _bounds(dataset: Dataset, _known: Known) -> Faults:
    for name, column in dataset.columns.items():
        if column.not_before and column.kind != "date":
            yield name, "bound_kind", "not_before belongs to a column of kind date"
        bounds = (column.minimum, column.maximum)
        if bounds != (None, None) and column.kind not in NUMBER_KINDS:
            yield name, "bound_kind", "minimum and maximum belong to a column of numbers"
        if None not in bounds and bounds[0] > bounds[1]:  # type: ignore[operator]
            yield name, "bound_order", "minimum is above maximum"


def _dating(dataset: Dataset, _known: Known) -> Faults:
    dated = dataset.columns.get(dataset.date)
    if dated is None:
        yield None, "date_column", f"the column {dataset.date} named by date is not declared"
    elif dated.kind != "date" or not dated.required:
        yield dataset.date, "date_column", "the column that dates a record is a required date"
    if not _tells_the_day(dataset.date_format):
        yield None, "date_format", "date_format must hold day, month and four-digit year"


def _tells_the_day(pattern: str) -> bool:
    day = date(2003, 2, 14)
    try:
        return datetime.strptime(day.strftime(pattern), pattern).date() == day
    except ValueError:
        return False


def _attributes(dataset: Dataset, _known: Known) -> Faults:
    for attribute, name in dataset.attributes.items():
        column = dataset.columns.get(name)
        if attribute not in ATTRIBUTES:
            yield None, "unknown_attribute", f"{attribute} is not one of {', '.join(ATTRIBUTES)}"
        elif column is None:
            yield None, "unknown_column", f"attribute {attribute} names {name}, not declared"
        elif fault := _attribute_fault(attribute, column):
            yield name, "attribute_column", fault


def _attribute_fault(attribute: str, column: Column) -> str | None:
    wanted_role = {"age_band": "date_of_birth", "sex": "sex"}.get(attribute)
    wanted_kind = {"programme_start": "date", "age_band": "date", "sex": "sex"}.get(
        attribute, "code"
    )
    if column.identifies != wanted_role:
        return f"attribute {attribute} needs a column that identifies {wanted_role or 'nobody'}"
    if column.kind != wanted_kind:
        return f"attribute {attribute} needs a column of kind {wanted_kind}"
    return None


def _events(dataset: Dataset, known: Known) -> Faults:
    for rule in dataset.events:
        if rule.activity not in known.activities:
            yield None, "unknown_activity", f"{rule.activity} is not in the unit-cost table"
        for part, name, kinds in (
            ("on", rule.on, ("date",)),
            ("until", rule.until, ("date",)),
            ("quantity", rule.quantity, ("integer", "number")),
            ("cost", rule.cost, ("money_gbp",)),
        ):
            if name is not None:
                yield from _needs(dataset, f"{part} of event {rule.event}", name, kinds)
        yield from _conditions(dataset, f"event {rule.event}", rule.when)


def _issues(dataset: Dataset, known: Known) -> Faults:
    for rule in dataset.issues:
        what = f"issue {rule.issue or rule.issues_in}"
        if rule.issue is not None and rule.issue not in known.issues:
            yield None, "unknown_issue", f"{rule.issue} is not in the issue catalogue"
        if rule.issues_in is not None:
            yield from _needs(dataset, "issues_in", rule.issues_in, ("code",))
            column = dataset.columns.get(rule.issues_in)
            for meant in sorted(set(column.codes.values()) if column else ()):
                if meant not in known.issues:
                    message = f"its code meaning {meant} is not in the issue catalogue"
                    yield rule.issues_in, "unknown_issue", message
        yield from _conditions(dataset, what, rule.when)


def _conditions(dataset: Dataset, what: str, when: When) -> Faults:
    for name, condition in when.items():
        if isinstance(condition, AtLeast):
            yield from _needs(dataset, what, name, NUMBER_KINDS)
            if condition.of is not None:
                yield from _needs(dataset, what, condition.of, NUMBER_KINDS)
            continue
        yield from _needs(dataset, what, name, ("code", "yes_no"))
        column = dataset.columns.get(name)
        known = meanings(column) if column else set(condition)
        for value in set(condition) - known:
            yield name, "unknown_code", f"{what} waits for {value}, which no code means"
        if not condition:
            yield name, "unknown_code", f"{what} waits for no code at all"


def _needs(dataset: Dataset, what: str, name: str, kinds: tuple[str, ...]) -> Faults:
    column = dataset.columns.get(name)
    if column is None:
        yield None, "unknown_column", f"{what} names {name}, which is not declared"
    elif column.kind not in kinds:
        yield name, "column_kind", f"{what} needs a column of kind {' or '.join(kinds)}"
    elif column.identifies is not None:
        yield name, "column_identifies", f"{what} may not rest on a column that identifies"


def meanings(column: Column) -> set[str]:
    """The canonical values that a coded column can take."""
    if column.kind == "yes_no":
        return {"yes", "no"}
    return set(column.codes.values())


_CHECKS: Final[tuple[Check, ...]] = (
    _headers,
    _roles,
    _codes,
    _bounds,
    _dating,
    _attributes,
    _events,
    _issues,
)
