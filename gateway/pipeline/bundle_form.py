"""The bundle as bytes: what an agency that tokenises at its own site sends in place of the extract.

A line in clear (for which gateway's package, agency and dataset), then an envelope that only the gateway opens: a manifest,
the token frame, the service records. In: these. Out: the bytes; or the parts again, each of its form, else BundleRefused.
Whether they are true is asked in `bundle`. Holds no identifier and no key.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from gateway.keys import BundleKey, envelope
from gateway.keys.errors import EnvelopeBroken
from gateway.keys.package import KeyPackage
from gateway.pipeline.bundle_rules import refusal
from linkage.oprf.keyring import fingerprint as number_fingerprint

FORMAT: Final = "families-data-gateway-bundle"
VERSION: Final = 1
MEDIA_TYPE: Final = "application/vnd.families-data-gateway.bundle"
OPENING: Final = b'{"format":"' + FORMAT.encode() + b'",'
LONGEST_OUTSIDE: Final = 1024

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=80)]
Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32,64}$")]
Size = Annotated[int, Field(ge=0, le=1 << 40)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Outside(_Strict):
    """What stands on the envelope; `size` is that of all that follows, so that a cut bundle is told from a changed one."""

    format: Literal["families-data-gateway-bundle"] = FORMAT
    version: int = VERSION
    package: Word
    agency: Word
    dataset: Word
    size: Size


class Manifest(_Strict):
    """What the sender says of the two frames.

    `checks` are the check values of the keys, `numbers` the fingerprint of the keys of the oblivious function (None where it
    was not used), `report` as `agencies.prepared` tells it.
    """

    declaration: Hex
    domain: Word
    epoch: int
    checks: dict[str, Hex]
    numbers: Hex | None = None
    fingerprint: Hex
    made_at: str
    report: dict[str, Any]
    tokens_bytes: Size
    records_bytes: Size


@dataclass(frozen=True)
class Contents:
    """What was in the envelope: both frames still as bytes."""

    manifest: Manifest
    tokens: bytes = field(repr=False)
    records: bytes = field(repr=False)


def is_bundle(content: bytes) -> bool:
    """Whether the bytes begin as a bundle does."""
    return content.startswith(OPENING)


def write_bundle(
    package: KeyPackage,
    tokens: pl.DataFrame,
    records: pl.DataFrame,
    *,
    checks: dict[str, str],
    fingerprint: str,
    report: dict[str, Any],
    made_at: datetime,
) -> bytes:
    """Seal both frames and what there is to say of them for the gateway that made the key package."""
    packed = _packed(tokens), _packed(records)
    manifest = Manifest(
        declaration=package.declaration,
        domain=package.domain,
        epoch=package.epoch,
        checks=checks,
        numbers=number_fingerprint(package.numbers) if package.numbers else None,
        fingerprint=fingerprint,
        made_at=made_at.isoformat(timespec="seconds"),
        report=report,
        tokens_bytes=len(packed[0]),
        records_bytes=len(packed[1]),
    )
    inside = b"".join((manifest.model_dump_json().encode(), b"\n", *packed))
    outside = Outside(
        package=package.id,
        agency=package.agency,
        dataset=package.dataset,
        size=len(inside) + envelope.OVERHEAD,
    )
    line = outside.model_dump_json().encode() + b"\n"
    return line + envelope.seal(inside, package.recipient, line)


def outside_of(content: bytes) -> Outside:
    """What stands on the envelope; anybody can read it, so it proves nothing yet.

    Raises BundleRefused: not_a_bundle, unknown_version, truncated, tampered.
    """
    line, end, rest = content[:LONGEST_OUTSIDE].partition(b"\n")
    if not is_bundle(content) or not end:
        raise refusal("not_a_bundle")
    try:
        outside = Outside.model_validate_json(line)
    except ValidationError:
        raise refusal("not_a_bundle") from None
    if outside.version != VERSION:
        raise refusal("unknown_version")
    size = len(content) - len(line) - len(end)
    if size != outside.size:
        raise refusal("truncated" if size < outside.size else "tampered")
    del rest
    return outside


def open_bundle(content: bytes, key: BundleKey) -> Contents:
    """The parts of a bundle. Raises BundleRefused: tampered, manifest_form."""
    start = content.index(b"\n") + 1
    try:
        inside = envelope.unseal(content[start:], key, content[:start])
    except EnvelopeBroken:
        raise refusal("tampered") from None
    line, _, frames = inside.partition(b"\n")
    try:
        manifest = Manifest.model_validate_json(line)
    except ValidationError:
        raise refusal("manifest_form") from None
    if len(frames) != manifest.tokens_bytes + manifest.records_bytes:
        raise refusal("manifest_form")
    return Contents(manifest, frames[: manifest.tokens_bytes], frames[manifest.tokens_bytes :])


def _packed(frame: pl.DataFrame) -> bytes:
    target = io.BytesIO()
    frame.write_parquet(target, compression="zstd", statistics=False)
    return target.getvalue()
