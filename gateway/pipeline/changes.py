"""What became of the persons of the run before: counts by kind, and pages of random ids. In: a run's number.

Never tells of a record, nor into which person anything new went. The ids are those of the linkage run, which stand
in no release.
"""

from __future__ import annotations

from typing import Any, Final

from gateway.access import Access
from gateway.pipeline.wiring import Wiring
from gateway.store.run_changes import MAX_LISTED, TOLD

PAGE: Final = MAX_LISTED


def changes_of(
    access: Access, wiring: Wiring, run: int, *, kind: str | None, after: int, limit: int
) -> dict[str, Any]:
    """Counts of all kinds, and the changes of one told kind (else of all these) behind the position `after`.

    Raises NotFound, RecordsDamaged or RecordsShredded.
    """
    kinds = TOLD if kind is None else (kind,)
    found = wiring.store.runs.get(access, run)
    items = wiring.store.runs.list_changes(access, run, kinds=kinds, after=after, limit=limit)
    return {
        "run": run,
        "previous_run": found.parameters.get("previous_run"),
        "mode": found.parameters.get("mode"),
        "counts": wiring.store.runs.count_changes(access, run),
        "items": list(items),
        "after": items[-1]["position"] if items else after,
    }
