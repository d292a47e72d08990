"""Group commit: many callers, one thread that writes, one fsync for all who wait.

In: events as canonical bytes from any thread. Out: to each caller its entry, once it is durable,
or the reason why not. The same thread signs the head every minute. Nobody is left waiting.
"""

import os
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue

from audit.errors import AuditError, LogBroken, LogClosed
from audit.logfile import Written
from audit.writer import Committed, Writer

GROUP = 256  # the most entries that share one fsync
GATHER_SECONDS = 0.002  # the longest wait for a group to fill
ENDED = "the log's writer ended; open the log again"


class Request:
    """One caller's wish, an entry or a signed head or both, and later the answer to it."""

    __slots__ = ("entry", "error", "event", "needs_checkpoint", "note", "_answered")

    def __init__(self, event: bytes | None, needs_checkpoint: bool) -> None:
        self.event = event
        self.needs_checkpoint = needs_checkpoint
        self.entry: Written | None = None
        self.note: str | None = None
        self.error: AuditError | None = None
        self._answered = threading.Lock()
        self._answered.acquire()

    def answer(self) -> None:
        """Let the caller go on."""
        self._answered.release()

    def wait(self) -> None:
        """Wait for the answer. Raises the error if that is what it is."""
        self._answered.acquire()
        if self.error is not None:
            # A fresh one for each caller: a raised exception gathers the frames of its thread.
            raise type(self.error)(*self.error.args) from self.error


class Appender:
    """The queue before a Writer and the thread that empties it."""

    def __init__(self, writer: Writer, checkpoint_seconds: float | None) -> None:
        self._writer = writer
        self._checkpoint_seconds = checkpoint_seconds
        self._checkpointed = time.monotonic()
        self._last_group = 0
        self._queue: SimpleQueue[Request | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._stopped: AuditError | None = None
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._run, name="audit-appender", daemon=True)
        self._thread.start()

    def submit(self, event: bytes | None, needs_checkpoint: bool) -> Request:
        """Wait until the wish is granted, and return it with its answer. Raises an AuditError."""
        if os.getpid() != self._pid:
            raise LogClosed("this log was opened by another process; open it here")
        request = Request(event, needs_checkpoint)
        with self._gate:
            if self._stopped is not None:
                raise type(self._stopped)(*self._stopped.args)
            self._queue.put(request)
        request.wait()
        return request

    def stop(self) -> None:
        """Finish what was submitted, then end the thread. Nothing happens in a forked child."""
        if os.getpid() != self._pid:
            return
        with self._gate:
            if self._stopped is None:
                self._stopped = LogClosed("the log is closed")
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            while self._serve():
                pass
        finally:
            # Reached with requests in hand only by an error that nobody foresaw. Nothing more is
            # written, and no caller waits for ever.
            with self._gate:
                if self._stopped is None:
                    self._stopped = LogBroken(ENDED)
            self._answer(self._drain(), self._stopped)

    def _serve(self) -> bool:
        """Answer one group of requests; False when there are no more to come."""
        group = self._take_group()
        requests = [request for request in group if request is not None]
        events = [request.event for request in requests if request.event is not None]
        is_asked = any(request.needs_checkpoint for request in requests)
        is_time = self._is_checkpoint_time()
        if is_asked or is_time:
            # Before the attempt: if it fails, the next is a minute away or a caller's wish.
            self._checkpointed = time.monotonic()
        # What they are told if the writer ends in a way that nobody foresaw.
        answer: Committed | AuditError = LogBroken(ENDED)
        try:
            answer = self._writer.commit(events, is_asked=is_asked, is_time=is_time)
        except AuditError as error:
            answer = error
        finally:
            self._answer(requests, answer)
        return None not in group

    def _take_group(self) -> list[Request | None]:
        """Wait for a request, or for the time of the next checkpoint; then take all there are."""
        wait = None
        if self._checkpoint_seconds is not None:
            since = time.monotonic() - self._checkpointed
            wait = max(self._checkpoint_seconds - since, 0.0)
        group: list[Request | None] = []
        with suppress(Empty):
            group.append(self._queue.get(timeout=wait))
            # Those answered a moment ago are about to come back: a group as large as the last
            # one costs one fsync, two halves of it cost two. A lone caller never waits.
            until = time.monotonic() + GATHER_SECONDS
            while len(group) < self._last_group and (left := until - time.monotonic()) > 0:
                group.append(self._queue.get(timeout=left))
            while len(group) < GROUP:
                group.append(self._queue.get_nowait())
        self._last_group = len(group)
        return group

    def _drain(self) -> list[Request]:
        left: list[Request] = []
        with suppress(Empty):
            while True:
                request = self._queue.get_nowait()
                if request is not None:
                    left.append(request)
        return left

    def _is_checkpoint_time(self) -> bool:
        if self._checkpoint_seconds is None:
            return False
        return time.monotonic() - self._checkpointed >= self._checkpoint_seconds

    def _answer(self, requests: list[Request], answer: Committed | AuditError) -> None:
        if isinstance(answer, Committed):
            self._confirm(requests, answer)
        else:
            for request in requests:
                request.error = answer
        for request in requests:
            request.answer()

    @staticmethod
    def _confirm(requests: list[Request], committed: Committed) -> None:
        entries = iter(committed.entries)
        for request in requests:
            if request.event is not None:
                request.entry = next(entries)
            request.note = committed.note
            # An entry that asked for a signature and did not get one is durable, but whoever
            # made it must not go on as if it were safe from a forger.
            if request.needs_checkpoint and committed.failure is not None:
                request.error = committed.failure
