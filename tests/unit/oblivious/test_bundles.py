"""Bundles prepared at the agency by the function: the tokens of the raw extract, or refused."""

import warnings
from pathlib import Path

import pytest

from agencies.county import ExtractFile
from gateway.app.factory import create_app
from gateway.bootstrap import Gateway, open_gateway
from gateway.cli.prepare import prepared
from gateway.client.numbers import asking
from gateway.keys.package import KeyPackage, unlock_package
from gateway.pipeline.bundle_form import MEDIA_TYPE
from gateway.pipeline.bundle_rules import BundleRefused
from gateway.pipeline.ingest import Extract, ingest, submit_request
from gateway.pipeline.key_packages import deliver, deliver_request
from linkage.oprf import group
from policies import Actor, Request
from tests.unit.oblivious.sent import client_of, officer, quiet, send, stored_tokens

with warnings.catch_warnings():
    # Starlette asks for a client that nobody else here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


title = "A bundle by the function holds the tokens of the raw extract"

pytestmark = pytest.mark.skipif(not group.is_installed(), reason="the extra oprf is not installed")


def package_for(gateway: Gateway, file: ExtractFile) -> KeyPackage:
    """A key package as an administrator makes it, opened at the agency."""
    wiring = gateway.wiring
    declared = wiring.register.dataset(file.agency, file.dataset)
    asked = deliver_request(Actor("staff-admin", "administrator", "gateway"), declared, wiring)
    with gateway.door.open(asked) as access:
        made = deliver(access, declared, 30, wiring)
    return unlock_package(made.file.encode(), made.passphrase)


def bundle_of(gateway: Gateway, web: TestClient, file: ExtractFile, place: Path) -> bytes:
    """What `gateway prepare` writes at the agency."""
    package = package_for(gateway, file)
    place.write_bytes(file.content)
    declared = gateway.wiring.register.dataset(file.agency, file.dataset)
    today = gateway.wiring.clock().date().isoformat()
    client = client_of(gateway, web, file.agency)
    ask = asking(client, file.agency, file.dataset, today) if package.numbers else None
    return prepared(place, declared, package, quiet, ask)[1]


def take(gateway: Gateway, file: ExtractFile, bundle: bytes) -> str:
    """The submission that comes of a bundle."""
    wiring = gateway.wiring
    declared = wiring.register.dataset(file.agency, file.dataset)
    today = wiring.clock().date()
    with wiring.door.open(submit_request(officer(file.agency), declared, today, today)) as access:
        return str(
            ingest(access, Extract(declared, bundle, MEDIA_TYPE), wiring, quiet)["submission"]
        )


def test_a_bundle_prepared_at_the_agency_holds_the_tokens_of_the_raw_extract(
    gateway, web, extracts, tmp_path
):
    file = extracts["health", "ecds"]
    package = package_for(gateway, file)
    bundle = bundle_of(gateway, web, file, tmp_path / file.filename)
    prepared_there = stored_tokens(gateway, take(gateway, file, bundle))
    asked = Request(officer("health"), "withdraw_own", gateway.wiring.clock().date())
    with gateway.door.open(asked) as access:
        (sent,) = gateway.wiring.store.submissions.list(access)
        gateway.wiring.store.submissions.withdraw(access, sent.id)
    raw = stored_tokens(gateway, send(gateway, file))

    assert not any(name.startswith("nhs_number") for name in package.level_keys)
    assert prepared_there.select(sorted(raw.columns)).equals(raw.select(sorted(raw.columns)))


def test_a_bundle_with_numbers_of_old_keys_is_refused(settings, extracts, tmp_path):
    file = extracts["health", "ecds"]
    first = open_gateway(settings)
    bundle = bundle_of(first, TestClient(create_app(first)), file, tmp_path / file.filename)
    first.close()
    second = open_gateway(settings.model_copy(update={"oprf_epoch": 2}))

    with pytest.raises(BundleRefused) as refused:
        take(second, file, bundle)
    second.close()

    assert refused.value.rule == "other_numbers"


def test_a_bundle_with_numbers_under_the_linkage_key_is_refused(settings, extracts, tmp_path):
    file = extracts["health", "ecds"]
    keyed = open_gateway(settings.model_copy(update={"national_numbers": "keyed"}))
    bundle = bundle_of(keyed, TestClient(create_app(keyed)), file, tmp_path / file.filename)
    keyed.close()
    oblivious = open_gateway(settings)

    with pytest.raises(BundleRefused) as refused:
        take(oblivious, file, bundle)
    oblivious.close()

    assert refused.value.rule in {"wrong_key", "other_numbers"}
