"""Numbers of a domain that tokenises them obliviously: both roads, the limit, the log, and no mixing."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agencies.county import CountyConfig, ExtractFile, make_county
from agencies.intake import take_in
from gateway.app.factory import create_app
from gateway.bootstrap import Gateway, make_home, open_gateway
from gateway.cli.prepare import prepared
from gateway.client import Gateway as Client
from gateway.client import GatewayRefused
from gateway.client.numbers import asking
from gateway.config import Settings
from gateway.keys.package import KeyPackage, unlock_package
from gateway.pipeline.bundle_form import MEDIA_TYPE
from gateway.pipeline.bundle_rules import BundleRefused
from gateway.pipeline.ingest import Extract, ingest, submit_request
from gateway.pipeline.key_packages import deliver, deliver_request
from gateway.pipeline.link import link
from gateway.pipeline.numbers import NumbersMixed
from linkage.errors import OprfMissing, OprfRefused
from linkage.oprf import group
from linkage.tokens import LinkageKey, tokenise
from linkage.tokens.oblivious import ObliviousNumbers
from linkage.tokens.with_numbers import WithNumbers
from policies import Actor, Request

with warnings.catch_warnings():
    # Starlette asks for a client that nobody else here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

title = "National numbers by an oblivious function"

pytestmark = pytest.mark.skipif(not group.is_installed(), reason="the extra oprf is not installed")

TRAINING = {"five_safes": 10, "isp_briefing": 10}
LIMIT = 500
NUMBERS = {("health", "ecds"): "nhs_number", ("council", "social_care"): "nhs_number"}
Extracts = dict[tuple[str, str], ExtractFile]


def officer(agency: str, role: str = "data_officer") -> Actor:
    return Actor(f"staff-{agency}", role, agency, training=TRAINING)


def quiet(step: str, share: float) -> None:
    """Nobody watches the progress."""


@pytest.fixture(scope="module")
def extracts() -> Extracts:
    county = make_county(CountyConfig(families=60, seed=11))
    return {(file.agency, file.dataset): file for file in county.extracts()}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        home=tmp_path / "home", national_numbers="oblivious", oprf_daily_limit=LIMIT, workers=1
    )
    make_home(made, None)
    return made


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    opened = open_gateway(settings)
    yield opened
    opened.close()


def send(gateway: Gateway, file: ExtractFile) -> str:
    """The submission that comes of one raw extract."""
    wiring = gateway.wiring
    declared = wiring.register.dataset(file.agency, file.dataset)
    today = wiring.clock().date()
    asked = submit_request(officer(file.agency), declared, today, today)
    kinds = {".csv": "text/csv", ".parquet": "application/vnd.apache.parquet"}
    extract = Extract(declared, file.content, kinds.get(Path(file.filename).suffix, ""))
    with wiring.door.open(asked) as access:
        return str(ingest(access, extract, wiring, quiet)["submission"])


def stored_tokens(gateway: Gateway, submission: str) -> pl.DataFrame:
    asked = gateway.wiring.operation(officer("gateway", "linkage_officer"), "link")
    with gateway.door.open(asked) as access:
        return gateway.wiring.store.submissions.read_tokens(access, submission)


@pytest.fixture
def web(gateway: Gateway) -> TestClient:
    return TestClient(create_app(gateway))


def client_of(gateway: Gateway, web: TestClient, agency: str, role: str = "data_officer") -> Client:
    """The shipped client, with a credential of its own, speaking to the application in this process."""
    actor = Actor("staff-admin", "administrator", "gateway")
    asked = Request(actor=actor, action="manage_users", day=gateway.wiring.clock().date())
    today = gateway.wiring.clock().date()
    with gateway.door.open(asked) as access:
        made = gateway.wiring.store.credentials.make(
            access, role=role, agency=agency, training=dict.fromkeys(TRAINING, today)
        )
    client = Client("http://testserver", made.presented)
    web.headers.update(client._http.headers)
    client._http = web
    return client


def identifiers_of(gateway: Gateway, file: ExtractFile) -> pl.DataFrame:
    declared = gateway.wiring.register.dataset(file.agency, file.dataset)
    return take_in(file.content, file.filename, declared).identifiers


def told_keys(client: Client) -> dict[str, bytes]:
    told = client.call("GET", "/v1/oprf")
    return {number: bytes.fromhex(key) for number, key in told["public_keys"].items()}


def test_both_roads_give_the_same_tokens(gateway, web, extracts):
    file = extracts["health", "ecds"]
    identifiers = identifiers_of(gateway, file)
    today = gateway.wiring.clock().date().isoformat()
    client = client_of(gateway, web, "health")

    numbers = ObliviousNumbers(
        told_keys(client), asking(client, "health", "ecds", today), at_once=64
    )
    at_home = tokenise(
        identifiers, WithNumbers(LinkageKey(b"\1" * 32), numbers), namespace="health"
    )
    at_the_gateway = stored_tokens(gateway, send(gateway, file))

    left, right = at_home["nhs_number_exact"], at_the_gateway["nhs_number_exact"]
    assert left.n_unique() > 50
    assert left.sort().to_list() == right.sort().to_list()


def test_two_agencies_have_one_token_for_one_number(gateway, extracts):
    there = {
        key: stored_tokens(gateway, send(gateway, extracts[key]))["nhs_number_exact"].drop_nulls()
        for key in NUMBERS
    }
    both = [identifiers_of(gateway, extracts[key])["nhs_number"].drop_nulls() for key in NUMBERS]

    shared = set(both[0]) & set(both[1])
    assert len(shared) > 5
    assert len(set.intersection(*(set(each) for each in there.values()))) == len(shared)


def test_the_tokens_are_not_those_of_the_linkage_key(gateway, extracts):
    file = extracts["health", "ecds"]
    wiring = gateway.wiring
    key = LinkageKey(wiring.keys.linkage_key(wiring.linkage.domain, wiring.linkage.epoch))
    keyed = tokenise(identifiers_of(gateway, file), key, namespace="health")
    stored = stored_tokens(gateway, send(gateway, file))

    assert not set(keyed["nhs_number_exact"].drop_nulls()) & set(stored["nhs_number_exact"])
    assert set(keyed["surname_exact"]) == set(stored["surname_exact"])


def test_a_day_has_a_limit_for_each_agency(gateway, web):
    client = client_of(gateway, web, "health")
    today = gateway.wiring.clock().date().isoformat()
    ask = asking(client, "health", "ecds", today)
    numbers = ObliviousNumbers(told_keys(client), ask)

    numbers.tokens("nhs_number", [str(n) for n in range(LIMIT)])
    with pytest.raises(GatewayRefused) as refused:
        numbers.tokens("nhs_number", ["1"])

    assert refused.value.status == 429
    assert refused.value.problem["type"] == "/problems/AllowanceSpent"


def test_an_agency_is_answered_about_numbers_that_its_dataset_has_only(gateway, web):
    client = client_of(gateway, web, "health")
    ask = asking(client, "health", "ecds", gateway.wiring.clock().date().isoformat())

    with pytest.raises(GatewayRefused) as refused:
        ask("upn", [group.multiple_of_base(group.random_scalar())])

    assert (refused.value.status, refused.value.problem["type"]) == (
        422,
        "/problems/NumberNotDeclared",
    )


@pytest.mark.parametrize(("agency", "role"), [("police", "data_officer"), ("council", "evaluator")])
def test_nobody_is_answered_about_a_dataset_that_they_may_not_send(gateway, web, agency, role):
    client = client_of(gateway, web, agency, role)
    ask = asking(client, "health", "ecds", gateway.wiring.clock().date().isoformat())

    with pytest.raises(GatewayRefused) as refused:
        ask("nhs_number", [group.multiple_of_base(group.random_scalar())])

    assert refused.value.status == 403


@pytest.mark.parametrize(
    "body",
    [
        {"number": "nhs_number", "elements": ["00" * 32]},
        {"number": "nhs_number", "elements": ["ff" * 32]},
        {"number": "nhs_number", "elements": []},
        {"number": "nhs_number", "elements": ["9434765919"]},
        {"number": "surname", "elements": ["e2" * 32]},
        {"number": "nhs_number"},
    ],
    ids=["identity", "no element", "none", "a number in the clear", "a name", "no list"],
)
def test_anything_but_blinded_numbers_is_refused_without_a_word_of_it(gateway, web, body):
    client = client_of(gateway, web, "health")
    query = {
        "agency": "health",
        "dataset": "ecds",
        "attested_on": gateway.wiring.clock().date().isoformat(),
    }

    with pytest.raises(GatewayRefused) as refused:
        client.call("POST", "/v1/oprf", params=query, json=body)

    assert refused.value.status == 422
    assert "9434765919" not in json.dumps(refused.value.problem)


def test_the_log_tells_how_many_were_asked_in_bands_and_nothing_else(gateway, settings, web):
    client = client_of(gateway, web, "health")
    ask = asking(client, "health", "ecds", gateway.wiring.clock().date().isoformat())
    elements = [group.multiple_of_base(group.random_scalar()) for _ in range(12)]
    answered = ask("nhs_number", elements)

    text = (settings.audit / "entries.jsonl").read_text("utf-8")
    detail = [
        event["detail"]
        for event in (json.loads(line)["event"] for line in text.splitlines())
        if event.get("detail", {}).get("kind") == "blinded-numbers"
    ]
    assert [(each["item"], each["rows"], each["outcome"]) for each in detail] == [
        ("nhs_number", "10-99", "done")
    ]
    assert not any(each.hex() in text for each in (*elements, *answered.elements))


def test_a_gateway_that_answers_with_another_key_is_found_out(gateway, web):
    client = client_of(gateway, web, "health")
    ask = asking(client, "health", "ecds", gateway.wiring.clock().date().isoformat())
    agreed = told_keys(client) | {"nhs_number": group.multiple_of_base(group.random_scalar())}

    with pytest.raises(OprfRefused, match="not made with the key"):
        ObliviousNumbers(agreed, ask).tokens("nhs_number", ["9434765919"])


def test_a_run_over_two_kinds_of_tokens_is_refused_and_says_which_to_send_again(settings, extracts):
    keyed = open_gateway(settings.model_copy(update={"national_numbers": "keyed"}))
    old = send(keyed, extracts["council", "social_care"])
    send(keyed, extracts["police", "contacts"])  # has no national number: stays as it is
    keyed.close()
    oblivious = open_gateway(settings)
    new = send(oblivious, extracts["health", "ecds"])

    refusal = run_refused(oblivious)
    oblivious.close()

    assert old in refusal
    assert new not in refusal


def test_new_keys_of_the_function_make_old_tokens_another_kind(settings, extracts):
    first = open_gateway(settings)
    old = send(first, extracts["health", "ecds"])
    first.close()
    second = open_gateway(settings.model_copy(update={"oprf_epoch": 2}))

    refusal = run_refused(second)
    second.close()

    assert old in refusal


def run_refused(gateway: Gateway) -> str:
    asked = gateway.wiring.operation(officer("gateway", "linkage_officer"), "link")
    with gateway.door.open(asked) as access, pytest.raises(NumbersMixed) as refused:
        link(access, gateway.wiring, quiet)
    return str(refused.value)


def test_the_keys_change_with_domain_and_epoch(gateway):
    keys = gateway.wiring.keys
    seeds = {keys.oprf_seed("a", 1), keys.oprf_seed("a", 2), keys.oprf_seed("b", 1)}

    assert len(seeds) == 3
    assert keys.linkage_key("a", 1) not in seeds


def test_without_the_extra_nothing_starts(settings, monkeypatch):
    def missing() -> Any:
        raise OprfMissing("oblivious tokens need the extra")

    monkeypatch.setattr(group, "_sodium", missing)
    with pytest.raises(OprfMissing):
        open_gateway(settings)


def test_a_gateway_that_uses_the_linkage_key_says_so(tmp_path):
    made = Settings(home=tmp_path / "keyed", workers=1)
    make_home(made, None)
    opened = open_gateway(made)
    client = client_of(opened, TestClient(create_app(opened)), "health")

    with pytest.raises(GatewayRefused) as refused:
        client.call("GET", "/v1/oprf")
    opened.close()

    assert (refused.value.status, refused.value.problem["type"]) == (
        409,
        "/problems/NumbersNotOblivious",
    )


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
