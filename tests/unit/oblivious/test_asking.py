"""Asking a gateway about blinded numbers: whom it answers, how often, and what is on record."""

import json
import warnings
from typing import Any

import pytest

from gateway.app.factory import create_app
from gateway.bootstrap import make_home, open_gateway
from gateway.client import GatewayRefused
from gateway.client.numbers import asking
from gateway.config import Settings
from linkage.errors import OprfMissing, OprfRefused
from linkage.oprf import group
from linkage.tokens.oblivious import ObliviousNumbers
from tests.unit.oblivious.sent import LIMIT, client_of, told_keys

with warnings.catch_warnings():
    # Starlette asks for a client that nobody else here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


title = "A gateway answers about blinded numbers of an agency's own dataset, so many a day"

pytestmark = pytest.mark.skipif(not group.is_installed(), reason="the extra oprf is not installed")


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
