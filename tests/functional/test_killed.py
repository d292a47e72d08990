"""kill -9 in the middle of an upload, of taking in, of a linkage run and of releases: the earlier state is whole.

After every restart the same things must hold, whatever was going on: see `require_whole`.
"""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_gateway import Running, today

from audit.verify import verify
from gateway.client import GatewayRefused
from gateway.client.http import NO_ANSWER

title = "Killed at any moment, the gateway comes back to a whole state"

pytestmark = pytest.mark.xdist_group("killed")

POLICE, FAMILIES = ("police", "contacts"), ("council", "social_care")
QUESTION = {
    "purpose": "sf-evaluation",
    "cohort": "all-families",
    "unit": "family",
    "measures": ["families"],
    "by": {"district": "district"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, extracts: Any) -> Iterator[Running]:
    """A gateway with one extract stored and linked, and every credential made."""
    running = Running.fresh(tmp_path_factory.mktemp("killed") / "home").start()
    try:
        for agency in ("police", "council"):
            running.officer("data_officer", agency).close()
        for role in ("linkage_officer", "evaluator", "ig_officer"):
            running.officer(role).close()
        with running.officer("data_officer", "council") as officer:
            content = extracts[FAMILIES].content
            officer.send_bytes(content, ".csv", *FAMILIES, attested_on=today())
        with running.officer("linkage_officer") as officer:
            officer.link()
        yield running
    finally:
        running.stop()


def kill_and_restart(server: Running) -> None:
    """kill -9, and start again on the same home."""
    server.kill()
    server.start()


def require_whole(server: Running, folder: Path) -> list[dict[str, Any]]:
    """What must hold after every restart; the intents that this restart closed as interrupted.

    The log verifies, every intent has an outcome, nothing but what the database knows lies in the lake, and no job
    or run still claims to be going on.
    """
    entries = server.entries()
    pending = {each["access"] for each in entries if each["type"] == "access.intent"}
    ended = {each["access"] for each in entries if each["type"] == "access.outcome"}
    assert pending - ended <= {each["access"] for each in entries[-2:]}  # our own reading just now
    with server.officer("ig_officer") as officer:
        export = folder / f"log-{len(entries)}"
        export.write_bytes(officer.call("GET", "/v1/audit/export"))
        key = officer.call("GET", "/v1/audit/key")["public_key"]
    assert verify(export, key).size >= len(entries)
    assert places_in_the_lake(server) == places_in_the_database(server)
    assert not list((server.home / "lake" / "incoming").iterdir())
    assert rows(server, "select id from jobs where state in ('waiting', 'running')") == []
    assert rows(server, "select number from linkage_runs where status = 'running'") == []
    started = max(e["index"] for e in entries if e["type"] == "service.started")
    return [
        e for e in entries if e["index"] > started and e["detail"].get("outcome") == "interrupted"
    ]


def places_in_the_lake(server: Running) -> set[str]:
    """Every folder of files there is."""
    lake = server.home / "lake"
    groups = ("submissions", "runs", "vintages", "multipliers", "traces")
    return {str(path.relative_to(lake)) for group in groups for path in (lake / group).iterdir()}


def places_in_the_database(server: Running) -> set[str]:
    """Every folder whose files have a key."""
    known = rows(server, "select path from lake_files where wrapped_key is not null")
    return {path.rpartition("/")[0] for (path,) in known}


def rows(server: Running, query: str) -> list[tuple[Any, ...]]:
    """Rows of the server's database."""
    database = sqlite3.connect(server.home / "state" / "gateway.db")
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def test_killed_while_a_file_is_being_uploaded(server: Running, extracts: Any, tmp_path: Path):
    content = extracts[POLICE].content
    before = server.last_index()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head_of_upload(server, content) + content[: len(content) // 2])
        while not any(e["action"] == "submit" for e in server.entries(before)):
            time.sleep(0.02)
        kill_and_restart(server)
    interrupted = require_whole(server, tmp_path)
    assert [each["action"] for each in interrupted] == ["submit"]
    assert submitted(server) == []


def head_of_upload(server: Running, content: bytes) -> bytes:
    """The head of a request that brings this file."""
    credential = server._credentials["data_officer", "police"]
    return (
        f"POST /v1/submissions?agency=police&dataset=contacts&attested_on={today()} HTTP/1.1\r\n"
        f"Host: localhost\r\nAuthorization: Bearer {credential}\r\n"
        f"Content-Type: text/csv\r\nContent-Length: {len(content)}\r\n\r\n"
    ).encode()


def test_a_second_server_on_the_same_home_leaves_alone_what_goes_on_in_the_first(
    server: Running, extracts: Any, tmp_path: Path
):
    content = extracts[POLICE].content
    before = server.last_index()
    second = Running(server.home, server.administrator)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head_of_upload(server, content) + content[: len(content) // 2])
        while not any(e["action"] == "submit" for e in server.entries(before)):
            time.sleep(0.02)
        second.start()
        second.stop()
        connection.sendall(content[len(content) // 2 :])
        assert connection.recv(1000).startswith(b"HTTP/1.1 202")
    while not (stored := submitted(server)):
        time.sleep(0.02)
    ended = [e for e in server.entries(before) if e["action"] == "submit"]
    assert "interrupted" not in {each["detail"].get("outcome") for each in ended}
    with server.officer("data_officer", "police") as officer:
        officer.call("DELETE", f"/v1/submissions/{stored[0]['submission']}")
    require_whole(server, tmp_path)


def submitted(server: Running) -> list[dict[str, Any]]:
    """What the police are shown of their submissions."""
    with server.officer("data_officer", "police") as officer:
        return submitted_by(officer)


def submitted_by(officer: Any) -> list[dict[str, Any]]:
    """What an officer is shown of the agency's submissions."""
    listed: list[dict[str, Any]] = officer.call("GET", "/v1/submissions")["items"]
    return listed


def test_killed_while_a_file_is_taken_in_it_is_stored_whole_or_not_at_all(
    server: Running, extracts: Any, tmp_path: Path
):
    states = []
    for delay in (0.0, 0.1):
        content = extracts[POLICE].content + b"\r\n" * (len(states) + 1)
        with server.officer("data_officer", "police") as officer:
            job = officer.start_sending(content, *POLICE)
        time.sleep(delay)
        kill_and_restart(server)
        require_whole(server, tmp_path)
        with server.officer("data_officer", "police") as officer:
            told = officer.call("GET", f"/v1/jobs/{job}")
            if told["state"] == "interrupted":
                # Killed after the work and before the word of it, the log knows better than the job.
                assert last_outcome(server, "submit") in ("interrupted", "done")
                assert told["problem"]["detail"]
                # The very same file again: nothing stands in its way.
                report = sent_again(officer, content)
            else:
                assert told["state"] == "done"
                report = told["result"]
            states.append(told["state"])
            officer.call("DELETE", f"/v1/submissions/{report['submission']}")
        assert "stored" not in {each["status"] for each in submitted(server)}
    assert "interrupted" in states


def last_outcome(server: Running, action: str) -> str:
    """How the log says that the last such action ended."""
    ended = [e for e in server.entries() if (e["type"], e["action"]) == ("access.outcome", action)]
    return str(ended[-1]["detail"]["outcome"])


def sent_again(officer: Any, content: bytes) -> dict[str, Any]:
    """The report on a file that may have been stored just before the kill."""
    stored = [each for each in submitted_by(officer) if each["status"] == "stored"]
    if stored:
        assert officer.problem_of_file(content, *POLICE)["status"] == 409
        return dict(stored[0])
    report: dict[str, Any] = officer.send_bytes(content, ".csv", *POLICE, attested_on=today())
    return report


def test_killed_while_linking_the_last_vintage_still_answers_and_the_next_run_succeeds(
    server: Running, tmp_path: Path
):
    states = []
    carried_on = {"incremental": "true"}
    for delay, how in ((0.05, {}), (0.6, {}), (0.05, carried_on), (0.3, carried_on)):
        earlier = figures(server)
        with server.officer("linkage_officer") as officer:
            job = officer.call("POST", "/v1/links", params=how)["job"]
        time.sleep(delay)
        kill_and_restart(server)
        require_whole(server, tmp_path)
        with server.officer("linkage_officer") as officer:
            state = officer.call("GET", f"/v1/jobs/{job}")["state"]
        states.append(state)
        assert last_outcome(server, "link") in ("interrupted", "done")
        # Linked or not, the same records give the same figures: noise and ids do not depend on the run.
        assert figures(server) == earlier
    assert "interrupted" in states
    with server.officer("linkage_officer") as officer:
        assert officer.link(incremental=True)["changes"]["kept"] > 0
        officer.link()
    assert figures(server) == earlier


def figures(server: Running) -> Any:
    """The released cells of the question."""
    with server.officer("evaluator") as evaluator:
        return evaluator.ask(QUESTION).table["cells"]


def test_killed_while_releasing_every_figure_that_left_is_on_record(
    server: Running, tmp_path: Path
):
    for delay in (0.03, 0.2):
        got: list[int] = []
        asking = [threading.Thread(target=ask_until_it_dies, args=(server, got)) for _ in range(3)]
        for each in asking:
            each.start()
        time.sleep(delay)
        server.kill()
        for each in asking:
            each.join()
        server.start()
        require_whole(server, tmp_path)
        made = {e["index"] for e in server.entries() if e["type"] == "release.made"}
        kept = dict(rows(server, "select number, audit_index from releases"))
        # What somebody got is kept, and what is kept is in the log; the log may hold one that nobody got.
        assert set(got) <= kept.keys()
        assert set(kept.values()) <= made
        assert len(set(kept.values())) == len(kept)
        with server.officer("evaluator") as evaluator:
            for number in got[-1:]:
                assert evaluator.call("GET", f"/v1/releases/{number}")["number"] == number
            evaluator.ask(QUESTION)


def ask_until_it_dies(server: Running, got: list[int]) -> None:
    """Ask again and again; the numbers of the releases that came back."""
    with server.officer("evaluator") as evaluator:
        try:
            while True:
                got.append(evaluator.ask(QUESTION).number)
        except GatewayRefused as gone:
            # Not a refusal of the gateway: nobody answered any more.
            if gone.problem["title"] != NO_ANSWER["title"]:
                raise
