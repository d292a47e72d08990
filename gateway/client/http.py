"""Calls to a running gateway. In: address, credential; out: decoded answers, or `GatewayRefused`.

Puts nothing personal into an address: a file travels as the body, its name stays where it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from gateway.client.answer import Answer

CHUNK = 1 << 20
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".fdg": "application/vnd.families-data-gateway.bundle",
}
Progress = Callable[[str, float], None]
NO_ANSWER = {
    "title": "No gateway answers at this address",
    "status": 503,
    "fix": "Is it running? Its address is given by --url or GATEWAY_URL.",
}


class GatewayRefused(Exception):
    """The gateway answered with a problem document (RFC 9457), kept whole in `problem`."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or "refused"))
        self.problem = problem

    @property
    def status(self) -> int:
        """HTTP status of the refusal."""
        return int(self.problem.get("status", 0))


class JobFailed(GatewayRefused):
    """A job that had been accepted ended with a problem."""


class Gateway:
    """One gateway, seen with one credential.

    >>> Gateway("http://127.0.0.1:8321", credential).ask(question).to_pandas()  # doctest: +SKIP
    """

    def __init__(self, url: str, credential: str | None = None, *, timeout: float = 600.0) -> None:
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One request; the decoded JSON (or bytes) of the answer, else `GatewayRefused`."""
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise GatewayRefused({**NO_ANSWER, "detail": type(error).__name__}) from None
        if response.is_error:
            raise GatewayRefused(_problem(response))
        kind = response.headers.get("content-type", "")
        return response.json() if kind.startswith("application/json") else response.content

    def ask(self, question: Mapping[str, Any]) -> Answer:
        """A question (design of `POST /v1/questions`), answered by a release."""
        return Answer(self.call("POST", "/v1/questions", json=dict(question)))

    def estimate(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """About how many cells a question will lose: `cells` and, for each measure, a band in `withheld`."""
        told: dict[str, Any] = self.call("POST", "/v1/questions/estimate", json=dict(question))
        return told

    def send(
        self,
        file: Path,
        agency: str,
        dataset: str,
        *,
        attested_on: str | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Send an extract and wait for its report."""
        content = file.read_bytes()
        return self.send_bytes(
            content,
            file.suffix.lower(),
            agency,
            dataset,
            attested_on=attested_on,
            progress=progress,
        )

    def send_bytes(
        self,
        content: bytes,
        suffix: str,
        agency: str,
        dataset: str,
        *,
        attested_on: str | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Send an extract held in memory (`suffix`: .csv, .xlsx, .parquet, or .fdg for a bundle) and wait for its report."""
        params = {"agency": agency, "dataset": dataset}
        if attested_on:
            params["attested_on"] = attested_on
        accepted = self.call(
            "POST",
            "/v1/submissions",
            params=params,
            content=_chunks(content, progress),
            headers={"Content-Type": MEDIA_TYPES.get(suffix, "application/octet-stream")},
        )
        return self.wait(accepted["job"], progress)

    def link(
        self, progress: Progress | None = None, *, incremental: bool = False
    ) -> dict[str, Any]:
        """Link all stored submissions anew, or only what is new since the last run, and wait for the run."""
        params = {"incremental": "true"} if incremental else None
        accepted = self.call("POST", "/v1/links", params=params)
        return self.wait(accepted["job"], progress)

    def wait(
        self, job_id: str, progress: Progress | None = None, *, every: float = 0.2
    ) -> dict[str, Any]:
        """Wait for a job; its result, or `JobFailed` with its problem."""
        while True:
            job = self.call("GET", f"/v1/jobs/{job_id}")
            if progress:
                progress(job["step"], job["progress"])
            if job["state"] == "done":
                result: dict[str, Any] = job["result"]
                return result
            if job["state"] not in ("waiting", "running"):
                raise JobFailed(job["problem"])
            time.sleep(every)


def _chunks(content: bytes, progress: Progress | None) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]
        if progress:
            progress("sending", min(1.0, (start + CHUNK) / len(content)))


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        return {"title": response.reason_phrase, "status": response.status_code}
    return (
        problem
        if isinstance(problem, dict)
        else {"title": "refused", "status": response.status_code}
    )
