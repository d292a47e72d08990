"""What happens under the log's lock: recover, append a group, sign the head, live with a full disk.

In: events as canonical bytes. Out: entries that are durable and, when asked, a signed checkpoint
of them. One thread calls it. After any failure but a full disk it never writes again: what the
disk holds is unknown until the log is opened, and checked, anew.
"""

import errno
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import disk
from audit.ballast import Ballast
from audit.checkpoint import Checkpoint, PublicKey, sign, time_of, time_text, verify_note
from audit.errors import AuditError, ClockWentBack, LogBroken, LogFull, VerificationFailed
from audit.event import SYSTEM, Event, EventType
from audit.layout import CHECKPOINT, ENTRIES
from audit.logfile import LogFile, Written

CLOCK_SLACK = timedelta(seconds=2)
FULL = "the disk is full: no entry can be written until there is space"

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of day in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Identity:
    """Whose log it is: its name, its signing key, and the commitment of the software itself."""

    origin: str
    signer: Ed25519PrivateKey
    system_actor: str

    @property
    def public_key(self) -> PublicKey:
        """The verifier key of the log."""
        return PublicKey.of(self.origin, self.signer)


@dataclass(frozen=True)
class Committed:
    """What became of a group: its entries, a note if one was signed, and why not if it was not."""

    entries: list[Written]
    note: str | None
    failure: AuditError | None


class Writer:
    """The log directory from the side of the one who writes it."""

    def __init__(
        self, directory: Path, identity: Identity, clock: Clock, ballast: Ballast, must_exist: bool
    ) -> None:
        self._directory = directory
        self._identity = identity
        self._clock = clock
        self._ballast = ballast
        self._notices: list[bytes] = []
        self._broken: LogBroken | None = None
        self._signed_size = 0
        self._require_whole_directory(must_exist)
        self.file = LogFile(directory / ENTRIES)
        with ExitStack() as undo:
            undo.callback(self.file.close)
            with self.file.exclusive():
                self._recover(self._read_checkpoint())
            undo.pop_all()

    def commit(self, events: Sequence[bytes], *, is_asked: bool, is_time: bool) -> Committed:
        """Append the events as one group; sign the head if asked, or if it is time and it moved.

        Raises LogFull or ClockWentBack when no event of the group was recorded, and LogBroken when
        that is unknown. When only the checkpoint failed, the entries stand and `failure` says why.
        """
        if self._broken is not None:
            raise LogBroken(*self._broken.args)
        with self.file.exclusive():
            try:
                self._catch_up()
                entries = self._append(events)
            except OSError as error:
                raise self._failure(error) from error
            except LogBroken as error:
                self._broken = error
                raise
            try:
                is_due = is_asked or (is_time and self.file.chain.size != self._signed_size)
                note = self._sign_head() if is_due else None
            except OSError as error:
                return Committed(entries, None, self._failure(error))
        return Committed(entries, note, None)

    def close(self) -> None:
        """Give up the files; nothing is written."""
        self.file.close()

    def _recover(self, known: Checkpoint | None) -> None:
        """The state after a crash is a state like any other: read, check, go on."""
        chain = self.file.chain
        chain.watch(known.size if known else 0)
        torn = self.file.catch_up()
        if known is None and chain.size:
            raise LogBroken("there are entries but no checkpoint: the head is unknown")
        if known is not None and chain.size < known.size:
            raise LogBroken(f"{known.size} entries were signed for, {chain.size} are there")
        if known is not None and chain.watched_root != known.root_hash:
            raise LogBroken("the entries do not give the root that the checkpoint signs")
        # Only now, with everything that was signed accounted for, may a byte be cut.
        if torn:
            self._cut_torn(torn)
        self.file.settle()
        self._signed_size = known.size if known else 0
        if known is None:
            self._start()

    def _start(self) -> None:
        """Make a new log: ballast first, then its name, then a signed head of no entries."""
        if not self._ballast.restore():
            raise LogFull("there is no room for a log and its ballast")
        # A crash here leaves an empty log without a checkpoint, which is started again.
        disk.sync_directory(self._directory)
        self._sign_head()
        # From here on, entries without a checkpoint can only mean that one was taken away.

    def _require_whole_directory(self, must_exist: bool) -> None:
        has_checkpoint = (self._directory / CHECKPOINT).exists()
        if must_exist and not has_checkpoint:
            raise LogBroken("there is no checkpoint: the head of the log is unknown")
        if has_checkpoint and not (self._directory / ENTRIES).exists():
            raise LogBroken("there is a checkpoint but no log")

    def _read_checkpoint(self) -> Checkpoint | None:
        path = self._directory / CHECKPOINT
        if not path.exists():
            return None
        try:
            return verify_note(path.read_bytes().decode(), self._identity.public_key)
        except (VerificationFailed, UnicodeDecodeError) as error:
            raise LogBroken("the checkpoint is not a signed head of this log") from error

    def _catch_up(self) -> None:
        torn = self.file.catch_up()
        if torn:
            self._cut_torn(torn)
        self.file.settle()

    def _cut_torn(self, torn: int) -> None:
        # Its writer died before its fsync returned, so it acknowledged nothing of that group.
        self.file.cut_back()
        self._notice(EventType.LOG_RECOVERED, bytes_cut=torn)

    def _append(self, events: Sequence[bytes]) -> list[Written]:
        if not events and not self._notices:
            return []
        if not self._ballast.is_whole():
            if not events:
                return []  # A full log can be read; its notices wait for an entry that has room.
            if not self._ballast.restore():
                raise LogFull(FULL)
            self._notice(EventType.LOG_SPACE_RETURNED)
        group = [*self._notices, *events]
        written = self.file.append(group, self._now())[len(self._notices) :]
        self._notices.clear()
        return written

    def _failure(self, error: OSError) -> AuditError:
        """What a failed write means, after all that can still be done about it."""
        try:
            if error.errno in disk.NO_SPACE:
                self._say_full()
        except OSError as another:
            error = another
        if error.errno in disk.NO_SPACE:
            return LogFull(FULL)
        # Whether the bytes are on the disk is unknown, and after a failed fsync asking again
        # proves nothing: the kernel may have dropped them. Only opening the log anew tells.
        name = errno.errorcode.get(error.errno or 0, "unknown")
        self._broken = LogBroken(f"a write to the log failed ({name}); open the log again")
        return self._broken

    def _say_full(self) -> None:
        """Free the ballast and use a little of it to record why nothing more is recorded."""
        self.file.cut_back()
        self._ballast.release()
        # A crash here leaves no ballast and no word of it; the log is full all the same.
        self._notice(EventType.LOG_FULL, error="NoSpace")
        self.file.append(self._notices, self._not_before_the_last())
        self._notices.clear()
        self._sign_head()

    def _notice(self, kind: EventType, **detail: str | int) -> None:
        """Something the log says of itself, written with (and before) the next group."""
        actor = self._identity.system_actor
        event = Event(kind, actor, SYSTEM, SYSTEM, "keep_log", detail=detail)
        self._notices.append(event.canonical())

    def _sign_head(self) -> str:
        """Sign the head and put the note in the place of the last one."""
        self.file.settle()
        chain = self.file.chain
        at = time_of(self._not_before_the_last())
        head = Checkpoint(self._identity.origin, chain.size, chain.tree.root(), at)
        note = sign(head, self._identity.signer)
        # INVARIANT: every entry it signs is durable. A crash before the rename leaves the last
        # note, which is true as well, only of fewer entries.
        disk.replace(self._directory / CHECKPOINT, note.encode())
        self._signed_size = chain.size
        return note

    def _now(self) -> str:
        """The time of the next group: the clock's, or the last entry's if the clock is just behind.

        Clocks are set back by a little now and then; within CLOCK_SLACK the last entry's time is
        used again. Raises ClockWentBack beyond that.
        """
        now, last = self._clock(), self.file.chain.at
        if time_text(now) < last and time_of(last) - now > CLOCK_SLACK:
            raise ClockWentBack("the clock is behind the last entry; nothing was recorded")
        return max(time_text(now), last)

    def _not_before_the_last(self) -> str:
        """The clock's time, or the last entry's if that is later."""
        return max(time_text(self._clock()), self.file.chain.at)
