"""Vintages: the linked tables, frozen, that every question is asked of.

In: Arrow tables by name. Out: the same tables, from memory after the first reading. Decrypted rows
are kept in this process only, for the last few vintages, and handed out for an Access each time.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from gateway.access import Access, Right, require
from gateway.keys import Sealed
from gateway.store.errors import NotFound, RecordsDamaged, RecordsShredded, WrongState
from gateway.store.ids import new_id
from gateway.store.lake import SUFFIX, Lake, Part
from gateway.store.tables import LakeFileRow, ReleaseRow, RunRow, VintageRow

KEPT_OPEN = 2
TABLE_NAME = re.compile(r"[a-z][a-z_]{0,40}")

Tables = dict[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Vintage:
    """One frozen state of the linked data and the run it came from."""

    id: str
    run: int
    access: str
    frozen_at: datetime
    shredded_at: datetime | None


class Vintages:
    """Write once, read often."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._database = lake.database
        self._opened: OrderedDict[str, Tables] = OrderedDict()
        self._mutex = threading.Lock()

    @staticmethod
    def new_id() -> str:
        """An id for a vintage about to be built, because its noise is keyed by the id."""
        return new_id("vintage")

    def write(
        self, access: Access, vintage: str, run: int, tables: Mapping[str, pa.Table]
    ) -> Vintage:
        """Freeze all tables or none, of a finished run. Raises WrongState or StoreFull."""
        require(access, Right.WRITE_VINTAGE)
        _require_names(vintage, tables)
        parts = [Part(name, Sealed.VINTAGE, table) for name, table in tables.items()]
        with self._lake.adding(_place(vintage), parts, vintage_id=vintage) as session:
            source = session.get(RunRow, run)
            if source is None or source.status != "done":
                raise WrongState(f"run {run} is not finished, so no vintage comes of it")
            now = self._lake.clock()
            row = VintageRow(id=vintage, run=run, access_id=access.id, frozen_at=now)
            session.add(row)
        return _from_row(row)

    def latest(self, access: Access) -> Vintage:
        """The vintage that questions are asked of now. Raises NotFound before the first one."""
        return self.get(access, None)

    def get(self, access: Access, vintage: str | None) -> Vintage:
        """One vintage, the latest for None. Raises NotFound."""
        require(access, Right.READ_VINTAGE)
        with self._database.reading() as session:
            return _from_row(_find(session, vintage))

    def in_force(self, access: Access) -> Vintage | None:
        """For who freezes vintages: which one questions are asked of now, and none of its rows; None before the first."""
        require(access, Right.WRITE_VINTAGE)
        with self._database.reading() as session:
            row = session.scalar(_latest_first().limit(1))
            return None if row is None else _from_row(row)

    def is_released(self, access: Access, vintage: str) -> bool:
        """Whether anything was ever released from it. Raises NotFound for no vintage."""
        require(access, Right.WRITE_VINTAGE)
        with self._database.reading() as session:
            _find(session, vintage)
            query = select(ReleaseRow.number).where(ReleaseRow.vintage_id == vintage).limit(1)
            return session.scalar(query) is not None

    def before(self, access: Access, vintage: str) -> tuple[Vintage, ...]:
        """The vintages before it whose records are still there, the earliest first."""
        require(access, Right.READ_VINTAGE)
        with self._database.reading() as session:
            there = [_from_row(row) for row in session.scalars(_latest_first())]
        ids = [each.id for each in there]
        if vintage not in ids:
            raise NotFound("there is no such vintage")
        return tuple(reversed(there[ids.index(vintage) + 1 :]))

    def open(self, access: Access, vintage: str | None = None) -> Tables:
        """Its tables by name, the latest vintage's for None.

        Raises NotFound, RecordsDamaged or RecordsShredded.
        """
        # Asked of the database each time: what was shredded elsewhere is not served from here.
        chosen = self.get(access, vintage)
        if chosen.shredded_at is not None:
            self._forget(chosen.id)
            raise RecordsShredded(f"vintage {chosen.id} was shredded")
        with self._mutex:
            if chosen.id not in self._opened:
                self._opened[chosen.id] = self._read(chosen.id)
            self._opened.move_to_end(chosen.id)
            while len(self._opened) > KEPT_OPEN:
                self._opened.popitem(last=False)
            return dict(self._opened[chosen.id])

    def shred(self, access: Access, vintage: str) -> None:
        """Delete the keys of a vintage's tables; releases made from it stay."""
        require(access, Right.WRITE_VINTAGE)
        with self._database.writing() as session:
            _find(session, vintage).shredded_at = self._lake.clock()
            self._lake.shred(session, LakeFileRow.vintage_id == vintage)
        self._forget(vintage)
        self._lake.clear(_place(vintage))

    def _read(self, vintage: str) -> Tables:
        query = select(LakeFileRow.path).where(LakeFileRow.vintage_id == vintage)
        with self._database.reading() as session:
            paths = list(session.scalars(query.order_by(LakeFileRow.path)))
        if not paths:
            raise RecordsDamaged("vintage", vintage, "no key is kept for it")
        names = [path.rpartition("/")[2].removesuffix(SUFFIX) for path in paths]
        return {name: self._lake.read(_place(vintage), name) for name in names}

    def _forget(self, vintage: str) -> None:
        with self._mutex:
            self._opened.pop(vintage, None)


def _require_names(vintage: str, tables: Mapping[str, pa.Table]) -> None:
    # Both become parts of a path.
    if not re.fullmatch(r"vintage-[0-9a-f]{16}", vintage):
        raise WrongState("a vintage's id is made by new_id")
    if not tables or not all(TABLE_NAME.fullmatch(name) for name in tables):
        raise WrongState("a vintage has tables, named in lower-case letters")


def _latest_first() -> Select[VintageRow]:
    there = select(VintageRow).where(VintageRow.shredded_at.is_(None))
    # Runs are numbered one after another; a clock may stand still or go back.
    return there.order_by(VintageRow.run.desc(), VintageRow.frozen_at.desc(), VintageRow.id.desc())


def _find(session: Session, vintage: str | None) -> VintageRow:
    query = select(VintageRow).where(VintageRow.id == vintage) if vintage else _latest_first()
    row = session.scalar(query.limit(1))
    if row is None:
        raise NotFound("there is no such vintage" if vintage else "nothing was linked yet")
    return row


def _from_row(row: VintageRow) -> Vintage:
    return Vintage(row.id, row.run, row.access_id, row.frozen_at, row.shredded_at)


def _place(vintage: str) -> str:
    return f"vintages/{vintage}"
