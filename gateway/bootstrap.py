"""Everything of one gateway, built in one place and handed down. In: settings; out: a wired `Gateway`.

The order is the design: keys, log, protocols, store; a part that does not open stops the start.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agencies.register import Register, load_register
from audit import AuditLog, Event, EventType
from audit.errors import AuditError
from audit.event import SYSTEM
from gateway.access import Door
from gateway.config import Settings
from gateway.jobs import JobRunner
from gateway.keys import FileKeystore, Keys
from gateway.pipeline.agreement import require_agreement
from gateway.pipeline.numbers import number_keys
from gateway.pipeline.wiring import Linkage, Numbers, Wiring, utc_now
from gateway.questions import Catalogue, load_catalogue
from gateway.store import Store
from policies import Rulebook, shipped_protocols

PASSPHRASE = "GATEWAY_PASSPHRASE"  # noqa: S105  # the name of a variable
PRIVATE = 0o700


@dataclass(frozen=True)
class Gateway:
    """One gateway, ready to serve."""

    wiring: Wiring
    jobs: JobRunner
    max_upload_bytes: int

    @property
    def door(self) -> Door:
        """The door that every access goes through."""
        return self.wiring.door

    def close(self) -> None:
        """Let running jobs end, say so in the log, give everything back."""
        self.jobs.close()
        self.wiring.log.append(_said(EventType.SERVICE_STOPPED, "stop"))
        self.wiring.store.close()
        self.wiring.log.close()


def passphrase_of(environ: os._Environ[str] | dict[str, str]) -> bytes | None:
    """The key store's passphrase, when it is opened by one."""
    said = environ.get(PASSPHRASE)
    return said.encode() if said else None


def open_keys(settings: Settings, passphrase: bytes | None) -> Keys:
    """The keys of an initialised home. Raises KeystoreError."""
    key_file = None if passphrase else settings.unlock_file
    return FileKeystore.open(settings.key_store, passphrase=passphrase, key_file=key_file)


def open_gateway(
    settings: Settings, passphrase: bytes | None = None, clock: Callable[[], datetime] = utc_now
) -> Gateway:
    """Open everything and clear up what a crash left. Raises the named error of the part that does not open."""
    keys = open_keys(settings, passphrase)
    log = AuditLog.open(
        *(settings.audit, keys.audit_signer(), settings.log_origin), clock=clock, must_exist=True
    )
    log.append(_said(EventType.SERVICE_STARTED, "start"))
    try:
        return _opened(settings, keys, log, clock)
    except Exception as error:
        # A start that failed is on record as well; a full log must not hide why it failed.
        with suppress(AuditError):
            cause = type(error).__name__
            log.append(_said(EventType.SERVICE_STOPPED, "start", error=cause))
        log.close()
        raise


def _opened(
    settings: Settings, keys: Keys, log: AuditLog, clock: Callable[[], datetime]
) -> Gateway:
    rulebook = Rulebook.load(*(settings.protocols or shipped_protocols()))
    for each in rulebook.protocols:
        said = {"protocol": each.id, "version": each.version, "protocol_digest": each.digest}
        log.append(_said(EventType.PROTOCOL_LOADED, "start", **said))
    register = load_register(*settings.catalogue)
    catalogue = _questions(settings.questions, register, rulebook)
    require_agreement(rulebook, catalogue)
    store = Store.open(settings.state_url, settings.lake, keys, clock=clock)
    wiring = Wiring(
        register=register,
        catalogue=catalogue,
        rulebook=rulebook,
        keys=keys,
        log=log,
        store=store,
        door=Door(rulebook, log, clock),
        linkage=_linkage(settings),
        clock=clock,
    )
    # Without its extra the oblivious function fails here, and not in the middle of somebody's upload.
    number_keys(wiring)
    _recover(wiring)
    return Gateway(wiring, JobRunner(store.jobs, settings.workers), settings.max_upload_bytes)


def make_home(
    settings: Settings, passphrase: bytes | None, clock: Callable[[], datetime] = utc_now
) -> Keys:
    """The folders and fresh keys of a new gateway; never touches an initialised one."""
    for folder in (
        settings.home,
        settings.key_store.parent,
        settings.lake,
        settings.home / "state",
    ):
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    key_file = None if passphrase else settings.unlock_file
    keys = FileKeystore.create(settings.key_store, passphrase=passphrase, key_file=key_file)
    # The log begins here and only here: one that is missing later was taken away, not never made.
    with AuditLog.open(
        *(settings.audit, keys.audit_signer(), settings.log_origin), clock=clock
    ) as log:
        log.append(_said(EventType.KEY_MADE, "init"))
    return keys


def _linkage(settings: Settings) -> Linkage:
    numbers = Numbers(
        are_oblivious=settings.national_numbers == "oblivious",
        epoch=settings.oprf_epoch,
        daily_limit=settings.oprf_daily_limit,
    )
    return Linkage(
        settings.linkage_domain,
        settings.linkage_epoch,
        settings.linkage_seed,
        numbers,
        engine=settings.linkage_engine,
        memory_mb=settings.linkage_memory_mb,
    )


def _recover(wiring: Wiring) -> None:
    """Take away what a crash left half done, and put every interruption on record before anybody is let in."""
    # An intent does not tell whose it is: beside another living program it may be one that goes on there.
    if wiring.store.is_alone():
        for intent in wiring.log.unmatched_intents():
            wiring.log.append(_outcome_of(intent.event))
    wiring.store.runs.interrupted()
    for job in wiring.store.jobs.interrupted():
        wiring.log.append(_said(EventType.JOB_INTERRUPTED, "start", subject=job.id))
    wiring.store.sweep()


def _outcome_of(intent: Event) -> Event:
    return Event(
        EventType.ACCESS_OUTCOME,
        *(SYSTEM, SYSTEM, intent.agency, intent.action),
        subject=intent.subject,
        access=intent.access,
        purpose=intent.purpose,
        detail={"outcome": "interrupted"},
    )


def _said(kind: EventType, action: str, *, subject: str | None = None, **detail: str) -> Event:
    return Event(kind, SYSTEM, SYSTEM, SYSTEM, action, subject=subject, detail=detail)


def _questions(file: Path | None, register: Register, rulebook: Rulebook) -> Catalogue:
    """The catalogue of questions about the declared agencies that share under a protocol in force."""
    parties = {party.id for protocol in rulebook.protocols for party in protocol.parties}
    sharing = sorted(parties & register.agencies.keys())
    return load_catalogue(file.read_text("utf-8") if file else None, agencies=sharing)
