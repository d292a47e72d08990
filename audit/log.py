"""The audit log: append what happened, durably; read it; sign its head; prove what it holds.

In: events. Out: entries (index, UTC time, leaf hash) that are on the disk when `append` returns,
signed checkpoints, proofs. It never holds a staff id beside an entry: see `audit.actors`.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import disk
from audit.actors import Actors
from audit.appender import Appender, Request
from audit.ballast import BALLAST_BYTES, Ballast
from audit.checkpoint import PublicKey, time_of, verify_note
from audit.entry import Entry, Line, parse
from audit.errors import EventRefused, LogBroken, LogClosed, LogFull, VerificationFailed
from audit.event import CHECKPOINT_AT_ONCE, SYSTEM, Event, EventType
from audit.proof import proof_text
from audit.tree import consistency_proof, inclusion_proof
from audit.writer import FULL, Clock, Identity, Writer, utc_now

CHECKPOINT_SECONDS = 60.0
# In canonical JSON `access` is the first field of an event and `type` the last.
INTENT = b'"type":"%b"}' % EventType.ACCESS_INTENT.value.encode()
OUTCOME = b'"type":"%b"}' % EventType.ACCESS_OUTCOME.value.encode()
_ACCESS = re.compile(rb'"event":\{"access":"([^"]+)"')


def _access(raw: bytes) -> bytes:
    """The access that a line is about; an entry without one is matched by nothing but itself."""
    found = _ACCESS.search(raw)
    return found[1] if found else raw


class AuditLog:
    """One log in one directory. Threads share an object; each process opens its own."""

    def __init__(
        self, actors: Actors, writer: Writer, appender: Appender, verifier_key: PublicKey
    ) -> None:
        self.actors = actors
        self.verifier_key = verifier_key
        self._writer = writer
        self._appender = appender
        self._is_closed = False

    @classmethod
    def open(
        cls,
        directory: Path,
        signer: Ed25519PrivateKey,
        origin: str,
        *,
        clock: Clock = utc_now,
        checkpoint_seconds: float | None = CHECKPOINT_SECONDS,
        ballast_bytes: int = BALLAST_BYTES,
        must_exist: bool = False,
    ) -> "AuditLog":
        """Open the log, check all of it against its checkpoint, and recover from a crash.

        An empty or absent directory becomes a new log, unless `must_exist`. `origin` names the
        log in its checkpoints (no spaces, no plus). `checkpoint_seconds` None: no timer. Raises
        LogBroken for anything but a torn last line, LogFull when a new log finds no room.
        """
        if not must_exist:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not directory.is_dir():
            raise LogBroken("there is no log directory")
        actors = Actors(directory)
        try:
            identity = Identity(origin, signer, actors.commitment(SYSTEM))
            ballast = Ballast(directory, ballast_bytes)
            writer = Writer(directory, identity, clock, ballast, must_exist)
            # A full disk keeps the log from growing, not from being read.
            with suppress(LogFull):
                writer.commit([], is_asked=False, is_time=False)
        except OSError as error:
            if error.errno in disk.NO_SPACE:
                raise LogFull(FULL) from error
            raise LogBroken("the log directory cannot be used") from error
        appender = Appender(writer, checkpoint_seconds)
        return cls(actors, writer, appender, identity.public_key)

    def append(self, event: Event) -> Entry:
        """Record an event; durable when this returns. Safe from any thread.

        Types in CHECKPOINT_AT_ONCE are under a signed head by then as well. Raises LogFull,
        LogBroken, LogClosed or ClockWentBack; after LogBroken, and after a LogFull of a type in
        CHECKPOINT_AT_ONCE, the event may or may not be in the log.
        """
        stored = event.under(self._commitment(event.actor))
        is_urgent = event.type in CHECKPOINT_AT_ONCE
        request = self._appender.submit(stored.canonical(), is_urgent)
        written = request.entry
        if written is None:
            raise LogBroken("the entry was not confirmed")
        return Entry(written.index, time_of(written.at), written.leaf, stored)

    @property
    def public_key(self) -> str:
        """The verifier key `origin+keyid+base64`, for whoever will verify the log."""
        return self.verifier_key.text

    def checkpoint(self) -> str:
        """Sign the head now and return the note. Raises as `append` does."""
        return self._note(self._appender.submit(None, needs_checkpoint=True))

    @property
    def size(self) -> int:
        """The number of entries, those of other processes included."""
        self._look()
        return self._writer.file.chain.size

    def entries(
        self,
        after: int = -1,
        limit: int | None = None,
        types: Collection[EventType] | None = None,
    ) -> Iterator[Entry]:
        """Entries with an index above `after`, oldest first, `limit` of them at most; streamed.

        `types` keeps only those types. Raises LogBroken where the file was altered.
        """
        self._look()
        return islice(self._read(after + 1, types), limit)

    def stored_lines(self, end: int) -> Iterator[bytes]:
        """The stored lines of the first `end` entries, as they are on the disk; streamed."""
        self._look()
        return self._writer.file.lines(0, end)

    def unmatched_intents(self) -> tuple[Entry, ...]:
        """Intents whose access has no outcome: interrupted, or still going on; oldest first.

        After a restart, and before the first new access, they are all interrupted ones.
        """
        self._look()
        waiting: dict[bytes, tuple[int, bytes]] = {}
        # On the bytes: of a long history only what is left over needs to be understood.
        for index, raw in enumerate(self._writer.file.lines()):
            if INTENT in raw:
                waiting[_access(raw)] = (index, raw)
            elif OUTCOME in raw:
                waiting.pop(_access(raw), None)
        return tuple(self._entry(raw, index) for index, raw in waiting.values())

    def prove(self, index: int, *, with_entry: bool = True) -> str:
        """A proof (tlog-proof text) that entry `index` is under a head signed now.

        `with_entry` False leaves the entry's own words out. Raises ValueError for no such entry.
        """
        note, size = self._fresh_head()
        hashes = inclusion_proof(index, size, self._writer.file.root_of)
        line = self._line(next(self._writer.file.lines(index, index + 1)), index)
        return proof_text(index, hashes, note, line.data if with_entry else None)

    def prove_consistency(self, old_size: int) -> tuple[str, list[bytes]]:
        """(note, hashes): that the head signed now grew from the first `old_size` entries."""
        note, size = self._fresh_head()
        return note, consistency_proof(old_size, size, self._writer.file.root_of)

    def close(self) -> None:
        """Sign the head and end. A broken or full log is closed without a new signature."""
        if self._is_closed:
            return
        self._is_closed = True
        with suppress(LogBroken, LogFull, LogClosed):
            self.checkpoint()
        self._appender.stop()
        self._writer.close()

    def __enter__(self) -> "AuditLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _commitment(self, actor: str) -> str:
        try:
            return self.actors.commitment(actor)
        except OSError as error:
            if error.errno in disk.NO_SPACE:
                raise LogFull(FULL) from error
            raise LogBroken("the table of actors cannot be written") from error

    def _look(self) -> None:
        """Take in what other processes appended."""
        self._appender.submit(None, needs_checkpoint=False)

    def _fresh_head(self) -> tuple[str, int]:
        note = self.checkpoint()
        return note, verify_note(note, self.verifier_key).size

    @staticmethod
    def _note(request: Request) -> str:
        if request.note is None:
            raise LogBroken("the checkpoint was not confirmed")
        return request.note

    def _read(self, first: int, types: Collection[EventType] | None) -> Iterator[Entry]:
        # Looking for the words first saves parsing most of the lines that are not wanted.
        words = None if types is None else [b'"type":"%b"' % t.value.encode() for t in types]
        for index, raw in enumerate(self._writer.file.lines(max(first, 0)), max(first, 0)):
            if words is None or any(word in raw for word in words):
                entry = self._entry(raw, index)
                if types is None or entry.event.type in types:
                    yield entry

    def _entry(self, raw: bytes, index: int) -> Entry:
        try:
            return self._line(raw, index).entry()
        except EventRefused as error:
            raise LogBroken(f"entry {index}: {error}") from error
        except ValueError as error:
            raise LogBroken(f"entry {index}: the event is not JSON") from error

    @staticmethod
    def _line(raw: bytes, index: int) -> Line:
        try:
            return parse(raw, index)
        except VerificationFailed as error:
            raise LogBroken(str(error)) from error
