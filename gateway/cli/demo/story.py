"""What happens in the demo, chapter by chapter, each through HTTP as the person whose job it is.

In: a running server and a synthetic county; out: plain documents for the terminal or for JSON. The county's truth
serves to measure the linkage and is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agencies.county import County, CountyConfig, ExtractFile, make_county
from audit.verify import verify
from gateway.cli import output
from gateway.cli.demo.questions import PERMITTED, REFUSED
from gateway.cli.demo.server import Server
from gateway.client import Gateway, GatewayRefused
from gateway.client.http import Progress

LEAD = "council"
TRAINING = ("five_safes", "isp_briefing")


class Story:
    """One telling. Officers get their credentials as they are needed."""

    def __init__(self, server: Server, families: int, seed: int, *, quiet: bool) -> None:
        self._server = server
        self._config = CountyConfig(families=families, seed=seed)
        self._quiet = quiet
        self._credentials = {("administrator", "gateway"): server.administrator}

    @property
    def credentials(self) -> list[dict[str, str]]:
        """One credential of each role, with the agency it is bound to."""
        first = {role: agency for role, agency in reversed(self._credentials)}
        return [
            {"role": role, "agency": agency, "credential": self._credentials[role, agency]}
            for role, agency in first.items()
        ]

    @cached_property
    def county(self) -> County:
        """The synthetic county, made once, held in memory."""
        return make_county(self._config)

    def send(self) -> dict[str, Any]:
        """Every agency's data officer sends the agency's extracts."""
        with self._bar("making the county") as report:
            files = list(self.county.extracts())
            report("done", 1.0)
        self._sent = [self._send(file) for file in files]
        agencies = dict.fromkeys(file.agency for file in files)
        return {"agencies": [_agency(agency, self._sent) for agency in agencies]}

    def _send(self, file: ExtractFile) -> dict[str, Any]:
        label = f"{file.agency}: {file.dataset}"
        with self._officer("data_officer", file.agency) as officer, self._bar(label) as bar:
            result = officer.send_bytes(
                file.content,
                Path(file.filename).suffix,
                file.agency,
                file.dataset,
                attested_on=self._server.today,
                progress=bar,
            )
        return {
            "agency": file.agency,
            "dataset": file.dataset,
            "submission": result["submission"],
            "rows_sent": result["rows_read"],
            "rows_accepted": result["rows_accepted"],
            "rows_refused": result["rows_refused"],
            "counts": result["counts"],
        }

    def link(self) -> dict[str, Any]:
        """A linkage officer links everything, then measures the run against the county's truth."""
        with self._officer("linkage_officer", LEAD) as officer:
            with self._bar("linking") as bar:
                run = officer.link(bar)
            with self._bar("comparing with the truth"):
                quality = officer.call(
                    "POST", f"/v1/links/{run['run']}/quality", json=self._labels()
                )
        return {"linkage": {**run, **quality}}

    def be_refused(self) -> dict[str, Any]:
        """An evaluator asks for what nobody agreed to."""
        with self._officer("evaluator", LEAD) as officer:
            try:
                officer.ask(REFUSED)
            except GatewayRefused as refused:
                return {"refusal": {"question": REFUSED, **refused.problem}}
        raise RuntimeError("the protocol let a question pass that it must refuse")

    def ask(self) -> dict[str, Any]:
        """The evaluator asks three questions within the protocol."""
        with self._officer("evaluator", LEAD) as officer:
            return {"tables": [dict(officer.ask(question).release) for question in PERMITTED]}

    def verify(self) -> dict[str, Any]:
        """An information governance officer exports the log; it is verified without the gateway."""
        with self._officer("ig_officer", LEAD) as officer, TemporaryDirectory() as folder:
            key = officer.call("GET", "/v1/audit/key")["public_key"]
            export = Path(folder) / "log"
            export.write_bytes(officer.call("GET", "/v1/audit/export"))
            proved = verify(export, key)
        return {
            "log": {
                "size": proved.size,
                "verified": True,
                "root": proved.root_hash.hex(),
                "key": key,
            }
        }

    def _labels(self) -> dict[str, list[Any]]:
        """The truth of every row sent, in columns: submission, row, person, family."""
        import polars as pl

        names = pl.DataFrame(
            [
                {name: sent[name] for name in ("agency", "dataset", "submission")}
                for sent in self._sent
            ]
        )
        labels = self.county.truth_rows.join(names, on=["agency", "dataset"])
        return {name: labels[name].to_list() for name in ("submission", "row", "person", "family")}

    @contextmanager
    def _officer(self, role: str, agency: str) -> Iterator[Gateway]:
        """A client with a credential of its own, made by the administrator when first needed."""
        if (role, agency) not in self._credentials:
            self._credentials[role, agency] = self._issue(role, agency)
        with Gateway(self._server.url, self._credentials[role, agency]) as client:
            yield client

    def _issue(self, role: str, agency: str) -> str:
        training = dict.fromkeys(TRAINING, self._server.today) if role == "evaluator" else {}
        wanted = {"role": role, "agency": agency, "training": training}
        with Gateway(self._server.url, self._server.administrator) as administrator:
            made = administrator.call("POST", "/v1/credentials", json=wanted)
        return str(made["credential"])

    @contextmanager
    def _bar(self, label: str) -> Iterator[Progress]:
        with output.progress(label, quiet=self._quiet) as report:
            yield report


def _agency(agency: str, sent: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows of all datasets of one agency, and each dataset's own."""
    own = [each for each in sent if each["agency"] == agency]
    totals = {
        name: sum(each[name] for each in own)
        for name in ("rows_sent", "rows_accepted", "rows_refused")
    }
    return {"agency": agency, **totals, "datasets": own}
