"""A disk that is really full: said as such, on record, nothing half stored; and once there is space, all goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import planted
import pytest
import small_disk
from running_gateway import Running, today

from gateway.client import GatewayRefused

title = "A full disk is said, on record, and survived"

pytestmark = [
    pytest.mark.xdist_group("disk"),
    pytest.mark.skipif(not small_disk.is_possible(), reason="no mount is permitted here"),
]

KIB = 1024
# From no room for a byte to room for almost all: the disk fills up at another step each time.
ROOM = (0, 8 * KIB, 24 * KIB, 48 * KIB, 96 * KIB, 160 * KIB)


@pytest.fixture(scope="module")
def cramped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway on a disk of a few megabytes, with one extract stored."""
    folder = tmp_path_factory.mktemp("cramped")
    server = small_disk.on_small_disk(Running.fresh(folder / "home"), folder / "copy")
    try:
        with server.officer("data_officer", "police") as officer:
            officer.send_bytes(planted.police(), ".csv", "police", "contacts", attested_on=today())
        server.officer("ig_officer").close()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def extract(extracts: Any) -> bytes:
    """The county's police extract."""
    content: bytes = extracts["police", "contacts"].content
    return content


@pytest.mark.parametrize("leave", ROOM)
def test_a_full_disk_while_an_extract_is_stored_is_said_and_leaves_nothing_half_stored(
    cramped: Running, extract: bytes, leave: int
):
    before, stored = cramped.last_index(), lake_of(cramped)
    content = extract + b"\r\n" * (leave + 1)  # another file each time, with the same rows
    filler = small_disk.fill(cramped, leave)
    try:
        problem = attempt(cramped, content)
        assert problem["status"] in (503, 507)
        assert problem["fix"]
    finally:
        filler.unlink()
    wait_for(lambda: is_said(cramped, before))
    assert lake_of(cramped) == stored
    assert planted.places_of(small_disk.home_inside(cramped)) == []
    # There is room again, and nobody has to be called for it.
    with cramped.officer("data_officer", "police") as officer:
        report = officer.send_bytes(content, ".csv", "police", "contacts", attested_on=today())
        officer.call("DELETE", f"/v1/submissions/{report['submission']}")
    assert report["status"] == "stored"


def attempt(server: Running, content: bytes) -> dict[str, Any]:
    """What an officer is told who sends this to a gateway whose disk is full."""
    with server.officer("data_officer", "police") as officer:
        try:
            job = officer.start_sending(content, "police", "contacts")
            officer.wait(job)
        except GatewayRefused as refused:
            return dict(refused.problem)
    raise AssertionError("it was stored")


def lake_of(server: Running) -> set[str]:
    """Every file of records there is."""
    lake = small_disk.home_inside(server) / "lake"
    files = {path.relative_to(lake) for path in lake.rglob("*") if path.is_file()}
    return {str(file) for file in files if file.parts[0] != "present"}


def is_said(server: Running, after: int) -> bool:
    """Whether the log holds the failure: that of the work, or that of the log itself."""
    kinds = {"log.full"}
    return any(
        entry["type"] in kinds or entry["detail"].get("error") in ("StoreFull", "LogUnavailable")
        for entry in server.entries(after)
    )


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds, for ten seconds at most."""
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_a_full_disk_while_linking_is_said_and_the_next_run_succeeds(
    cramped: Running, extract: bytes
):
    with cramped.officer("data_officer", "police") as officer:
        officer.send_bytes(extract, ".csv", "police", "contacts", attested_on=today())
    before, stored = cramped.last_index(), lake_of(cramped)
    with cramped.officer("linkage_officer") as officer:
        filler = small_disk.fill(cramped, 32 * KIB)
        try:
            with pytest.raises(GatewayRefused) as refused:
                officer.link()
        finally:
            filler.unlink()
        assert refused.value.status in (503, 507)
        wait_for(lambda: is_said(cramped, before))
        assert lake_of(cramped) == stored
        assert officer.link()["counts"]["records"] > 0


def test_the_log_that_stood_on_the_full_disk_verifies(cramped: Running, tmp_path: Path):
    from audit.verify import verify

    with cramped.officer("ig_officer") as officer:
        (tmp_path / "log").write_bytes(officer.call("GET", "/v1/audit/export"))
        key = officer.call("GET", "/v1/audit/key")["public_key"]
    assert verify(tmp_path / "log", key).size > 0
