"""A signed head of the log, in a form that strangers' tools read: C2SP tlog-checkpoint on signed-note.

In: origin, size, root and time with an Ed25519 key; or a note with a public key. Out: the note's
text, or a Checkpoint whose signature held. It reads no log. The time stands in one extension
line, `at <UTC>`, which the signature covers.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.errors import CheckpointUnreadable, KeyUnreadable, SignatureWrong

_ED25519 = b"\x01"  # signature type of signed-note
_DASH = "\N{EM DASH} "
_MAX_NOTE = 64 * 1024
_MAX_SIGNATURES = 64
_SIZE = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def time_text(at: datetime) -> str:
    """A UTC time in the log's one form, 2026-11-22T09:00:00.000000Z; sorts as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def time_of(text: str) -> datetime:
    """The UTC time behind `time_text`. Raises ValueError for any other form."""
    if not _TIME.fullmatch(text):
        raise ValueError("not a time in the log's form")
    return datetime.fromisoformat(text)


@dataclass(frozen=True)
class PublicKey:
    """A log's name with its Ed25519 public key (32 bytes)."""

    origin: str
    raw: bytes

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name, newline, type, key), as signed-note has it."""
        return hashlib.sha256(self.origin.encode() + b"\n" + _ED25519 + self.raw).digest()[:4]

    @property
    def text(self) -> str:
        """The verifier key `origin+keyid+base64`, as Go's sumdb/note reads it."""
        return f"{self.origin}+{self.key_id.hex()}+{_encode(_ED25519 + self.raw)}"

    @classmethod
    def of(cls, origin: str, signer: Ed25519PrivateKey) -> "PublicKey":
        """The public side of a signing key. Raises KeyUnreadable for an impossible origin."""
        _require_name(origin)
        return cls(origin, signer.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """Read a verifier key. Raises KeyUnreadable."""
        match text.strip().split("+", 2):
            case [origin, key_id, encoded]:
                _require_name(origin)
                raw = _decode(encoded, 33, KeyUnreadable("the key is not 33 bytes in base64"))
                key = cls(origin, raw[1:])
                if raw[:1] == _ED25519 and key.key_id.hex() == key_id:
                    return key
        raise KeyUnreadable("the key is not an Ed25519 verifier key origin+keyid+base64")


@dataclass(frozen=True)
class Checkpoint:
    """What the log signs: the first `size` entries have this `root_hash` (32 bytes)."""

    origin: str
    size: int
    root_hash: bytes
    at: datetime

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_encode(self.root_hash)}\nat {time_text(self.at)}\n"


def sign(checkpoint: Checkpoint, signer: Ed25519PrivateKey) -> str:
    """The signed note. Ed25519 is deterministic: the same checkpoint gives the same note."""
    key = PublicKey.of(checkpoint.origin, signer)
    signature = _encode(key.key_id + signer.sign(checkpoint.body.encode()))
    return f"{checkpoint.body}\n{_DASH}{checkpoint.origin} {signature}\n"


def verify_note(note: str, key: PublicKey | bytes) -> Checkpoint:
    """The checkpoint in a note that `key` signed; 32 raw bytes stand for any origin.

    Raises CheckpointUnreadable, SignatureWrong, KeyUnreadable. Signatures of other keys
    (witnesses) are left alone, as signed-note asks.
    """
    body, signatures = _split(note)
    checkpoint = _parse_body(body)
    if isinstance(key, bytes):
        key = PublicKey(checkpoint.origin, _require_raw(key))
    if checkpoint.origin != key.origin:
        raise SignatureWrong("the checkpoint is of another log than the key")
    ours = [raw for name, raw in signatures if (name, raw[:4]) == (key.origin, key.key_id)]
    if not ours:
        raise SignatureWrong("the checkpoint carries no signature of this key")
    for raw in ours:
        _require_signature(key, body, raw[4:])
    return checkpoint


def _require_signature(key: PublicKey, body: str, signature: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, body.encode())
    except InvalidSignature as error:
        raise SignatureWrong("the signature does not fit the checkpoint") from error


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    if len(note) > _MAX_NOTE or any(c < " " and c != "\n" for c in note):
        raise CheckpointUnreadable("the checkpoint is too long or holds control characters")
    text, blank, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or not text or lines.pop() != "" or not 0 < len(lines) <= _MAX_SIGNATURES:
        raise CheckpointUnreadable("the checkpoint is not a text, a blank line and signatures")
    return text + "\n", [_signature_line(line) for line in lines]


def _signature_line(line: str) -> tuple[str, bytes]:
    match line.removeprefix(_DASH).split(" "):
        case [name, encoded] if line.startswith(_DASH) and name:
            return name, _decode(encoded, None, CheckpointUnreadable("a signature is not base64"))
    raise CheckpointUnreadable("a signature line is not a dash, a name and base64")


def _parse_body(body: str) -> Checkpoint:
    match body.split("\n"):
        case [origin, size, root, at, ""] if origin and _SIZE.fullmatch(size) and at[:3] == "at ":
            unreadable = CheckpointUnreadable("the root hash is not 32 bytes in base64")
            root_hash = _decode(root, 32, unreadable)
            try:
                return Checkpoint(origin, int(size), root_hash, time_of(at[3:]))
            except ValueError as error:
                raise CheckpointUnreadable("the checkpoint has no readable time") from error
    raise CheckpointUnreadable("the checkpoint is not origin, size, root hash and time")


def _require_name(origin: str) -> None:
    if not origin or "+" in origin or any(c.isspace() or not c.isprintable() for c in origin):
        raise KeyUnreadable("the origin must be a name without spaces and plus signs")


def _require_raw(key: bytes) -> bytes:
    if len(key) != 32:
        raise KeyUnreadable("a raw Ed25519 public key has 32 bytes")
    return key


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str, length: int | None, error: Exception) -> bytes:
    """Strict base64: unused bits must be zero too, or two texts would stand for one value."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise error from cause
    if _encode(data) != text or (length is not None and len(data) != length):
        raise error
    return data
