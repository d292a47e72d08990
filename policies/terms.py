"""The closed vocabulary of the schema isp/v1: actions, statuses, and the shapes of names and clause numbers.

Everything here is data for the section models and the compiler; nothing here decides.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# A clause number is text: "4.10" and "4.1" are two clauses, the float 4.10 is one. First part from 1:
# section 0 and bare section numbers belong to the rules that hold for every protocol.
Clause = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}(\.[0-9]{1,3})+$")]
# Names reach Cedar as literals and pages as words, so their alphabet is small.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
HyphenName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Days = Annotated[int, Field(ge=0, le=36500)]
Duration = Annotated[str, StringConstraints(pattern=r"^P([0-9]{1,3}[YMWD])+$")]
Everyone = Literal["*"]

Action = Literal[
    "submit", "withdraw_own", "see_own_submissions", "see_own_quality_report",
    "link", "measure_quality", "query", "read_releases",
    "release", "refuse",
    "read_audit", "export_audit", "attack_ledger", "read_protocol", "suspend",
    "unseal", "deliver_key", "rotate_key", "manage_users", "see_health",
]  # fmt: skip

# Stop the moment a protocol is not in force.
DATA_ACTIONS: Final = frozenset(
    {"submit", "link", "measure_quality", "query", "release", "read_releases", "unseal",
     "deliver_key", "attack_ledger"}
)  # fmt: skip
# An officer uses these on the agency's own extracts only.
OWN_ACTIONS: Final = frozenset(
    {"submit", "withdraw_own", "see_own_submissions", "see_own_quality_report"}
)
# Accountability outlives the sharing: the log, the way to stop, and the right to take data back stay open.
OVERSIGHT_ACTIONS: Final = frozenset(
    {"withdraw_own", "see_own_submissions", "see_own_quality_report", "refuse", "read_audit",
     "export_audit", "read_protocol", "suspend", "rotate_key", "manage_users", "see_health"}
)  # fmt: skip
ACTIONS: Final = DATA_ACTIONS | OVERSIGHT_ACTIONS

Status = Literal["draft", "proposed", "in_force", "suspended", "expired", "withdrawn"]


class Section(BaseModel):
    """A part of a protocol: frozen, and a key it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
