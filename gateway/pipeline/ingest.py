"""An extract becomes a submission: check, tokenise, store. In: a file in memory; out: its report.

The only place of the gateway where an identifier exists; it never reaches a disk, a log line or an error.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agencies.intake import ExtractRejected, Intake, take_in
from agencies.register import Dataset
from audit.detail import band
from gateway.access import Access
from gateway.pipeline.bundle import Prepared, unpack
from gateway.pipeline.bundle_form import MEDIA_TYPE
from gateway.pipeline.numbers import number_keys, said_of
from gateway.pipeline.rows import records_out_of_order, tokens_out_of_order
from gateway.pipeline.wiring import Progress, Wiring
from gateway.store.errors import DuplicateSubmission
from gateway.store.submission import NewSubmission
from linkage.tokens import LinkageKey, tokenise_profiles
from linkage.tokens.oblivious import DirectNumbers
from linkage.tokens.with_numbers import WithNumbers
from policies import Actor, Request

__all__ = ["Extract", "ExtractRejected", "ingest", "submit_request"]

SUFFIXES = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.apache.parquet": ".parquet",
}
# Share of the whole at which the checks end, for the progress bar.
CHECKED = 0.5


@dataclass(frozen=True)
class Extract:
    """One file of one dataset, as it arrived; `media_type` as the sender calls it."""

    dataset: Dataset
    content: bytes = field(repr=False)
    media_type: str

    @property
    def suffix(self) -> str:
        """The file suffix of the media type; unknown ones are left to the content."""
        return SUFFIXES.get(self._type, "")

    @property
    def is_bundle(self) -> bool:
        """Whether the sender says that it was prepared at the agency's own site."""
        return self._type == MEDIA_TYPE

    @property
    def _type(self) -> str:
        return self.media_type.partition(";")[0].strip().lower()


def submit_request(
    actor: Actor, dataset: Dataset, today: date, attested_on: date | None
) -> Request:
    """The request to submit; `attested_on`: when the sender last applied the national data opt-out."""
    return Request(
        actor=actor,
        action="submit",
        day=today,
        dataset=(dataset.agency, dataset.name),
        attestation_age_days=(today - attested_on).days if attested_on else None,
    )


def ingest(access: Access, extract: Extract, wiring: Wiring, progress: Progress) -> dict[str, Any]:
    """Store the good rows of an extract, or of a bundle of one, and report on the bad ones.

    Raises DuplicateSubmission, ExtractRejected (its report is kept, its content is not), StoreFull.
    """
    if extract.is_bundle:
        return _ingest_bundle(access, extract, wiring, progress)
    key = _fingerprint_key(extract, wiring)
    fingerprint = hmac.digest(key, extract.content, "sha256").hex()
    _require_new(access, extract, fingerprint, wiring)
    try:
        intake = _taken_in(extract, progress)
    except ExtractRejected as refusal:
        _keep_refusal(access, extract, fingerprint, refusal, wiring)
        raise
    progress("making tokens and storing", CHECKED)
    tokens = tokenise_profiles(
        intake.identifiers, _token_key(wiring), namespace=extract.dataset.agency
    )
    prepared = Prepared(intake.report, tokens, intake.records, fingerprint)
    return _stored(access, extract, prepared, wiring)


def _ingest_bundle(
    access: Access, extract: Extract, wiring: Wiring, progress: Progress
) -> dict[str, Any]:
    """The agency has checked and tokenised at its own site; from here on it is stored as any extract."""
    access.note("format", "bundle")
    progress("checking the bundle", 0.0)
    try:
        prepared = unpack(access, extract.content, extract.dataset, wiring)
    except ExtractRejected as refusal:
        digest = hmac.digest(_fingerprint_key(extract, wiring), extract.content, "sha256").hex()
        _keep_refusal(access, extract, digest, refusal, wiring)
        raise
    _require_new(access, extract, prepared.fingerprint, wiring)
    progress("storing", CHECKED)
    return _stored(access, extract, prepared, wiring)


def _fingerprint_key(extract: Extract, wiring: Wiring) -> bytes:
    return wiring.keys.fingerprint_key(extract.dataset.agency, extract.dataset.name)


def _keep_refusal(
    access: Access, extract: Extract, fingerprint: str, refusal: ExtractRejected, wiring: Wiring
) -> None:
    report = {"rule": refusal.rule, "message": refusal.message, "fix": refusal.fix}
    new = _submission(extract, fingerprint, report, rows=(0, 0, 0))
    kept = wiring.store.submissions.add_refused(access, new)
    access.note("submission", kept.id)
    access.note("reason", refusal.rule)


def _require_new(access: Access, extract: Extract, fingerprint: str, wiring: Wiring) -> None:
    agency, name = extract.dataset.agency, extract.dataset.name
    twin = wiring.store.submissions.duplicate_of(access, agency, name, fingerprint)
    if twin is not None:
        raise DuplicateSubmission(twin.id)


def _taken_in(extract: Extract, progress: Progress) -> Intake:
    intake = take_in(
        extract.content,
        f"extract{extract.suffix}",
        extract.dataset,
        progress=lambda share: progress("checking rows", CHECKED * share),
    )
    if intake.report.rows_accepted == 0:
        raise ExtractRejected(
            "no_row_accepted",
            f"None of the {intake.rows_read:,} rows could be accepted.",
            "Run `gateway check` on the file: it lists every finding by row and column.",
        )
    return intake


def _stored(access: Access, extract: Extract, prepared: Prepared, wiring: Wiring) -> dict[str, Any]:
    report = prepared.report
    rows = (report.rows_read, report.rows_accepted, report.rows_refused)
    told = {**report.to_dict(), **said_of(extract.dataset, wiring)}
    new = _submission(extract, prepared.fingerprint, told, rows)
    order = (prepared.fingerprint, wiring)
    submission = wiring.store.submissions.add(
        access,
        new,
        lambda: tokens_out_of_order(prepared.tokens, *order),
        lambda: records_out_of_order(prepared.records, *order),
    )
    access.note("submission", submission.id)
    access.note("rows_accepted", band(report.rows_accepted))
    access.note("rows_refused", band(report.rows_refused))
    return {"submission": submission.id, "status": submission.status, **told}


def _token_key(wiring: Wiring) -> LinkageKey:
    """The linkage key; where the domain tokenises numbers obliviously, with the key of these beside it."""
    key = LinkageKey(wiring.keys.linkage_key(wiring.linkage.domain, wiring.linkage.epoch))
    numbers = number_keys(wiring)
    return key if numbers is None else WithNumbers(key, DirectNumbers(numbers))


def _submission(
    extract: Extract, fingerprint: str, report: Mapping[str, Any], rows: tuple[int, int, int]
) -> NewSubmission:
    read, accepted, refused = rows
    return NewSubmission(
        agency=extract.dataset.agency,
        dataset=extract.dataset.name,
        fingerprint=fingerprint,
        size_bytes=len(extract.content),
        rows_read=read,
        rows_accepted=accepted,
        rows_refused=refused,
        report=report,
    )
