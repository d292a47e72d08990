"""A real `gateway serve` in a process of its own, and officers who speak to it over HTTP.

In: a home folder. Out: its address, credentials by role, and every byte that it ever answered (`heard`).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from gateway.cli.operate import initialise
from gateway.client import Gateway, JobFailed

PATIENCE_SECONDS = 120.0
TRAINING = ("five_safes", "isp_briefing")
HOME_OF_ROLE = {"linkage_officer": "council", "evaluator": "council", "ig_officer": "council"}
PROBLEM = "application/problem+json"
CSV = {"Content-Type": "text/csv"}


@dataclass(frozen=True)
class Heard:
    """One answer: to which call, with which status, and its whole body with its headers."""

    call: str
    status: int
    content: bytes


def today() -> str:
    """The gateway's own day."""
    return datetime.now(UTC).date().isoformat()


class Officer(Gateway):
    """The shipped client, with ears: every answer is kept, and problems can be looked at."""

    def __init__(self, url: str, credential: str | None, heard: list[Heard]) -> None:
        super().__init__(url, credential, timeout=PATIENCE_SECONDS)
        self._heard = heard
        self._http.event_hooks["response"].append(self._listen)

    def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, whatever its answer."""
        return self._http.request(method, path, **options)

    def problem(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The problem document of a request that must fail."""
        answer = self.raw(method, path, **options)
        assert answer.headers["content-type"] == PROBLEM, answer.text
        told: dict[str, Any] = answer.json()
        assert told["status"] == answer.status_code
        assert told["title"]
        return told

    def problem_of_file(
        self, content: bytes, agency: str, dataset: str, suffix: str = ".csv"
    ) -> dict[str, Any]:
        """The problem of a job that takes this file in and must fail."""
        try:
            report = self.send_bytes(content, suffix, agency, dataset, attested_on=today())
        except JobFailed as failed:
            return dict(failed.problem)
        raise AssertionError(f"the file was accepted: {report['counts']}")

    def start_sending(self, content: bytes, agency: str, dataset: str) -> str:
        """Upload a file; the number of the job that takes it in."""
        query = {"agency": agency, "dataset": dataset, "attested_on": today()}
        answer = self.call("POST", "/v1/submissions", params=query, content=content, headers=CSV)
        return str(answer["job"])

    def _listen(self, response: httpx.Response) -> None:
        body = response.read()
        head = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
        call = f"{response.request.method} {response.request.url.path}"
        self._heard.append(Heard(call, response.status_code, head.encode() + b"\n\n" + body))


@dataclass
class Running:
    """A gateway's home with, or without, a living server on it."""

    home: Path
    administrator: str
    environment: Mapping[str, str] = field(default_factory=dict)
    under: Sequence[str] = ()
    heard: list[Heard] = field(default_factory=list)
    _credentials: dict[tuple[str, str], str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    def fresh(cls, home: Path, **environment: str) -> Running:
        """A newly initialised home; the server is not started yet."""
        home.mkdir(parents=True, mode=0o700)
        return cls(home, initialise(home), environment)

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def log_file(self) -> Path:
        """What the server wrote to its terminal."""
        return self.home / "server.log"

    def start(self) -> Running:
        """Start a server on a port of its own and wait until it answers."""
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        words = [*self.under, sys.executable, "-m", "gateway", "serve", "--home", str(self.home)]
        environment = {**_clean_environment(), **self.environment}
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*words, "--port", str(self.port)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                # A file that something writes to wherever it happens to stand is then in the home.
                cwd=self.home,
            )
        self._wait_until_up()
        return self

    def stop(self) -> None:
        """End it as an operator would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def restart(self) -> Running:
        """Stop and start."""
        self.stop()
        return self.start()

    def officer(self, role: str, agency: str | None = None) -> Officer:
        """Somebody with a credential for this role, made by the administrator."""
        agency = agency or HOME_OF_ROLE[role]
        if (role, agency) not in self._credentials:
            self._credentials[role, agency] = self.new_credential(role, agency)
        return self.with_credential(self._credentials[role, agency])

    def new_credential(self, role: str, agency: str) -> str:
        """One more credential, of one more person."""
        wanted: dict[str, Any] = {"role": role, "agency": agency}
        if role == "evaluator":
            wanted["training"] = dict.fromkeys(TRAINING, today())
        with self.with_credential(self.administrator) as administrator:
            made = administrator.call("POST", "/v1/credentials", json=wanted)
        return str(made["credential"])

    def with_credential(self, credential: str | None) -> Officer:
        """A client with any credential, or none."""
        return Officer(self.url, credential, self.heard)

    def entries(self, after: int = -1) -> list[dict[str, Any]]:
        """The audit entries above an index, as an IG officer reads them."""
        found: list[dict[str, Any]] = []
        with self.officer("ig_officer") as officer:
            while True:
                query = {"after": after}
                page = officer.call("GET", "/v1/audit/entries", params=query)["items"]
                found += page
                if len(page) < 200:
                    return found
                after = page[-1]["index"]

    def refusals(self, after: int) -> list[tuple[str, str | None]]:
        """What the log says was refused or failed: the action, and the error if there was one."""
        return [
            (each["action"], each["detail"].get("error"))
            for each in self.entries(after)
            if each["type"] in ("access.refused", "sign-in.refused")
            or each["detail"].get("outcome") == "failed"
        ]

    def last_index(self) -> int:
        """Index of the last entry there is now."""
        return int(self.entries()[-1]["index"])

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(timeout=PATIENCE_SECONDS)
        self._process = None

    def _wait_until_up(self) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            assert self._process is not None
            assert self._process.poll() is None, self.log_file.read_text()
            try:
                if httpx.get(f"{self.url}/health", trust_env=False, timeout=5).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the server did not come up")


def _clean_environment() -> dict[str, str]:
    """Ours without any setting of a gateway, so that a developer's own cannot change a test."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
