"""Extracts sent to a gateway that tokenises national numbers obliviously, and what it stored. In: an agency's extract. Out: tokens."""

import warnings
from pathlib import Path

import polars as pl

from agencies.county import ExtractFile
from agencies.intake import take_in
from gateway.bootstrap import Gateway
from gateway.client import Gateway as Client
from gateway.pipeline.ingest import Extract, ingest, submit_request
from policies import Actor, Request

with warnings.catch_warnings():
    # Starlette asks for a client that nobody else here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


TRAINING = {"five_safes": 10, "isp_briefing": 10}
LIMIT = 500
Extracts = dict[tuple[str, str], ExtractFile]


def officer(agency: str, role: str = "data_officer") -> Actor:
    return Actor(f"staff-{agency}", role, agency, training=TRAINING)


def quiet(step: str, share: float) -> None:
    """Nobody watches the progress."""


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
