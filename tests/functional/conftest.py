"""Real servers on loopback, each on a home of its own, and a small county to send.

The county and the server that has linked it are made once for all tests of the group "county".
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from _pytest.nodeid import NodeId

sys.path.insert(0, str(Path(__file__).parent / "support"))

from running_gateway import Running, today  # noqa: E402

from agencies.county import County, CountyConfig, ExtractFile, make_county  # noqa: E402
from gateway.cli.demo.questions import PERMITTED  # noqa: E402


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep every group in one worker: pytest-xdist 3.8 writes it where pytest 9.2 reads a node's name no more."""
    if not config.getoption("loadgroup", default=False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None and "@" not in item.nodeid:
            item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")


FAMILIES = 320
SEED = 7
Extracts = dict[tuple[str, str], ExtractFile]


@pytest.fixture(scope="session")
def county() -> County:
    """A county of a few hundred families, always the same."""
    return make_county(CountyConfig(families=FAMILIES, seed=SEED))


@pytest.fixture(scope="session")
def extracts(county: County) -> Extracts:
    """Its eight files by agency and dataset."""
    return {(file.agency, file.dataset): file for file in county.extracts()}


@dataclass
class Journey:
    """A gateway that has taken in and linked the whole county."""

    server: Running
    sent: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)

    @property
    def trace_file(self) -> Path:
        """Where this server writes its traces."""
        return Path(self.server.environment["GATEWAY_TRACE_FILE"])


def send_all(server: Running, extracts: Extracts) -> dict[tuple[str, str], dict[str, Any]]:
    """Every agency's data officer sends what the agency has; the reports."""
    reports = {}
    for (agency, dataset), file in extracts.items():
        with server.officer("data_officer", agency) as officer:
            reports[agency, dataset] = officer.send_bytes(
                file.content, Path(file.filename).suffix, agency, dataset, attested_on=today()
            )
    return reports


@pytest.fixture(scope="session")
def journey(tmp_path_factory: pytest.TempPathFactory, extracts: Extracts) -> Iterator[Journey]:
    """Six agencies have sent, one linkage officer has linked; traces are switched on."""
    folder = tmp_path_factory.mktemp("journey")
    temporary = folder / "tmp"
    temporary.mkdir()
    server = Running.fresh(
        folder / "home",
        GATEWAY_TRACE_FILE=str(folder / "home" / "traces.jsonl"),
        TMPDIR=str(temporary),
    )
    server.start()
    try:
        told = Journey(server, sent=send_all(server, extracts))
        with server.officer("linkage_officer") as officer:
            told.run = officer.link()
        yield told
    finally:
        server.stop()


@pytest.fixture(scope="session")
def ended_home(journey: Journey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the journey's server had on the disk when it ended, copied; the server goes on afterwards."""
    with journey.server.officer("evaluator") as evaluator:
        evaluator.ask(PERMITTED[0])
    journey.server.officer("ig_officer").close()
    copy = tmp_path_factory.mktemp("ended") / "folder"
    journey.server.stop()
    shutil.copytree(journey.server.home.parent, copy)
    journey.server.start()
    return copy / "home"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway in which nothing is stored yet; it takes files of at most 2 MB."""
    home = tmp_path_factory.mktemp("gateway") / "home"
    server = Running.fresh(home, GATEWAY_MAX_UPLOAD_BYTES="2000000")
    server.start()
    try:
        yield server
    finally:
        server.stop()
