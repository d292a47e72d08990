"""Proof that one entry is in the log, or that one head grew from another: C2SP tlog-proof@v1.

In: an index, hashes and a signed checkpoint; or a proof's text and a verifier key. Out: the text,
or what it proves. For strangers: it needs the public key only, and never the log.

The `extra` line carries the entry's own bytes, unless they were left out; they are proved by
hashing to the leaf, and never believed otherwise.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, PublicKey, verify_note
from audit.errors import ProofWrong
from audit.tree import is_consistent, is_included, leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 64
_PROOF = re.compile(
    rf"{re.escape(HEADER)}\n(?:extra (?P<extra>[A-Za-z0-9+/=]+)\n)?index (?P<index>0|[1-9]\d{{0,17}})\n"
    r"(?P<hashes>(?:[A-Za-z0-9+/]{43}=\n)*)\n(?P<note>.+)",
    re.DOTALL | re.ASCII,
)


@dataclass(frozen=True)
class Included:
    """What was proved: entry `index`, with this leaf hash, is under this signed checkpoint.

    `entry` is the entry's canonical JSON when the proof brought it along.
    """

    index: int
    leaf_hash: bytes
    checkpoint: Checkpoint
    entry: bytes | None


def proof_text(index: int, hashes: Sequence[bytes], note: str, entry: bytes | None = None) -> str:
    """The proof as text; `entry` (the leaf's bytes) makes it stand without the log."""
    lines = [HEADER]
    if entry is not None:
        lines.append(f"extra {_encode(entry)}")
    lines += [f"index {index}", *map(_encode, hashes)]
    return "\n".join(lines) + "\n\n" + note


def check_inclusion(text: str, public_key: PublicKey | str, leaf: bytes | None = None) -> Included:
    """What a proof proves. `leaf` is the leaf hash it should be about (32 bytes).

    Without it, the proof must bring its entry along. Raises ProofWrong, or the errors of the
    checkpoint and of the key.
    """
    match = _PROOF.fullmatch(text)
    if match is None:
        raise ProofWrong("the text is not a tlog-proof")
    hashes = [_decode(line) for line in match["hashes"].split()]
    entry = _decode(match["extra"]) if match["extra"] is not None else None
    checkpoint = verify_note(match["note"], _key(public_key))
    proved = _leaf_of(entry, leaf)
    index = int(match["index"])
    root = checkpoint.root_hash
    is_short = len(hashes) <= MAX_HASHES
    if not is_short or not is_included(proved, index, checkpoint.size, hashes, root):
        raise ProofWrong("the proof does not lead to the signed root", index)
    return Included(index, proved, checkpoint, entry)


def check_consistency(
    old_note: str, new_note: str, hashes: Sequence[bytes], public_key: PublicKey | str
) -> tuple[Checkpoint, Checkpoint]:
    """Both heads, when the new one holds every entry of the old one, unchanged.

    Raises ProofWrong, or the errors of the checkpoints and of the key.
    """
    key = _key(public_key)
    old, new = verify_note(old_note, key), verify_note(new_note, key)
    if not is_consistent(old.size, new.size, old.root_hash, new.root_hash, hashes):
        raise ProofWrong("the new head did not grow from the old one")
    return old, new


def _leaf_of(entry: bytes | None, leaf: bytes | None) -> bytes:
    if entry is None and leaf is None:
        raise ProofWrong("the proof brings no entry along: give the leaf hash it is about")
    proved = leaf if entry is None or leaf is not None else leaf_hash(entry)
    if proved is None or (entry is not None and leaf_hash(entry) != proved):
        raise ProofWrong("the proof is about another entry")
    return proved


def _key(public_key: PublicKey | str) -> PublicKey:
    return PublicKey.parse(public_key) if isinstance(public_key, str) else public_key


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProofWrong("a line of the proof is not base64") from error
    if _encode(data) != text:
        raise ProofWrong("a line of the proof is not base64 in its one form")
    return data
