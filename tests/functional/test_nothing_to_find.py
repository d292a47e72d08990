"""After a whole run with errors of every kind: no identifier of anybody in any byte on disk or in any answer."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import planted
import polars as pl
import pytest
import search
from running_gateway import today
from search import Wanted

from agencies.intake import take_in
from agencies.register import load_register
from gateway.bootstrap import open_keys
from gateway.cli.demo.questions import PERMITTED, REFUSED
from gateway.client import JobFailed
from gateway.config import Settings
from linkage.tokens import LinkageKey, tokenise

title = "Nothing personal is to be found anywhere"

pytestmark = pytest.mark.xdist_group("county")


@pytest.fixture(scope="session")
def wanted(county: Any) -> Wanted:
    """Everything personal in the county's extracts."""
    return search.wanted_of(county)


@pytest.fixture(scope="session")
def provoked(journey: Any, extracts: Any, county: Any) -> Any:
    """The journey, after errors of every kind were provoked with real particulars in every place."""
    server = journey.server
    person = county.people.row(0, named=True)
    name = f"{person['forename']} {person['surname']}"
    send_badly(server, extracts)
    for role, agency in (("evaluator", "council"), ("data_officer", "police")):
        with server.officer(role, agency) as officer:
            for path in (f"/{name}", f"/v1/submissions/{name}", f"/v1/jobs/{name}?who={name}"):
                assert officer.raw("GET", path).is_error
            typed = {"agency": name, "dataset": name, "attested_on": person["date_of_birth"]}
            assert officer.raw("POST", "/v1/submissions", params=typed).is_error
            wrong = {**REFUSED, "cohort": name, "purpose": name}
            assert officer.raw("POST", "/v1/questions", json=wrong).is_error
            assert officer.raw("POST", "/v1/questions", json={**REFUSED, "purpose": "abc"}).is_error
    with server.with_credential(name.replace(" ", ".")) as stranger:
        assert stranger.raw("GET", "/v1/submissions").status_code == 401
    speak_no_http(server, name)
    with server.officer("evaluator") as evaluator:
        for question in PERMITTED:
            evaluator.ask(question)
    return journey


def send_badly(server: Any, extracts: Any) -> None:
    """Real files cut short, mixed up, sent twice, and with a second header."""
    police = extracts["police", "contacts"].content
    header, _, body = police.partition(b"\n")
    bad = {
        "as another dataset": (police, "council", "early_help", ".csv"),
        "cut short": (
            extracts["housing", "tenancies"].content[:-2000],
            "housing",
            "tenancies",
            ".xlsx",
        ),
        "damaged": (extracts["health", "ecds"].content[:-2000], "health", "ecds", ".parquet"),
        "no header": (body, "police", "contacts", ".csv"),
        "two headers": (header + b"\n" + police, "police", "contacts", ".csv"),
        "not UTF-8": (police.decode().encode("utf-16"), "police", "contacts", ".csv"),
        "twice": (police, "police", "contacts", ".csv"),
    }
    for content, agency, dataset, suffix in bad.values():
        with server.officer("data_officer", agency) as officer:
            officer.problem_of_file(content, agency, dataset, suffix)
    # Every row has a fault somewhere: what is returned speaks of all of them.
    spoiled = police.replace(b"LE", b"QQ")
    with server.officer("data_officer", "police") as officer:
        query = {"agency": "police", "dataset": "contacts", "attested_on": today()}
        job = officer.call("POST", "/v1/submissions", params=query, content=spoiled)["job"]
        try:
            report = officer.wait(job)
        except JobFailed:
            return
        officer.call("DELETE", f"/v1/submissions/{report['submission']}")


def speak_no_http(server: Any, name: str) -> None:
    """Bytes that no web server understands."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(f"{name} {name}\r\n\r\n".encode())
        connection.recv(1000)


def test_there_is_much_to_look_for(wanted: Wanted) -> None:
    least = {
        **dict.fromkeys(("surname", "postcode", "uprn", "upn", "nino", "nhs_number"), 100),
        **dict.fromkeys(("address", "date_of_birth", "forename and surname"), 1000),
    }
    assert {
        kind: len(values) for kind, values in wanted.kinds.items() if len(values) < least[kind]
    } == {}
    assert wanted.kinds.keys() == least.keys()


def test_little_is_left_out_because_it_is_a_word_of_our_own(wanted: Wanted, county: Any) -> None:
    surnames = {name.lower() for name in county.people["surname"].unique()}
    assert len(wanted.left_out & surnames) < 0.05 * len(surnames)
    assert len(wanted.left_out - surnames) < 0.01 * sum(map(len, wanted.kinds.values()))


def everything_on_disk(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, and the cells of every database in it."""
    for file, content in planted.files_below(folder):
        yield str(file.relative_to(folder)), content
        if file.suffix == ".db":
            yield f"cells of {file.name}", search.cells_of(file)


def test_no_answer_holds_an_identifier_not_even_an_error(provoked: Any, wanted: Wanted) -> None:
    heard = provoked.server.heard
    found = {answer.call: wanted.found_in(answer.content) for answer in heard}
    assert {call: values for call, values in found.items() if values} == {}
    assert {answer.status for answer in heard} >= {200, 201, 202, 401, 403, 404, 422}


def test_no_file_holds_an_identifier_while_the_server_runs(provoked: Any, wanted: Wanted) -> None:
    assert hits_on_disk(provoked.server.home.parent, wanted) == {}


def hits_on_disk(folder: Path, wanted: Wanted) -> dict[str, set[str]]:
    """What was found, by file; home, traces, terminal and temporary folder all lie below."""
    found = {name: wanted.found_in(content) for name, content in everything_on_disk(folder)}
    assert {
        "home/state/gateway.db",
        "home/audit/entries.jsonl",
        "home/traces.jsonl",
    } <= found.keys()
    assert any(name.endswith("tokens.parquet") for name in found)
    return {name: values for name, values in found.items() if values}


def test_the_server_holds_no_file_open_outside_its_home(provoked: Any) -> None:
    """A temporary file that was deleted and is still written to would be found here and nowhere else."""
    server = provoked.server
    opened = {os.readlink(each) for each in Path(f"/proc/{server.pid}/fd").iterdir()}
    files = {path for path in opened if path.startswith("/") and not path.startswith("/dev/")}
    outside = {path for path in files if not path.startswith(str(server.home.resolve()))}
    assert outside == set()
    assert len(files) > 2


def test_the_server_leaves_no_core_file_when_it_crashes(provoked: Any) -> None:
    limits = Path(f"/proc/{provoked.server.pid}/limits").read_text().splitlines()
    [line] = [line for line in limits if line.startswith("Max core file size")]
    assert line.split()[4:6] == ["0", "0"]


def test_no_file_holds_an_identifier_after_the_server_has_ended(
    provoked: Any, ended_home: Path, wanted: Wanted
) -> None:
    assert hits_on_disk(ended_home.parent, wanted) == {}


def test_no_token_stands_in_the_clear(provoked: Any, extracts: Any) -> None:
    """Neither as the 8 bytes of a number nor as its digits."""
    keys = open_keys(Settings(home=provoked.server.home), None)
    key = LinkageKey(keys.linkage_key(Settings().linkage_domain, Settings().linkage_epoch))
    values = token_values(extracts["police", "contacts"], key)
    assert len(values) > 10_000
    forms = {
        form
        for value in values
        for form in (value.to_bytes(8, "little"), value.to_bytes(8, "big"), str(value).encode())
    }
    engine = search.BytesAhoCorasick(sorted(forms))
    assert engine.find_matches_as_indexes(b"xx" + next(iter(forms)) + b"xx")
    found = [
        name
        for name, content in everything_on_disk(provoked.server.home.parent)
        if engine.find_matches_as_indexes(content)
    ]
    assert found == []


def token_values(extract: Any, key: LinkageKey) -> set[int]:
    """Every token that the gateway made of this extract."""
    dataset = load_register().dataset(extract.agency, extract.dataset)
    intake = take_in(extract.content, extract.filename, dataset)
    frame = tokenise(intake.identifiers, key, namespace=extract.agency)
    columns = (c.explode() if c.dtype == pl.List(pl.UInt64) else c for c in frame.iter_columns())
    tokens = (column for column in columns if column.dtype == pl.UInt64)
    return {int(value) for column in tokens for value in column.drop_nulls().unique()}


@pytest.mark.parametrize(
    "kind",
    ["surname", "postcode", "nhs_number", "date_of_birth", "address", "forename and surname"],
)
def test_the_search_finds_what_is_planted(wanted: Wanted, tmp_path: Path, kind: str) -> None:
    for value in (min(wanted.kinds[kind], key=len), max(wanted.kinds[kind], key=len)):
        assert value in wanted.found_in(b'{"said": "' + value.upper().encode() + b'"}')
        if not search.needs_edges(value, is_text=False):
            assert value in wanted.found_in(b"\x00\x8ax" + value.encode() + b"y\xff")
        assert value not in wanted.found_in(value[:-1].encode())


def test_the_search_looks_into_every_cell_of_a_database(wanted: Wanted, tmp_path: Path) -> None:
    import sqlite3

    surname = min(wanted.kinds["surname"], key=len)
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.execute("create table t (a text, b text)")
        database.execute("insert into t values ('abc', ?)", (surname,))
    database.close()
    assert surname in wanted.found_in(search.cells_of(tmp_path / "x.db"))
