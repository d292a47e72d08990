"""A county's data is sent again, without one family: questions asked before and after the refresh, over HTTP, a quarter apart.

The gateway stands in this process, because its clock has to move on by a quarter.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agencies.county import County, CountyConfig, ExtractFile, make_county
from gateway.app.factory import create_app
from gateway.bootstrap import Gateway, make_home, open_gateway
from gateway.cli.demo.questions import PURPOSE
from gateway.client import Gateway as Client
from gateway.config import Settings
from gateway.disclosure import Rules, protect_table
from gateway.evaluation import exact_table
from gateway.pipeline.ingest import Extract, ingest, submit_request
from gateway.pipeline.link import NOISE
from gateway.questions import Question
from policies import Actor, Request

with warnings.catch_warnings():
    # Starlette asks for a client that nobody else here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

title = "A refresh of the data reveals no family"

pytestmark = pytest.mark.xdist_group("refresh")

AUTUMN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
WINTER = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
SPRING = datetime(2027, 4, 5, 9, 0, tzinfo=UTC)
TRAINING = ("five_safes", "isp_briefing")
WHOLE = {"purpose": PURPOSE, "cohort": "all-families", "unit": "family"}
QUESTIONS: tuple[dict[str, Any], ...] = (
    {**WHOLE, "measures": ["families"], "by": {"district": "district"}},
    {**WHOLE, "measures": ["families"], "by": {"issues": "banded"}},
    {
        **WHOLE,
        "measures": ["cost", "cost_per_family"],
        "by": {"agency": "agency"},
        "period": {"from": "2024-07", "to": "2026-03"},
    },
)
MEDIA = {".csv": "text/csv", ".parquet": "application/vnd.apache.parquet"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Place = tuple[str, str]


@dataclass
class Home:
    """A gateway whose clock the test sets, and what is stored in it."""

    gateway: Gateway
    now: list[datetime]
    stored: dict[Place, str] = field(default_factory=dict)

    def client(self, role: str, agency: str) -> Client:
        """Somebody with a fresh credential, speaking to the application in this process."""
        today = self.now[0].date()
        admin = Actor("staff-admin", "administrator", "gateway")
        asked = Request(actor=admin, action="manage_users", day=today)
        with self.gateway.door.open(asked) as access:
            made = self.gateway.wiring.store.credentials.make(
                access, role=role, agency=agency, training=dict.fromkeys(TRAINING, today)
            )
        client, web = (
            Client("http://testserver", made.presented),
            TestClient(create_app(self.gateway)),
        )
        web.headers.update(client._http.headers)
        client._http = web
        return client

    def send(self, file: ExtractFile, content: bytes | None = None) -> None:
        """One extract; the one that is stored of the dataset is withdrawn before, over HTTP."""
        place, wiring = (file.agency, file.dataset), self.gateway.wiring
        if place in self.stored:
            officer = self.client("data_officer", file.agency)
            officer.call("DELETE", f"/v1/submissions/{self.stored.pop(place)}")
        declared, today = wiring.register.dataset(*place), self.now[0].date()
        actor = Actor(f"staff-{file.agency}", "data_officer", file.agency, training={})
        extract = Extract(
            declared, content or file.content, MEDIA.get(Path(file.filename).suffix, XLSX)
        )
        with wiring.door.open(submit_request(actor, declared, today, today)) as access:
            report = ingest(access, extract, wiring, lambda step, share: None)
        self.stored[place] = str(report["submission"])

    def link(self) -> dict[str, Any]:
        """A linkage run, over HTTP."""
        return self.client("linkage_officer", "council").link()

    def ask(self) -> list[dict[str, Any]]:
        """The releases of all questions, over HTTP."""
        evaluator = self.client("evaluator", "council")
        return [evaluator.ask(question).release for question in QUESTIONS]

    def multipliers(self) -> pl.DataFrame:
        """What the last vintage was multiplied with."""
        with self.opening("linkage_officer", "link") as access:
            kept = self.gateway.wiring.store.carried.multipliers(access)
        assert kept is not None
        return kept

    def protected_alone(self, vintage: str) -> list[dict[str, Any]]:
        """What disclosure control would make of each question on a vintage that it sees for the first time."""
        wiring, tables = self.gateway.wiring, []
        question = Request(
            actor=Actor("staff-e", "evaluator", "council", training=dict.fromkeys(TRAINING, 1)),
            action="query",
            day=self.now[0].date(),
            purpose=PURPOSE,
            cohort="all-families",
            unit="family",
            measures=("families",),
            dimensions={"district": "district"},
        )
        with wiring.door.open(question) as access:
            opened = wiring.store.vintages.open(access, vintage)
        for body in QUESTIONS:
            exact = exact_table(opened, Question.from_mapping(body, wiring.catalogue))
            key = wiring.keys.disclosure_key(NOISE)
            tables.append(protect_table(exact, Rules(), key).to_dict())
        return tables

    def opening(self, role: str, action: str) -> Any:
        """The door, for looking at what is stored."""
        actor = Actor("staff-looking", role, "council")
        return self.gateway.door.open(self.gateway.wiring.operation(actor, action))


@dataclass
class Story:
    """What was answered, in order."""

    home: Home
    runs: dict[str, dict[str, Any]]
    releases: dict[str, list[dict[str, Any]]]
    multipliers: dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def county() -> County:
    """Smaller than the other tests' county, since it is linked five times."""
    return make_county(CountyConfig(families=160, seed=7))


@pytest.fixture(scope="module")
def extracts(county: County) -> dict[Place, ExtractFile]:
    return {(file.agency, file.dataset): file for file in county.extracts()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    now = [AUTUMN]
    settings = Settings(home=tmp_path_factory.mktemp("refresh") / "home", workers=1)
    make_home(settings, None, lambda: now[0])
    opened = open_gateway(settings, clock=lambda: now[0])
    yield Home(opened, now)
    opened.close()


@pytest.fixture(scope="module")
def story(home: Home, county: County, extracts: dict[Place, ExtractFile]) -> Story:
    """Sent, linked twice, asked; sent again without one family, linked, asked; and so on in the next two quarters."""
    told = Story(home, {}, {}, {})
    for file in extracts.values():
        home.send(file)
    told.runs["first"] = home.link()
    told.runs["again"] = home.link()
    told.multipliers["again"] = home.multipliers()
    told.releases["autumn"] = home.ask()

    for place, file in without(one_family(county), county, extracts):
        home.send(extracts[place], file)
    told.runs["same_quarter"] = home.link()
    told.releases["same_quarter"] = home.ask()

    home.now[0] = WINTER
    told.runs["winter"] = home.link()
    told.multipliers["winter"] = home.multipliers()
    told.releases["winter"] = home.ask()

    home.now[0] = SPRING
    many = county.truth_rows["family"].drop_nulls().unique().sort()[::3]
    for place, file in without({*many, *one_family(county)}, county, extracts):
        home.send(extracts[place], file)
    told.runs["spring"] = home.link()
    told.releases["spring"] = home.ask()
    return told


def one_family(county: County) -> set[int]:
    """The costliest family that the police know, and nobody whose file is no CSV."""
    known = county.truth_rows.group_by("family").agg(pl.col("agency").unique())
    listed = pl.col("agency").list
    others = listed.contains("housing") | listed.contains("health") | listed.contains("dwp")
    found = known.filter(listed.contains("police") & ~others).join(county.families, on="family")
    return {int(found.sort("yearly_pence", "family", descending=True)["family"][0])}


def without(
    families: set[int], county: County, extracts: dict[Place, ExtractFile]
) -> Iterator[tuple[Place, bytes]]:
    """Every CSV extract without the rows of these families."""
    for place, file in extracts.items():
        if not file.filename.endswith(".csv"):
            continue
        of_file = (pl.col("agency") == place[0]) & (pl.col("dataset") == place[1])
        gone = county.truth_rows.filter(of_file & pl.col("family").is_in(families))["row"].to_list()
        head, *rows = csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline=""))
        left = [row for number, row in enumerate(rows, start=1) if number not in set(gone)]
        written = io.StringIO(newline="")
        csv.writer(written).writerows([head, *left])
        yield place, written.getvalue().encode()


def figures(releases: list[dict[str, Any]]) -> list[list[Any]]:
    return [[(c["value"], c["mark"]) for c in each["table"]["cells"]] for each in releases]


def by_agency(release: dict[str, Any]) -> dict[str, Any]:
    cells = release["table"]["cells"]
    return {c["keys"]["agency"]: c["value"] for c in cells if c["measure"] == "cost"}


def test_before_the_first_release_a_run_replaces_the_vintage_freely(story: Story) -> None:
    first, again = story.runs["first"], story.runs["again"]
    assert first["vintage_opened"]
    assert again["vintage_opened"]
    assert first["vintage"] != again["vintage"]


def test_after_a_release_a_run_of_the_same_quarter_leaves_the_vintage_in_force(
    story: Story,
) -> None:
    run = story.runs["same_quarter"]
    assert run["run"] > story.runs["again"]["run"]
    assert not run["vintage_opened"]
    assert run["vintage"] == story.runs["again"]["vintage"]
    assert run["next_vintage_from"] == "2027-01-01"
    assert {each["vintage"] for each in story.releases["same_quarter"]} == {run["vintage"]}
    assert figures(story.releases["same_quarter"]) == figures(story.releases["autumn"])


def test_the_first_run_of_the_next_quarter_opens_a_vintage_without_the_family(
    story: Story,
) -> None:
    run, before = story.runs["winter"], story.runs["again"]
    assert run["vintage_opened"]
    assert run["vintage"] != before["vintage"]
    assert run["counts"]["records"] < before["counts"]["records"]
    assert {each["vintage"] for each in story.releases["winter"]} == {run["vintage"]}


def test_the_figures_of_the_next_quarter_are_those_told_before(story: Story) -> None:
    """One family has left: no cell lost ten, so that every earlier figure stands."""
    assert figures(story.releases["winter"]) == figures(story.releases["autumn"])


def test_without_the_rule_the_refresh_would_have_shown_in_the_figures(story: Story) -> None:
    """Else the test above would hold for a gateway that does nothing."""
    vintages = [story.runs[name]["vintage"] for name in ("again", "winter")]
    before, after = (story.home.protected_alone(each) for each in vintages)
    assert [t["cells"] for t in before] != [t["cells"] for t in after]


def test_where_many_families_changed_the_figures_are_new(story: Story) -> None:
    """A third of the families lost their contacts with four agencies; nobody changed at the other two."""
    assert story.runs["spring"]["vintage_opened"]
    spring, winter = (by_agency(story.releases[name][2]) for name in ("spring", "winter"))
    assert spring["police"] < winter["police"]
    assert spring["housing"] == winter["housing"]


def test_a_release_does_not_say_which_of_its_figures_stand(story: Story) -> None:
    for first, later in zip(story.releases["autumn"], story.releases["winter"], strict=True):
        assert first["table"].keys() == later["table"].keys()
        for one, two in zip(first["table"]["cells"], later["table"]["cells"], strict=True):
            assert one.keys() == two.keys()


def test_a_family_keeps_its_multipliers_though_every_file_was_sent_again(story: Story) -> None:
    before, after = story.multipliers["again"], story.multipliers["winter"]
    both = before.join(after, on=["family", "agency"], suffix="_after")
    assert both.height > 0.99 * before.height
    assert both["multiplier"].equals(both["multiplier_after"], check_names=False)
