"""Key packages: keys of one dataset for an agency that tokenises at its own site. In: a dataset; out: a locked file and its passphrase.

The gateway keeps neither, only the record of whom it gave keys for which epoch and until when.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args

from agencies.prepared import digest_of
from agencies.register import Dataset
from audit import Event, EventType
from gateway.access import Access
from gateway.keys.package import KeyPackage, lock_package, new_passphrase
from gateway.pipeline.numbers import Number, public_keys_for
from gateway.pipeline.wiring import Wiring
from gateway.store.key_packages import Delivered
from linkage.prepared import LevelKeys, level_keys
from policies import Actor, Request


@dataclass(frozen=True)
class Delivery:
    """A new package, once: its file, and the passphrase that opens it, to be sent on another way."""

    delivered: Delivered
    file: str = field(repr=False)
    passphrase: str = field(repr=False)


def deliver_request(actor: Actor, dataset: Dataset, wiring: Wiring) -> Request:
    """The request to make a key package for a dataset."""
    return Request(
        actor=actor,
        action="deliver_key",
        day=wiring.clock().date(),
        dataset=(dataset.agency, dataset.name),
    )


def deliver(access: Access, dataset: Dataset, days: int, wiring: Wiring) -> Delivery:
    """Make the key package of a dataset, for the current epoch, valid for so many days."""
    linkage = wiring.linkage
    delivered = wiring.store.key_packages.add(
        access,
        agency=dataset.agency,
        dataset=dataset.name,
        domain=linkage.domain,
        epoch=linkage.epoch,
        declaration=digest_of(dataset),
        expires_at=wiring.clock() + timedelta(days=days),
    )
    # On record before there is anything to be carried away.
    wiring.log.append(_said(EventType.KEY_MADE, access, delivered))
    passphrase = new_passphrase()
    file = lock_package(_package(delivered, dataset, wiring), passphrase)
    return Delivery(delivered, file.decode(), passphrase)


def revoke(access: Access, package: str, wiring: Wiring) -> Delivered:
    """Take no bundle made with this package any more. Raises NotFound."""
    revoked = wiring.store.key_packages.revoke(access, package)
    wiring.log.append(_said(EventType.KEY_REVOKED, access, revoked))
    return revoked


def keyed_roles(dataset: Dataset, wiring: Wiring) -> tuple[str, ...]:
    """The identifier roles whose keys an agency is given; numbers that are tokenised obliviously have none to give."""
    without = set(get_args(Number)) if wiring.linkage.numbers.are_oblivious else set()
    return tuple(role for role in dataset.roles if role not in without)


def keys_of(dataset: Dataset, wiring: Wiring) -> LevelKeys:
    """The keys that tokenise a dataset in the current epoch, as far as an agency is given them."""
    secret = wiring.keys.linkage_key(wiring.linkage.domain, wiring.linkage.epoch)
    return level_keys(secret, keyed_roles(dataset, wiring))


def _package(delivered: Delivered, dataset: Dataset, wiring: Wiring) -> KeyPackage:
    return KeyPackage(
        id=delivered.id,
        agency=delivered.agency,
        dataset=delivered.dataset,
        domain=delivered.domain,
        epoch=delivered.epoch,
        declaration=delivered.declaration,
        expires_on=delivered.expires_at.date(),
        recipient=wiring.keys.bundle_recipient(delivered.id),
        level_keys=keys_of(dataset, wiring).delivered(),
        fingerprint_key=wiring.keys.fingerprint_key(delivered.agency, delivered.dataset),
        numbers=public_keys_for(dataset, wiring),
    )


def _said(kind: EventType, access: Access, package: Delivered) -> Event:
    return Event(
        kind,
        *(access.actor.id, access.actor.role, access.actor.agency),
        action=access.request.action,
        subject=package.id,
        access=access.id,
        detail={
            "agency": package.agency,
            "dataset": package.dataset,
            "domain": package.domain,
            "epoch": package.epoch,
            "expires_on": package.expires_at.date().isoformat(),
        },
    )
