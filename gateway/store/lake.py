"""The lake: encrypted Parquet files, the rows that know them, and the keys that open them.

In: frames, by kind. Out: the same frames, or a named error. A file counts only while a database
row holds its wrapped key; deleting that key shreds the file, wherever copies of it may be.

What is true if we crash, in `adding`:
 1. while the draft is written      no row, key lost with the process: nobody can read it; swept
 2. after the draft moved in place  the same
 3. after the row is committed      files and keys are durable together: stored
and in `shredding`:
 4. after the keys are deleted      the files are unreadable for ever; swept
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from gateway.keys import KeyUnwrapFailed, Sealed, Vault
from gateway.store.engine import Database
from gateway.store.errors import RecordsDamaged, RecordsShredded
from gateway.store.instants import Clock
from gateway.store.seal import Frame, SealBroken, SealedFile, seal, unseal
from gateway.store.shelf import Shelf
from gateway.store.tables import LakeFileRow

SUFFIX = ".parquet"
WRITERS = 2


@dataclass(frozen=True, slots=True)
class Part:
    """One file to add: its name without suffix, what hangs its key, and its rows or what makes them.

    Files are made side by side.
    """

    file: str
    kind: Sealed
    frame: Frame | Callable[[], Frame]


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep took away, or that it did not run because somebody is writing."""

    removed: int
    was_busy: bool


@dataclass(frozen=True, slots=True)
class Lake:
    """Adds, reads and shreds files; every wrapped key is bound to this lake and the file's path."""

    shelf: Shelf
    database: Database
    vault: Vault
    lake_id: str
    clock: Clock

    @contextmanager
    def adding(self, place: str, parts: Sequence[Part], **owner: Any) -> Iterator[Session]:
        """Put files in place, then one transaction for the caller's rows and theirs.

        `place` is `<group>/<owner>`; `owner` is the owning column of lake_files. On any error
        nothing of it stays. Raises StoreFull, or WrongState when the place is taken.
        """
        with self.shelf.writing():
            rows = self._write(place, parts)
            try:
                with self.database.writing() as session:
                    yield session
                    session.flush()
                    session.add_all(LakeFileRow(**row, **owner) for row in rows)
            finally:
                # Whether it was committed only the database knows, even after an interrupt. In
                # here the place is ours: whoever found it taken has left at the line above.
                self._remove_unknown({place})

    def read(self, place: str, file: str) -> pa.Table:
        """One file's rows. Raises RecordsDamaged or RecordsShredded."""
        path = f"{place}/{file}{SUFFIX}"
        row = self._row(path)
        try:
            data_key = self.vault.unwrap(Sealed(row.kind), self._name(path), row.wrapped_key or b"")
            expected = SealedFile(row.sha256, row.size_bytes, row.row_count)
            return unseal(self.shelf.folder / path, data_key, self._name(path), expected)
        except (SealBroken, KeyUnwrapFailed, ValueError) as fault:
            self._row(path)  # shredded while we were reading? then that is the truth to tell
            raise RecordsDamaged(file, place, str(fault)) from None

    def shred(self, session: Session, place: ColumnElement[bool]) -> None:
        """Delete the wrapped keys of an owner in the caller's transaction; then call `clear`."""
        gone = {"wrapped_key": None, "shredded_at": self.clock()}
        session.execute(update(LakeFileRow).where(place).values(**gone))

    def clear(self, place: str) -> None:
        """Take away files whose keys are deleted, and the keys' last traces in the journal."""
        self._remove_unknown({place})
        self.database.scrub()

    def sweep(self) -> Swept:
        """Take away what a crash left; does nothing while any program is writing."""
        with self.shelf.sweeping() as is_quiet:
            if not is_quiet:
                return Swept(0, was_busy=True)
            drafts = self.shelf.drafts()
            for draft in drafts:
                self.shelf.remove(draft)
            return Swept(len(drafts) + self._remove_unknown(self.shelf.places()), was_busy=False)

    def _write(self, place: str, parts: Sequence[Part]) -> list[dict[str, Any]]:
        with self.shelf.drafting() as draft:
            # Arrow encodes and encrypts without Python's lock, so that files are made side by side.
            with ThreadPoolExecutor(WRITERS) as writers:
                paths = [f"{place}/{part.file}{SUFFIX}" for part in parts]
                rows = list(writers.map(self._seal, repeat(draft), paths, parts))
            self.shelf.put_in_place(draft, place)
        return rows

    def _seal(self, draft: Path, path: str, part: Part) -> dict[str, Any]:
        data_key, wrapped = self.vault.fresh(part.kind, self._name(path))
        frame = part.frame() if callable(part.frame) else part.frame
        sealed = seal(frame, draft / Path(path).name, data_key, self._name(path))
        return {
            "path": path,
            "kind": part.kind.value,
            "wrapped_key": wrapped,
            "sha256": sealed.sha256,
            "size_bytes": sealed.size_bytes,
            "row_count": sealed.row_count,
        }

    def _row(self, path: str) -> LakeFileRow:
        with self.database.reading() as session:
            row = session.get(LakeFileRow, path)
        if row is None:
            place, _, file = path.rpartition("/")
            raise RecordsDamaged(file.removesuffix(SUFFIX), place, "no key is kept for it")
        if row.wrapped_key is None:
            raise RecordsShredded(f"{path} was shredded")
        return row

    def _remove_unknown(self, places: set[str]) -> int:
        unknown = [place for place in places if not self._is_known(place)]
        for place in unknown:
            self.shelf.remove(place)
        return len(unknown)

    def _is_known(self, place: str) -> bool:
        inside = LakeFileRow.path.startswith(f"{place}/", autoescape=True)
        query = select(LakeFileRow.path).where(inside, LakeFileRow.wrapped_key.is_not(None))
        with self.database.reading() as session:
            return session.scalar(query.limit(1)) is not None

    def _name(self, path: str) -> str:
        return f"{self.lake_id}/{path}"
