"""What became of every person between a linkage run and the one before: counts in the database, ids in the lake.

In: the table of changes that linkage returns. Out: counts by kind, or pages of changes. Ids of persons are random, and
stay sealed all the same: they are never in the database, nor in a log.
"""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl
from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.keys import Sealed
from gateway.store.lake import Part
from gateway.store.tables import Row

FILE = "changes"
# Written out here and not taken from linkage: the database knows these, whatever a library says later.
KINDS = ("kept", "changed", "new", "gone", "split", "merge", "regrouped")
# Whose ids are told. Who could see which person a submission of one row went to, and do it again, would know that two
# rows are one person; what was kept, changed or is new is therefore counted and nothing else.
TOLD = ("gone", "split", "merge", "regrouped")
COLUMNS = ("kind", "before", "after", "records_kept", "records_new", "records_gone")
MAX_LISTED = 200


class RunChangesRow(Row):
    """How many changes of one kind a run made to the persons of the run before."""

    __tablename__ = "linkage_run_changes"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(k) for k in KINDS)})", name="kind_known"),
        CheckConstraint("changes >= 0", name="changes_positive"),
    )

    run: Mapped[int] = mapped_column(ForeignKey("linkage_runs.number"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    changes: Mapped[int]


def part_of(changes: pl.DataFrame) -> Part:
    """The sealed file; it hangs under the same key-encryption key as the links."""
    return Part(FILE, Sealed.LINKS, changes.select(COLUMNS))


def rows_of(run: int, changes: pl.DataFrame) -> list[RunChangesRow]:
    """One row for each kind, also for those that did not occur."""
    found: Mapping[str, int] = dict(changes.group_by("kind").len().iter_rows())
    return [RunChangesRow(run=run, kind=kind, changes=found.get(kind, 0)) for kind in KINDS]


def counted(session: Session, run: int) -> dict[str, int]:
    """Changes by kind; empty for a run that recorded none."""
    query = select(RunChangesRow).where(RunChangesRow.run == run)
    found = {row.kind: row.changes for row in session.scalars(query)}
    return {kind: found[kind] for kind in KINDS if kind in found}


def page_of(
    changes: pl.DataFrame, kinds: Collection[str], after: int, limit: int
) -> tuple[dict[str, Any], ...]:
    """Told changes of these kinds behind the position `after`, at most `limit` (200 at most), each with its position."""
    placed = changes.filter(pl.col("kind").is_in(TOLD)).with_row_index("position", offset=1)
    wanted = placed.filter(pl.col("kind").is_in(list(kinds)), pl.col("position") > after)
    page = wanted.select("position", "kind", "before", "after").head(min(limit, MAX_LISTED))
    return tuple(page.to_dicts())
