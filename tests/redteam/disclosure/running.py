"""Ours, for real: the application of a gateway of its own, asked over `POST /v1/questions` under the shipped protocol.

In: a folder and vintages. Out: an `Asker`. Nothing of the gateway is replaced: credentials, door, log, store, protocol and
disclosure control are those that are served; only linkage is left out, since the people are synthetic.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

import policies
from gateway.bootstrap import Gateway, make_home, open_gateway
from gateway.config import Settings
from gateway.pipeline.link import NOISE
from gateway.pipeline.opening import opens
from policies import Actor, Request
from tests.redteam.disclosure.asker import EVALUATION, Body, Cell, Method, Refused
from tests.redteam.disclosure.population import Population, as_arrow, order_key

SHIPPED = Path(policies.__file__).parent / "protocols" / "exampleshire-families-2026.yaml"
# Noise is clipped at 5 and rounding adds 2.5; 2^2 + 5^2/12 is the variance.
OURS = Method("ours", 7.5, 2.47, 250.0, multiplies=True, least=10)
TRAINING = ("five_safes", "isp_briefing")
SECOND = "sf-monitoring"
PEOPLE = 2
BEGUN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
A_QUARTER = 92


class BrokenGateway(Exception):
    """The gateway did not answer as it should: no attack can be judged by that."""


class Running:
    """A gateway and its application; `attack` freezes a population, `asker` speaks to it in two people's names."""

    def __init__(self, folder: Path, *, purposes: int = 1) -> None:
        protocols = (SHIPPED,) if purposes == 1 else (_with_second_purpose(folder),)
        settings = Settings(home=folder / "home", workers=1, protocols=protocols)
        self.days_on, self._began = 0, time.monotonic()
        make_home(settings, None, self._clock)
        self.gateway: Gateway = open_gateway(settings, clock=self._clock)
        self._run: int | None = None
        self._frozen = 0
        self._multipliers: pl.DataFrame | None = None
        self._web, self._headers = self._clients()

    def _clock(self) -> datetime:
        # It goes on: of two vintages of one instant nobody could say which is the newer one.
        elapsed = time.monotonic() - self._began
        return BEGUN + timedelta(days=self.days_on, seconds=elapsed)

    def close(self) -> None:
        """Give everything back."""
        self.gateway.close()

    def freeze(self, population: Population) -> dict[str, pl.DataFrame]:
        """The population as the newest vintage; returns its tables, which are the judge's to see."""
        return self._frozen_of(population, None)

    def refresh(self, population: Population) -> bool:
        """A linkage run over what the agencies now send: whether it opened a vintage, by the pipeline's own rule."""
        with self._open("link", "linkage_officer", "gateway") as access:
            in_force = self.gateway.wiring.store.vintages.in_force(access)
            if not opens(access, self.gateway.wiring, in_force):
                return False
        self._frozen_of(population, self._multipliers)
        return True

    def _frozen_of(
        self, population: Population, kept: pl.DataFrame | None
    ) -> dict[str, pl.DataFrame]:
        self._frozen += 1
        noise = self.gateway.wiring.keys.disclosure_key(NOISE)
        frozen = population.frozen(order_key(self._frozen), noise, kept)
        self._multipliers = frozen.multipliers
        self.write(frozen.tables)
        return dict(frozen.tables)

    def advance(self) -> None:
        """A quarter later; everybody has been trained again."""
        self.days_on += A_QUARTER
        self._web, self._headers = self._clients()

    def write(self, vintage: Mapping[str, pl.DataFrame]) -> None:
        """Tables as the newest vintage."""
        store = self.gateway.wiring.store
        with self._open("link", "linkage_officer", "gateway") as access:
            run = self._finished_run(access)
            store.vintages.write(access, store.vintages.new_id(), run, as_arrow(vintage))

    def asker(self) -> Served:
        """Whoever asks now asks of the newest vintage."""
        return Served(self._web, self._headers)

    def _finished_run(self, access: Any) -> int:
        """A vintage comes of a run; one run without anything in it serves for all."""
        runs = self.gateway.wiring.store.runs
        if self._run is None:
            self._run = runs.begin(access, [], {"seed": 0}).number
            links = pl.DataFrame(schema=dict.fromkeys(("record", "person", "family"), pl.String))
            runs.finish(access, self._run, links, quality={})
        return self._run

    def _open(self, action: str, role: str, agency: str) -> Any:
        actor = Actor("staff-redteam", role, agency, training=dict.fromkeys(TRAINING, 1))
        day = self.gateway.wiring.clock().date()
        return self.gateway.door.open(Request(actor, action, day, optout_age_days=1))

    def _clients(self) -> tuple[Any, list[dict[str, str]]]:
        from starlette.testclient import TestClient

        from gateway.app.factory import create_app

        today = self.gateway.wiring.clock().date()
        with self._open("manage_users", "administrator", "gateway") as access:
            made = [
                self.gateway.wiring.store.credentials.make(
                    access,
                    role="evaluator",
                    agency="council",
                    training=dict.fromkeys(TRAINING, today),
                )
                for _ in range(PEOPLE)
            ]
        headers = [{"Authorization": f"Bearer {each.presented}"} for each in made]
        return TestClient(create_app(self.gateway)), headers


class Served:
    """The public question interface; two evaluators, each with a credential."""

    method = OURS

    def __init__(self, web: Any, headers: list[dict[str, str]]) -> None:
        self._web, self._headers = web, headers

    def ask(self, question: Body, who: int = 0) -> list[Cell]:
        """The cells of the release. Raises `Refused`."""
        sent = self._web.post(
            "/v1/questions", content=json.dumps(question), headers=self._headers[who % PEOPLE]
        )
        if sent.status_code >= 500:
            # A gateway that breaks tells nobody anything, and proves nothing.
            raise BrokenGateway(sent.text)
        if sent.status_code != 200:
            raise Refused(sent.text)
        return [cell_of(each) for each in sent.json()["table"]["cells"]]


def cell_of(told: Mapping[str, Any]) -> Cell:
    """A cell as the answer writes it."""
    return Cell(told["keys"], told["measure"], told["value"], told["mark"])


def _with_second_purpose(folder: Path) -> Path:
    """The shipped protocol with a purpose more, agreed for the same figures."""
    text = SHIPPED.read_text("utf-8")
    begin = text.index('  - clause: "2.1"')
    end = text.index('  - clause: "2.2"')
    also = text[begin:end].replace('"2.1"', '"2.9"').replace(EVALUATION, SECOND)
    file = folder / "two-purposes.yaml"
    file.write_text(text[:end] + also + text[end:], "utf-8")
    return file
