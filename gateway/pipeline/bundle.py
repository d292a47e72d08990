"""A bundle taken in: opened, and nothing in it believed. In: its bytes; out: frames that may be stored, or BundleRefused.

Where it comes from is shown by the key package on record; that its tokens are ours by values that only our keys give; that
its records could be an extract's by intake's own rules. It holds tokens and never an identifier.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field

import polars as pl

from agencies.prepared import (
    ExtractRejected,
    Report,
    digest_of,
    read_frame,
    record_schema,
    report_of,
    require_records,
)
from agencies.register import Dataset
from gateway.access import Access
from gateway.pipeline.bundle_form import Contents, Manifest, Outside, open_bundle, outside_of
from gateway.pipeline.bundle_rules import BundleRefused, refusal
from gateway.pipeline.key_packages import keys_of
from gateway.pipeline.numbers import public_keys_for
from gateway.pipeline.wiring import Wiring
from gateway.store.errors import NotFound
from gateway.store.key_packages import Delivered
from linkage.errors import TokensForeign
from linkage.oprf.keyring import fingerprint
from linkage.prepared import TokenFrame, token_schema

# What cannot be seen from the form alone has a rule of its own.
_OF_TOKENS = {"wrong_key": "wrong_key", "rows_disagree": "rows_disagree"}


@dataclass(frozen=True)
class Prepared:
    """What a bundle or an extract holds, once it is found sound.

    `fingerprint` is the keyed digest of the file it was made of.
    """

    report: Report = field(repr=False)
    tokens: pl.DataFrame = field(repr=False)
    records: pl.DataFrame = field(repr=False)
    fingerprint: str


def unpack(access: Access, content: bytes, dataset: Dataset, wiring: Wiring) -> Prepared:
    """The frames of a bundle that was sent for this dataset. Raises BundleRefused."""
    try:
        outside = outside_of(content)
        _require_delivered(access, outside, dataset, wiring)
        opened = open_bundle(content, wiring.keys.bundle_key(outside.package))
        _require_stated(opened.manifest, dataset, wiring)
        return _sound(opened, dataset, wiring)
    except BundleRefused:
        raise
    except ExtractRejected as fault:
        raise BundleRefused(fault.rule, fault.message, fault.fix) from None
    except TokensForeign as fault:
        raise refusal(_OF_TOKENS.get(fault.rule, "tokens_form")) from None


def _require_delivered(access: Access, outside: Outside, dataset: Dataset, wiring: Wiring) -> None:
    """The key package that it names is on record for this sender, and still counts."""
    if (outside.agency, outside.dataset) != (dataset.agency, dataset.name):
        raise refusal("other_dataset")
    try:
        package = wiring.store.key_packages.of_sender(access, dataset.agency, outside.package)
    except NotFound:
        raise refusal("unknown_package") from None
    access.note("key", package.id)
    if package.dataset != dataset.name:
        raise refusal("unknown_package")
    _require_current(package, dataset, wiring)


def _require_current(package: Delivered, dataset: Dataset, wiring: Wiring) -> None:
    if package.revoked_at is not None:
        raise refusal("package_revoked")
    if package.expires_at <= wiring.clock():
        raise refusal("package_expired")
    if (package.domain, package.epoch) != (wiring.linkage.domain, wiring.linkage.epoch):
        raise refusal("old_epoch")
    if package.declaration != digest_of(dataset):
        raise refusal("catalogue_changed")


def _require_stated(manifest: Manifest, dataset: Dataset, wiring: Wiring) -> None:
    """The sender's own program saw the same declaration, epoch and keys."""
    if (manifest.domain, manifest.epoch) != (wiring.linkage.domain, wiring.linkage.epoch):
        raise refusal("old_epoch")
    if manifest.declaration != digest_of(dataset):
        raise refusal("catalogue_changed")
    said, ours = (
        _spelt(each) for each in (manifest.checks, keys_of(dataset, wiring).check_values())
    )
    if not hmac.compare_digest(said, ours):
        raise refusal("wrong_key")
    public = public_keys_for(dataset, wiring)
    if manifest.numbers != (fingerprint(public) if public else None):
        raise refusal("other_numbers")


def _sound(opened: Contents, dataset: Dataset, wiring: Wiring) -> Prepared:
    report = report_of(opened.manifest.report, dataset)
    if report.rows_accepted == 0:
        raise refusal("no_row_accepted")
    columns = record_schema(dataset)
    records = read_frame(opened.records, "records", columns, columns, report)
    require_records(records, dataset, report, wiring.clock().date())
    tokens = read_frame(
        opened.tokens, "tokens", token_schema(dataset.roles), _required(dataset), report
    )
    frame = TokenFrame(tokens, tuple(dataset.roles))
    frame.require_whole()
    frame.require_days(records, dataset.date)
    frame.require_ours(keys_of(dataset, wiring))
    return Prepared(report, tokens, records, opened.manifest.fingerprint)


def _required(dataset: Dataset) -> frozenset[str]:
    """An extract lacks a whole column only where none is required."""
    required = [role for role, name in dataset.roles.items() if dataset.columns[name].required]
    return frozenset(token_schema(required))


def _spelt(checks: dict[str, str]) -> bytes:
    return json.dumps(checks, sort_keys=True).encode()
