"""A gateway that carries on its last run: new, replaced and withdrawn submissions, and what became of the persons."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from agencies.county import CountyConfig, ExtractFile, make_county
from gateway.app.factory import create_app
from gateway.bootstrap import Gateway, make_home, open_gateway
from gateway.client import Gateway as Client
from gateway.client import GatewayRefused
from gateway.config import Settings
from gateway.pipeline.ingest import Extract, ingest, submit_request
from policies import Actor, Request

with warnings.catch_warnings():
    # Starlette asks for a client that nobody else here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

title = "A gateway carries on its last run"

FIRST = (("council", "social_care"), ("council", "early_help"), ("schools", "attendance"))
POLICE = ("police", "contacts")
TRAINING = {"five_safes": 10, "isp_briefing": 10}
Extracts = dict[tuple[str, str], ExtractFile]


def quiet(step: str, share: float) -> None:
    """Nobody watches the progress."""


def send(gateway: Gateway, file: ExtractFile, content: bytes | None = None) -> str:
    """The submission that comes of one extract."""
    wiring = gateway.wiring
    declared = wiring.register.dataset(file.agency, file.dataset)
    today = wiring.clock().date()
    actor = Actor(f"staff-{file.agency}", "data_officer", file.agency, training=TRAINING)
    extract = Extract(declared, content or file.content, "text/csv")
    with wiring.door.open(submit_request(actor, declared, today, today)) as access:
        return str(ingest(access, extract, wiring, quiet)["submission"])


def client_of(gateway: Gateway, role: str, agency: str) -> Client:
    """The shipped client, with a credential of its own, speaking to the application in this process."""
    today = gateway.wiring.clock().date()
    actor = Actor("staff-admin", "administrator", "gateway")
    with gateway.door.open(Request(actor=actor, action="manage_users", day=today)) as access:
        made = gateway.wiring.store.credentials.make(
            access, role=role, agency=agency, training=dict.fromkeys(TRAINING, today)
        )
    client, web = Client("http://testserver", made.presented), TestClient(create_app(gateway))
    web.headers.update(client._http.headers)
    client._http = web
    return client


@pytest.fixture(scope="module")
def extracts() -> Extracts:
    county = make_county(CountyConfig(families=120, seed=11))
    return {(file.agency, file.dataset): file for file in county.extracts()}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    settings = Settings(home=tmp_path_factory.mktemp("carried-on") / "home", workers=1)
    make_home(settings, None)
    opened = open_gateway(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def officer(gateway: Gateway) -> Client:
    return client_of(gateway, "linkage_officer", "council")


@pytest.fixture(scope="module")
def refused_at_first(officer: Client, gateway: Gateway, extracts: Extracts) -> dict[str, Any]:
    """What is told when there is something to link and no run to carry on."""
    for place in FIRST:
        send(gateway, extracts[place])
    with pytest.raises(GatewayRefused) as refused:
        officer.link(incremental=True)
    return dict(refused.value.problem)


@pytest.fixture(scope="module")
def full(officer: Client, refused_at_first: dict[str, Any]) -> dict[str, Any]:
    return officer.link()


@pytest.fixture(scope="module")
def grown(
    officer: Client, gateway: Gateway, extracts: Extracts, full: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The submission of the police, and the run that took it in."""
    submission = send(gateway, extracts[POLICE])
    return submission, officer.link(incremental=True)


@pytest.fixture(scope="module")
def shrunk(gateway: Gateway, officer: Client, grown: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The run after the police withdrew it again."""
    police = client_of(gateway, "data_officer", "police")
    police.call("DELETE", f"/v1/submissions/{grown[0]}")
    return officer.link(incremental=True)


def parameters_of(gateway: Gateway, run: int) -> dict[str, Any]:
    actor = Actor("staff-linker", "linkage_officer", "council", training=TRAINING)
    with gateway.door.open(gateway.wiring.operation(actor, "measure_quality")) as access:
        return dict(gateway.wiring.store.runs.get(access, run).parameters)


def test_without_a_run_there_is_nothing_to_carry_on(refused_at_first: dict[str, Any]) -> None:
    assert refused_at_first["status"] == 409
    assert refused_at_first["type"] == "/problems/LinksOutdated"
    assert refused_at_first["fix"] == "Link in full."


def test_a_run_links_in_full_unless_it_is_told_otherwise(
    gateway: Gateway, full: dict[str, Any]
) -> None:
    assert (full["mode"], full["previous_run"]) == ("full", None)
    assert parameters_of(gateway, full["run"])["mode"] == "full"
    assert full["changes"]["new"] == sum(full["changes"].values())


def test_an_incremental_run_has_a_number_and_says_on_which_run_it_stands(
    gateway: Gateway, full: dict[str, Any], grown: tuple[str, dict[str, Any]]
) -> None:
    run = grown[1]
    kept = parameters_of(gateway, run["run"])
    assert run["run"] > full["run"]
    assert (run["mode"], run["previous_run"]) == ("incremental", full["run"])
    assert (kept["mode"], kept["previous_run"]) == ("incremental", full["run"])
    assert kept["model"] == parameters_of(gateway, full["run"])["model"]
    assert run["counts"]["records"] > full["counts"]["records"]
    assert run["changes"]["new"] > 0 < run["changes"]["changed"]


def test_persons_of_a_withdrawn_submission_are_gone_or_changed(
    full: dict[str, Any], grown: tuple[str, dict[str, Any]], shrunk: dict[str, Any]
) -> None:
    assert shrunk["previous_run"] == grown[1]["run"]
    assert shrunk["changes"]["gone"] > 0 < shrunk["changes"]["changed"]
    assert shrunk["changes"]["new"] == 0
    assert shrunk["counts"]["records"] == full["counts"]["records"]
    assert shrunk["counts"]["persons"] == full["counts"]["persons"]


def test_the_linkage_officer_reads_what_changed(officer: Client, shrunk: dict[str, Any]) -> None:
    found = officer.call("GET", f"/v1/links/{shrunk['run']}/changes")
    gone = officer.call("GET", f"/v1/links/{shrunk['run']}/changes", params={"kind": "gone"})
    assert found["counts"] == shrunk["changes"]
    assert (found["mode"], found["previous_run"]) == ("incremental", shrunk["previous_run"])
    assert {each["kind"] for each in found["items"]} <= {"gone", "split", "merge", "regrouped"}
    assert len(gone["items"]) == min(200, found["counts"]["gone"])
    assert all(len(each["before"]) == 1 and not each["after"] for each in gone["items"])


def test_pages_follow_one_another(officer: Client, shrunk: dict[str, Any]) -> None:
    address = f"/v1/links/{shrunk['run']}/changes"
    whole = officer.call("GET", address)
    first = officer.call("GET", address, params={"limit": 1})
    second = officer.call("GET", address, params={"limit": 1, "after": first["after"]})
    assert first["items"] + second["items"] == whole["items"][:2]
    assert len(whole["items"]) >= 2


@pytest.mark.parametrize("wrong", ["kind=kept", "kind=everything", "after=-1", "limit=201"])
def test_what_is_not_told_cannot_be_asked(
    officer: Client, shrunk: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(GatewayRefused) as refused:
        officer.call("GET", f"/v1/links/{shrunk['run']}/changes?{wrong}")
    assert refused.value.status == 422


def test_a_run_that_is_not_there_is_not_found(officer: Client, full: dict[str, Any]) -> None:
    with pytest.raises(GatewayRefused) as refused:
        officer.call("GET", "/v1/links/999/changes")
    assert refused.value.status == 404


def test_reading_changes_is_in_the_log_and_no_id_of_a_person_is(
    gateway: Gateway, officer: Client, shrunk: dict[str, Any]
) -> None:
    found = officer.call("GET", f"/v1/links/{shrunk['run']}/changes")
    size = gateway.wiring.log.size
    officer.call("GET", f"/v1/links/{shrunk['run']}/changes")
    added = [entry.event for entry in gateway.wiring.log.entries(after=size - 1, limit=50)]
    assert [(e.type.value, e.action, e.subject) for e in added] == [
        ("access.intent", "measure_quality", str(shrunk["run"])),
        ("access.outcome", "measure_quality", str(shrunk["run"])),
    ]
    written = " ".join(str(e) for e in gateway.wiring.log.entries(after=-1, limit=500))
    ids = {each for item in found["items"] for each in (*item["before"], *item["after"])}
    assert ids
    assert not any(each in written for each in ids)


def test_an_evaluator_may_not_read_changes(gateway: Gateway, shrunk: dict[str, Any]) -> None:
    with pytest.raises(GatewayRefused) as refused:
        client_of(gateway, "evaluator", "council").call("GET", f"/v1/links/{shrunk['run']}/changes")
    assert refused.value.status == 403
