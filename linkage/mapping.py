"""Mapping: which column of which frame plays which identifier role.

Goes in: what a caller says, once for all frames or frame by frame. Comes out: for each frame, role -> column, checked
against the declared roles. Never looks at a value.
"""

from collections.abc import Collection, Mapping
from typing import Any

from linkage.errors import FramesInvalid
from linkage.tokens.fields import FIELDS, OTHER_PREFIX, field_of

# Beside the identifier roles: the caller's own number of a row, and the day on which it was true.
RECORD = "record_id"
SEEN_ON = "seen_on"
Mapped = Mapping[Any, str] | Mapping[str, Mapping[Any, str]]


def roles() -> list[str]:
    """Every role a column may play; `other_...` stands for any name after the underscore."""
    return [*(field.role for field in FIELDS), f"{OTHER_PREFIX}...", RECORD, SEEN_ON]


def columns_by_role(
    mapping: Mapped, columns: Mapping[str, Collection[Any]]
) -> dict[str, dict[str, Any]]:
    """For each frame, the column of each role.

    Args:
        mapping: column -> role for all frames, or frame -> column -> role. Said of all frames, a
            column may be absent from some of them.
        columns: the column names of each frame.

    Raises:
        FramesInvalid: a role or column that is not known, a role given twice, a frame without
            any, or no role that two frames have.
    """
    if not (isinstance(mapping, Mapping) and mapping):
        raise FramesInvalid("A mapping of columns to roles is needed")
    per_frame = any(isinstance(said, Mapping) for said in mapping.values())
    found = {
        frame: (_own(mapping, frame, present) if per_frame else _common(mapping, frame, present))
        for frame, present in columns.items()
    }
    strangers = _strangers(mapping, columns, per_frame=per_frame)
    if strangers:
        raise FramesInvalid(f"Not in the frames: {', '.join(sorted(map(str, strangers)))}")
    if len(found) > 1:
        _require_common(found)
    return found


def _common(mapping: Mapping[Any, Any], frame: str, present: Collection[Any]) -> dict[str, Any]:
    return _by_role({c: role for c, role in mapping.items() if c in present}, frame)


def _own(mapping: Mapping[Any, Any], frame: str, present: Collection[Any]) -> dict[str, Any]:
    said = mapping.get(frame)
    if not isinstance(said, Mapping):
        raise FramesInvalid(f"The mapping says nothing of frame {frame}")
    absent = [str(column) for column in said if column not in present]
    if absent:
        raise FramesInvalid(f"Frame {frame} has no column {', '.join(absent)}")
    return _by_role(said, frame)


def _by_role(said: Mapping[Any, Any], frame: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, role in said.items():
        _require_role(role, column)
        if role in found:
            raise FramesInvalid(f"Frame {frame}: {found[role]} and {column} are both the {role}")
        found[role] = column
    if not found.keys() - {RECORD, SEEN_ON}:
        raise FramesInvalid(f"Frame {frame} has no column with an identifier role")
    return found


def _require_role(role: object, column: Any) -> None:
    if not isinstance(role, str):
        raise FramesInvalid(f"Column {column} is given no single role")
    if role not in (RECORD, SEEN_ON) and field_of(role) is None:
        raise FramesInvalid(
            f"Column {column}: no such role: {role}. The roles are {', '.join(roles())}"
        )


def _strangers(
    mapping: Mapping[Any, Any], columns: Mapping[str, Collection[Any]], *, per_frame: bool
) -> set[Any]:
    if per_frame:
        return set(mapping) - set(columns)
    return {column for column in mapping if not any(column in c for c in columns.values())}


def _require_common(found: Mapping[str, Mapping[str, Any]]) -> None:
    held = [role for each in found.values() for role in each if role not in (RECORD, SEEN_ON)]
    if len(held) == len(set(held)):
        raise FramesInvalid(f"No role is in two of the frames {', '.join(found)}")
