"""A copy of the log for someone else: a folder or one file, under a checkpoint signed now.

In: an open log and a target that does not exist yet. Out: the evidence, checked as it was copied.
It never holds staff ids: the table of actors stays with the log.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audit import disk
from audit.chain import Chain
from audit.checkpoint import Checkpoint, verify_note
from audit.errors import ExportRefused, LogBroken, VerificationFailed
from audit.layout import CHECKPOINT, ENTRIES
from audit.log import AuditLog

REPORT_EVERY = 4096  # entries between two calls of `progress`


@dataclass(frozen=True)
class Exported:
    """What was copied: `size` entries under this root (32 bytes), and where to."""

    size: int
    root_hash: bytes
    path: Path


def export(
    log: AuditLog,
    target: Path,
    *,
    one_file: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Exported:
    """Copy every entry so far, with a fresh checkpoint over exactly those.

    A folder holds `entries.jsonl` and `checkpoint`; `one_file` makes one file of the same.
    `progress` gets shares from 0 to 1. Raises ExportRefused, or LogBroken when the log does not
    give the root that it signs; the copy then bears no checkpoint.
    """
    if target.exists() or not target.parent.is_dir():
        raise ExportRefused("the target exists already, or the folder it should be in does not")
    note = log.checkpoint()
    head = verify_note(note, log.verifier_key)
    # Under another name until it is whole: an export that exists is one that was checked.
    partial = target.with_name(target.name + ".partial")
    _remove(partial)
    try:
        if one_file:
            _write(partial, log, head, note + "\n", progress)
        else:
            partial.mkdir(mode=0o700)
            disk.replace(partial / CHECKPOINT, note.encode())
            _write(partial / ENTRIES, log, head, "", progress)
        os.replace(partial, target)
        disk.sync_directory(target.parent)
    except OSError as error:
        raise ExportRefused("the export cannot be written") from error
    finally:
        _remove(partial)
    return Exported(head.size, head.root_hash, target)


def _write(
    path: Path,
    log: AuditLog,
    head: Checkpoint,
    heading: str,
    progress: Callable[[float], None] | None,
) -> None:
    chain = Chain()
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(fd, "wb") as file:
        file.write(heading.encode())
        for raw in log.stored_lines(head.size):
            _follow(chain, raw)
            file.write(raw)
            if progress is not None and chain.size % REPORT_EVERY == 0:
                progress(chain.size / head.size)
        file.flush()
        disk.sync(file.fileno())
    if (chain.size, chain.tree.root()) != (head.size, head.root_hash):
        raise LogBroken("the entries on the disk do not give the root that the log signs")
    if progress is not None:
        progress(1.0)


def _follow(chain: Chain, raw: bytes) -> None:
    try:
        chain.follow(raw)
    except VerificationFailed as error:
        raise LogBroken(str(error)) from error


def _remove(partial: Path) -> None:
    if partial.is_dir():
        shutil.rmtree(partial)
    else:
        partial.unlink(missing_ok=True)
