"""One line of the log: canonical JSON of an entry, with the leaf hash of its other fields.

In: an event's bytes, a time, an index and the hash of the entry before; or a line. Out: the line
and its leaf hash; or the parts of the line, checked against its hash. It opens no file.

    {"at":...,"event":{...},"index":7,"leaf":"<64 hex>","previous":"<64 hex>"}

The leaf's bytes are this line without its `leaf` and line end; `previous` is the leaf hash of
entry 6, so that entries no checkpoint covers yet are bound to those before them.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime

import rfc8785

from audit.checkpoint import time_of
from audit.errors import EntryAltered, EntryTorn, EntryUnreadable
from audit.event import Event
from audit.tree import leaf_hash

NO_PREVIOUS = "0" * 64
MAX_LINE = 64 * 1024  # bytes; an event at its limits stays far below
_LINE = re.compile(
    rb'(\{"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)","event":(\{.*\}),"index":(0|[1-9]\d{0,17}))'
    rb',"leaf":"([0-9a-f]{64})"(,"previous":"([0-9a-f]{64})"\})\n'
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A recorded event: `index` from 0, `at` in UTC, `leaf_hash` of 32 bytes.

    The event's actor is the commitment, not the staff id.
    """

    index: int
    at: datetime
    leaf_hash: bytes
    event: Event


@dataclass(frozen=True, slots=True)
class Line:
    """The parts of a line that hashes as it says it does."""

    at: str
    event: bytes
    index: int
    leaf: bytes
    previous: str
    data: bytes

    def entry(self) -> Entry:
        """The entry, its event read back. Raises EventRefused for an event that is none of ours."""
        event = Event.from_fields(json.loads(self.event))
        return Entry(self.index, time_of(self.at), self.leaf, event)


def render(event: bytes, at: str, index: int, previous: str) -> tuple[bytes, bytes]:
    """(leaf hash, line) of an entry. `event` is canonical JSON already, so the line is too."""
    head = b'{"at":"%b","event":%b,"index":%d' % (at.encode(), event, index)
    tail = b',"previous":"%b"}' % previous.encode()
    leaf = leaf_hash(head + tail)
    return leaf, head + b',"leaf":"%b"' % leaf.hex().encode() + tail + b"\n"


def parse(raw: bytes, index: int) -> Line:
    """The parts of a line, which ought to be entry `index`.

    Raises EntryTorn, EntryUnreadable or EntryAltered with that index.
    """
    if not raw.endswith(b"\n"):
        raise EntryTorn("the line has no end", index)
    match = _LINE.fullmatch(raw)
    if match is None:
        raise EntryUnreadable("the line is not an entry", index)
    head, at, event, own_index, leaf, tail, previous = match.groups()
    data = head + tail
    if leaf_hash(data).hex().encode() != leaf:
        raise EntryAltered("the line does not hash to the leaf hash it carries", index)
    return Line(
        at.decode(), event, int(own_index), bytes.fromhex(leaf.decode()), previous.decode(), data
    )


def require_canonical(line: Line, index: int) -> None:
    """Raise EntryUnreadable unless the bytes are the one canonical form of what they say.

    The hash covers the bytes; this rules out bytes that two readers could read differently.
    """
    try:
        same = rfc8785.dumps(json.loads(line.data)) == line.data
    except (ValueError, RecursionError) as error:
        raise EntryUnreadable("the line is not JSON", index) from error
    if not same:
        raise EntryUnreadable("the line is not canonical JSON", index)
