"""A gateway in this process and an agency's own site beside it, both real: the tests of bundles stand on them.

In: a home folder. Out: key packages, bundles, and how taking one in ended. A bundle can be bent in any part before it is
sealed, as somebody could who has the key package and another program than ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from agencies.intake import Intake, take_in
from agencies.prepared import told
from agencies.register import Dataset
from gateway.access import Access
from gateway.bootstrap import Gateway, make_home, open_gateway
from gateway.config import Settings
from gateway.keys.package import KeyPackage, unlock_package
from gateway.pipeline.bundle_form import MEDIA_TYPE, write_bundle
from gateway.pipeline.ingest import Extract, ingest, submit_request
from gateway.pipeline.key_packages import Delivery, deliver, deliver_request, revoke
from gateway.pipeline.wiring import Wiring
from linkage.tokens import tokenise_profiles
from linkage.tokens.level_keys import LevelKeys
from policies import Actor

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ADMINISTRATOR = Actor("staff-admin", "administrator", "gateway")


@dataclass
class Site:
    """One gateway, and whoever sends to it."""

    gateway: Gateway
    home: Path
    linkage: dict[str, Any] = field(default_factory=dict)
    later: timedelta = timedelta()

    @classmethod
    def open(cls, home: Path, *, make: bool = True) -> Site:
        """A gateway in `home`, made anew unless it is there already."""
        settings = Settings(home=home)
        if make:
            make_home(settings, None, lambda: NOW)
        return cls(open_gateway(settings, clock=lambda: NOW), home)

    @property
    def wiring(self) -> Wiring:
        """Its parts; domain, epoch and hour are those that a test has set."""
        wiring = self.gateway.wiring
        linkage = replace(wiring.linkage, **self.linkage)
        return replace(wiring, linkage=linkage, clock=lambda: NOW + self.later)

    def dataset(self, agency: str, name: str) -> Dataset:
        """A declared dataset."""
        return self.gateway.wiring.register.dataset(agency, name)

    def delivery(self, dataset: Dataset, days: int = 365) -> Delivery:
        """A key package as an administrator makes it."""
        request = deliver_request(ADMINISTRATOR, dataset, self.wiring)
        with self.gateway.door.open(request) as access:
            return deliver(access, dataset, days, self.wiring)

    def package(self, dataset: Dataset, days: int = 365) -> KeyPackage:
        """The same, opened at the agency."""
        made = self.delivery(dataset, days)
        return unlock_package(made.file.encode(), made.passphrase)

    def revoke(self, package: str) -> None:
        """Take it back."""
        request = self.wiring.operation(ADMINISTRATOR, "rotate_key")
        with self.gateway.door.open(request, subject=package) as access:
            revoke(access, package, self.wiring)

    def take(
        self, content: bytes, dataset: Dataset, media_type: str = MEDIA_TYPE, sender: str = ""
    ) -> dict[str, Any]:
        """What the gateway answers to an upload."""
        with self.sending(dataset, sender) as access:
            extract = Extract(dataset, content, media_type)
            return ingest(access, extract, self.wiring, lambda step, share: None)

    @contextmanager
    def sending(self, dataset: Dataset, sender: str = "") -> Iterator[Access]:
        """The access of the agency's data officer."""
        officer = Actor("staff-officer", "data_officer", sender or dataset.agency)
        today = NOW.date()
        with self.gateway.door.open(submit_request(officer, dataset, today, today)) as access:
            yield access

    @contextmanager
    def linking(self) -> Iterator[Access]:
        """The access of a linkage officer."""
        officer = Actor("staff-linker", "linkage_officer", "council")
        with self.gateway.door.open(self.wiring.operation(officer, "link")) as access:
            yield access

    def withdraw(self, submission: str, agency: str) -> None:
        """Take a submission back."""
        officer = Actor("staff-officer", "data_officer", agency)
        with self.gateway.door.open(self.wiring.operation(officer, "withdraw_own")) as access:
            self.wiring.store.submissions.withdraw(access, submission)

    def entries(self) -> list[dict[str, Any]]:
        """The audit log's entries, as they stand."""
        log = self.gateway.wiring.log
        return [{"type": e.event.type.value, **vars_of(e.event)} for e in log.entries(-1, 100_000)]


def vars_of(event: Any) -> dict[str, Any]:
    """What an event says, for comparing."""
    names = ("actor", "role", "agency", "action", "subject", "access")
    return {**{name: getattr(event, name) for name in names}, "detail": dict(event.detail)}


@dataclass(frozen=True)
class Prepared:
    """What one agency has made of one extract, before it is sealed."""

    dataset: Dataset
    package: KeyPackage
    intake: Intake
    tokens: pl.DataFrame
    checks: dict[str, str]
    report: dict[str, Any]
    fingerprint: str = "ab" * 32

    @classmethod
    def of(cls, content: bytes, dataset: Dataset, package: KeyPackage) -> Prepared:
        """Checked and tokenised with the keys of the package."""
        intake = take_in(content, "", dataset)
        keys = LevelKeys(package.level_keys)
        tokens = tokenise_profiles(intake.identifiers, keys, namespace=dataset.agency)
        checks = keys.check_values()
        return cls(dataset, package, intake, tokens, checks, told(intake.report))

    @property
    def records(self) -> pl.DataFrame:
        """The service records."""
        return self.intake.records

    def with_records(self, *changes: pl.Expr) -> Prepared:
        """With other columns in the service records."""
        return self.having(self.records.with_columns(*changes))

    def having(self, records: pl.DataFrame) -> Prepared:
        """With other service records."""
        return replace(self, intake=replace(self.intake, records=records))

    def with_tokens(self, *changes: pl.Expr) -> Prepared:
        """With other columns in the token frame."""
        return replace(self, tokens=self.tokens.with_columns(*changes))

    def with_frame(self, tokens: pl.DataFrame) -> Prepared:
        """With another token frame."""
        return replace(self, tokens=tokens)

    def with_checks(self, checks: dict[str, str]) -> Prepared:
        """With other check values."""
        return replace(self, checks=checks)

    def with_fingerprint(self, fingerprint: str) -> Prepared:
        """As if made of another file."""
        return replace(self, fingerprint=fingerprint)

    def of_keys(self, keys: LevelKeys) -> Prepared:
        """Tokenised with other keys."""
        made = tokenise_profiles(self.intake.identifiers, keys, namespace=self.dataset.agency)
        return replace(self, tokens=made, checks=keys.check_values())

    def reporting(self, **changes: Any) -> Prepared:
        """With another report."""
        return replace(self, report={**self.report, **changes})

    def under(self, **changes: Any) -> Prepared:
        """With another key package."""
        values = {name: getattr(self.package, name) for name in self.package.__slots__}
        return replace(self, package=KeyPackage(**{**values, **changes}))

    def under_package(self, package: KeyPackage) -> Prepared:
        """With another key package of the same epoch."""
        return replace(self, package=package)

    def sealed(self) -> bytes:
        """The bundle."""
        return write_bundle(
            self.package,
            self.tokens,
            self.records,
            checks=self.checks,
            fingerprint=self.fingerprint,
            report=self.report,
            made_at=NOW,
        )
