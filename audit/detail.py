"""What the detail of an event may say: a closed list of keys, each with the form of its value.

In: a key and a value. Out: nothing, or EventRefused that names the key and the rule, never the
value. Free text, exact counts of people or families and anything that looks like a national
number, a token or a postcode never pass.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from audit.errors import EventRefused

MAX_COUNTER = 999_999_999
_BAND_FLOORS = (0, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
BANDS = tuple(
    f"{low}-{high - 1}" for low, high in zip(_BAND_FLOORS, _BAND_FLOORS[1:], strict=False)
) + (f"{_BAND_FLOORS[-1]}+",)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+,-]{0,95}", re.ASCII)
_SEPARATORS = str.maketrans("", "", "._:/+,-")
# 9 to 20 digits: NHS number, UPRN, telephone, a 64-bit token. Then NINO, UPN, postcode.
_PERSONAL = re.compile(
    r"\d{9,20}|[A-Z]{2}\d{6}[A-D]|[A-Z]\d{11}[0-9A-Z]|[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}", re.ASCII
)


@dataclass(frozen=True)
class Form:
    """The form of a value: a pattern for text, or None for a counter; `rule` says it in words."""

    pattern: re.Pattern[str] | None
    rule: str


ID = Form(_ID, "an id: letters, digits and . _ : / + , - only, 96 characters at most")
BAND = Form(re.compile("|".join(re.escape(b) for b in BANDS)), "a band such as 10-99")
DIGEST = Form(re.compile(r"[0-9a-f]{16,128}"), "a digest in lower-case hex")
ERROR = Form(re.compile(r"[A-Z][A-Za-z0-9]{1,63}"), "the class name of an error")
DAY = Form(re.compile(r"\d{4}(-\d\d(-\d\d)?)?"), "a year, month or day in ISO form")
COUNTER = Form(None, f"a whole number from 0 to {MAX_COUNTER} that counts no people")

DETAIL: Mapping[str, Form] = {
    # What it was about.
    **dict.fromkeys(
        (
            *("dataset", "submission", "replaces", "run", "job", "vintage", "release", "question"),
            *("cohort", "unit", "measures", "dimensions", "period", "item", "method", "domain"),
            *(
                "protocol",
                "clause",
                "rule",
                "right",
                "role",
                "credential",
                "key",
                "alert",
                "review",
            ),
            *("account", "agencies", "agency", "purpose", "right_used", "service", "version"),
            *("outcome", "state", "stage", "reason", "format", "file_type", "kind", "target"),
            *("request_action", "parameters", "signed_by", "access_id", "policy", "scope"),
        ),
        ID,
    ),
    # How much: always a band, because a small exact count can tell of one family.
    **dict.fromkeys(
        (
            *("rows_read", "rows_accepted", "rows_refused", "findings", "records", "persons"),
            *("families", "cells", "cells_withheld", "entries", "pairs", "submissions", "rows"),
            *("size_bytes", "unmatched", "refused", "questions", "exported", "results"),
        ),
        BAND,
    ),
    **dict.fromkeys(
        (
            *("digest", "protocol_digest", "question_digest", "table_digest", "file_fingerprint"),
            *("root_hash", "key_id", "model_digest", "log_digest", "ledger_digest"),
        ),
        DIGEST,
    ),
    **dict.fromkeys(("error", "cause"), ERROR),
    **dict.fromkeys(("day", "period_from", "period_to", "expires_on", "as_of"), DAY),
    # Positions, versions and times of machines, not of people.
    **dict.fromkeys(
        (
            *("after", "limit", "from_index", "to_index", "checkpoint_size", "intent_index"),
            *("bytes_cut", "elapsed_ms", "epoch", "attempt", "seed", "age_days", "status"),
            *("schema", "run_number", "release_number", "percent"),
        ),
        COUNTER,
    ),
}


def band(count: int) -> str:
    """The band in which a count is logged: 0-9, 10-99, 100-999 ... 1000000+.

    Raises EventRefused for a negative count.
    """
    if count < 0:
        raise EventRefused("a count is never negative")
    return BANDS[bisect_right(_BAND_FLOORS, count) - 1]


def require_id(field: str, value: object) -> None:
    """Raise EventRefused unless the value is an id that does not look like a personal one."""
    _require_text(field, value, ID)


def require_detail(key: str, value: object) -> None:
    """Raise EventRefused unless the key is on the list and the value has the form it asks for."""
    form = DETAIL.get(key)
    if form is None:
        raise EventRefused("detail holds a key that is not on the allow-list")
    if form.pattern is None:
        _require_counter(f"detail.{key}", value)
    else:
        _require_text(f"detail.{key}", value, form)


def _require_counter(field: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_COUNTER:
        raise EventRefused(f"{field} must be {COUNTER.rule}")


def _require_text(field: str, value: object, form: Form) -> None:
    if not isinstance(value, str) or form.pattern is None or not form.pattern.fullmatch(value):
        raise EventRefused(f"{field} must be {form.rule}")
    if form is ID and _PERSONAL.fullmatch(value.translate(_SEPARATORS)):
        raise EventRefused(f"{field} has the shape of a national number, a token or a postcode")
