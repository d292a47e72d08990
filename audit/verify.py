"""Does the evidence hold? For anyone with the export and the public key, and nothing else.

In: an export (folder or file) and a verifier key. Out: Verified, or a VerificationFailed that names
what is wrong and the entry. It never needs the log that wrote the export, a database or a secret.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audit.chain import Chain
from audit.checkpoint import Checkpoint, PublicKey, verify_note
from audit.commitment import read_line
from audit.entry import require_canonical
from audit.errors import ActorAltered, EntriesMissing, KeyUnreadable, RootMismatch
from audit.layout import Evidence, actor_lines, open_evidence

REPORT_EVERY = 4096  # entries between two calls of `progress`


@dataclass(frozen=True)
class Verified:
    """What was proved: the first `size` entries are those signed, with this root (32 bytes).

    `entries` is how many there are in all; those past `size` form an unbroken chain, but no
    signature covers them yet.
    """

    size: int
    root_hash: bytes
    checkpointed_at: datetime
    entries: int
    origin: str


def verify(
    export: Path,
    public_key: bytes | str,
    *,
    progress: Callable[[float], None] | None = None,
) -> Verified:
    """Check every byte of an export against its signed checkpoint.

    `public_key` is the verifier key `origin+keyid+base64`, or 32 raw bytes (then the origin is
    taken from the export and proves nothing). `progress` gets shares from 0 to 1. Raises a
    subclass of VerificationFailed at the first fault.
    """
    key = _key(public_key)
    with open_evidence(export) as evidence:
        checkpoint = verify_note(evidence.note, key)
        chain = Chain()
        chain.watch(checkpoint.size)
        _follow(chain, evidence, progress)
    _require_signed_entries(chain, checkpoint)
    _require_honest_actors(export)
    if progress is not None:
        progress(1.0)
    return Verified(
        size=checkpoint.size,
        root_hash=checkpoint.root_hash,
        checkpointed_at=checkpoint.at,
        entries=chain.size,
        origin=checkpoint.origin,
    )


def _follow(chain: Chain, evidence: Evidence, progress: Callable[[float], None] | None) -> None:
    length, done = max(evidence.end - evidence.start, 1), 0
    for raw in evidence.lines():
        index = chain.size
        require_canonical(chain.follow(raw), index)
        done += len(raw)
        if progress is not None and index % REPORT_EVERY == 0:
            progress(done / length)


def _require_signed_entries(chain: Chain, checkpoint: Checkpoint) -> None:
    if chain.size < checkpoint.size:
        raise EntriesMissing(f"the checkpoint signs for {checkpoint.size} entries", chain.size)
    if chain.watched_root != checkpoint.root_hash:
        raise RootMismatch(f"the first {checkpoint.size} entries do not give the signed root")


def _require_honest_actors(export: Path) -> None:
    *lines, end = actor_lines(export)
    if end:
        raise ActorAltered("the last line of the table of actors has no end")
    for line in lines:
        try:
            read_line(line)
        except ValueError as error:
            raise ActorAltered(str(error)) from error


def _key(public_key: bytes | str) -> PublicKey | bytes:
    if isinstance(public_key, str):
        return PublicKey.parse(public_key)
    if len(public_key) == 32:
        return public_key
    try:
        return PublicKey.parse(public_key.decode())
    except UnicodeDecodeError as error:
        raise KeyUnreadable("the key is neither 32 bytes nor text") from error
