"""What one linkage run hands on to the next: multipliers of costs, and traces by which a record sent again is known again.

In: frames of a finished run. Out: the same, the latest there are. Multipliers hang under the key of links, traces under
the key of tokens, and only the latest traces are kept. Never part of a vintage, which sees no id of a run.
"""

from __future__ import annotations

from typing import Final

import polars as pl
from sqlalchemy import ColumnElement, select

from gateway.access import Access, Right, require
from gateway.keys import Sealed
from gateway.store.errors import NotFound, UnsealedContent, WrongState
from gateway.store.lake import Lake, Part
from gateway.store.tables import LakeFileRow, RunRow

MULTIPLIERS: Final = "multipliers"
TRACES: Final = "traces"
COLUMNS: Final = {
    MULTIPLIERS: {"family": pl.String, "agency": pl.String, "multiplier": pl.Float64},
    # The digest that a record was known by, whom it was of, and the last run that saw it.
    TRACES: {"trace": pl.UInt64, "person": pl.String, "family": pl.String, "run": pl.Int64},
}
SEALED: Final = {MULTIPLIERS: Sealed.LINKS, TRACES: Sealed.TOKENS}


class Carried:
    """Written once for a run, read by the next."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._database = lake.database

    def write_multipliers(self, access: Access, run: int, multipliers: pl.DataFrame) -> None:
        """Keep `family, agency, multiplier` of a finished run. Raises NotFound, WrongState or StoreFull."""
        require(access, Right.WRITE_VINTAGE)
        self._write(MULTIPLIERS, run, multipliers)

    def multipliers(self, access: Access) -> pl.DataFrame | None:
        """The latest that were kept; None in a home that has none yet. Raises RecordsDamaged."""
        require(access, Right.READ_LINKS)
        return self._latest(MULTIPLIERS)

    def write_traces(self, access: Access, run: int, traces: pl.DataFrame) -> None:
        """Keep `trace, person, family, run` of a finished run, and shred those of the runs before.

        Raises NotFound, WrongState or StoreFull.
        """
        require(access, Right.WRITE_RUN)
        require(access, Right.READ_TOKENS)
        self._write(TRACES, run, traces)
        self._forget_before(run)

    def traces(self, access: Access) -> pl.DataFrame | None:
        """The latest traces; None in a home that has none yet. Raises RecordsDamaged."""
        require(access, Right.READ_TOKENS)
        return self._latest(TRACES)

    def _write(self, kind: str, run: int, frame: pl.DataFrame) -> None:
        if dict(frame.schema) != COLUMNS[kind]:
            raise UnsealedContent(f"{kind} hold {', '.join(COLUMNS[kind])}, and nothing else")
        part = Part(kind, SEALED[kind], frame)
        with self._lake.adding(_place(kind, run), [part], run=run) as session:
            row = session.get(RunRow, run)
            if row is None:
                raise NotFound(f"there is no linkage run {run}")
            if row.status != "done":
                raise WrongState(f"run {run} is not finished, so it hands nothing on")

    def _latest(self, kind: str) -> pl.DataFrame | None:
        runs = self._runs(kind)
        return pl.DataFrame(self._lake.read(_place(kind, max(runs)), kind)) if runs else None

    def _runs(self, kind: str) -> list[int]:
        """Numbers of the runs that left something that is not shredded."""
        query = select(LakeFileRow.run).where(
            LakeFileRow.path.startswith(f"{kind}/", autoescape=True),
            LakeFileRow.wrapped_key.is_not(None),
        )
        with self._database.reading() as session:
            return [run for run in session.scalars(query) if run is not None]

    def _forget_before(self, run: int) -> None:
        older = [each for each in self._runs(TRACES) if each < run]
        with self._database.writing() as session:
            for each in older:
                self._lake.shred(session, _at(TRACES, each))
        for each in older:
            self._lake.clear(_place(TRACES, each))


def places_of(run: int) -> tuple[str, ...]:
    """Every place where something of this run may lie."""
    return tuple(_place(kind, run) for kind in COLUMNS)


def _at(kind: str, run: int) -> ColumnElement[bool]:
    return LakeFileRow.path.startswith(f"{_place(kind, run)}/", autoescape=True)


def _place(kind: str, run: int) -> str:
    return f"{kind}/{run}"
