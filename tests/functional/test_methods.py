"""Three protocols, three methods, one gateway: what each promises, seen by those who ask over HTTP."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from running_gateway import Running

from gateway.cli.output import released
from policies import load_protocol, shipped_protocols
from tests.functional.conftest import send_all

title = "The method that a protocol names is the one that is used"

pytestmark = pytest.mark.xdist_group("county")

NOISY, PUBLISHED, PRIVATE = "sf-evaluation", "published-table", "national-counts"
TABLES = 2
METHOD_OF = {
    NOISY: None,
    PUBLISHED: "method: suppression",
    PRIVATE: "method: differential_privacy, privacy_budget: "
    f"{{epsilon: 2, tables: {TABLES}, unit: family, per: vintage}}",
}
DISTRICTS = {"district": "district"}


def protocol(folder: Path, purpose: str) -> Path:
    """The shipped protocol with another purpose and method, and without rounding or stated lines."""
    text = shipped_protocols()[0].read_text("utf-8")
    if METHOD_OF[purpose]:
        lines = text.splitlines()
        kept = [line for line in lines if 'clause: "6.6"' not in line]
        text = "\n".join(
            f'  - {{clause: "6.5", {METHOD_OF[purpose]}}}' if 'clause: "6.5"' in line else line
            for line in kept
        )
        text = text.replace("rounding: {to: 5, method: nearest}, cost_rounding_gbp: 500", EXACT)
        text = text.replace("families-2026", purpose).replace(NOISY, purpose)
    file = folder / f"{purpose}.yaml"
    file.write_text(text, "utf-8")
    load_protocol(file)
    return file


EXACT = "rounding: {to: 1, method: nearest}, cost_rounding_gbp: 1"


def question(purpose: str, by: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "purpose": purpose,
        "cohort": "all-families",
        "unit": "family",
        "measures": ["families"],
        "by": DISTRICTS if by is None else by,
        **more,
    }


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory, extracts) -> Running:
    """A gateway with three protocols in force that has linked the county, and is stopped."""
    folder = tmp_path_factory.mktemp("methods")
    running = Running.fresh(
        folder / "home",
        GATEWAY_PROTOCOLS=json.dumps([str(protocol(folder, purpose)) for purpose in METHOD_OF]),
    )
    running.start()
    try:
        send_all(running, extracts)
        running.officer("evaluator").close()
        with running.officer("linkage_officer") as officer:
            officer.link()
    finally:
        running.stop()
    return running


def beginning_with(linked: Running, folder: Path) -> Iterator[Running]:
    """The same gateway again, of which nothing was asked yet."""
    shutil.copytree(linked.home, folder / "home")
    # Who gets a credential here has none at the other one.
    known = dict(linked._credentials)
    running = replace(linked, home=folder / "home", _process=None, _credentials=known)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def server(linked: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Where a table is published first."""
    yield from beginning_with(linked, tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def private(linked: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Where others are asked for first."""
    yield from beginning_with(linked, tmp_path_factory.mktemp("private"))


def ask(server: Running, body: dict[str, Any]) -> dict[str, Any]:
    with server.officer("evaluator") as evaluator:
        return dict(evaluator.ask(body).release)


def refused(server: Running, body: dict[str, Any]) -> dict[str, Any]:
    with server.officer("evaluator") as evaluator:
        return evaluator.problem("POST", "/v1/questions", json=body)


def values(release: dict[str, Any], measure: str = "families") -> dict[str, Any]:
    return {
        "/".join(cell["keys"].values()): cell["value"]
        for cell in release["table"]["cells"]
        if cell["measure"] == measure
    }


@pytest.fixture(scope="module")
def published(server: Running) -> dict[str, Any]:
    """The one published table, asked for before anything else."""
    measures = ["families", "cost", "cost_per_family"]
    return ask(server, question(PUBLISHED, {**DISTRICTS, "issues": "banded"}, measures=measures))


def test_a_published_table_is_exact_and_adds_up_where_it_is_shown(published):
    found = values(published)
    assert published["table"]["rules"]["method"] == "suppression"
    assert all(value is None or value >= 10 for value in found.values())
    assert any(value is not None and value % 5 for value in found.values())
    districts = {name.split("/")[0] for name in found} - {"all"}
    added = 0
    for district in districts:
        line = [
            v for k, v in found.items() if k.startswith(f"{district}/") and k != f"{district}/all"
        ]
        if None not in line and found[f"{district}/all"] is not None:
            assert sum(line) == found[f"{district}/all"]
            added += 1
    totals = [found[f"{district}/all"] for district in districts]
    if None not in totals:
        assert sum(totals) == found["all/all"]
        added += 1
    assert added
    assert any(value is None for value in found.values())


def test_a_place_is_hidden_in_every_measure_or_in_none(published):
    hidden = {
        measure: {k for k, v in values(published, measure).items() if v is None}
        for measure in ("families", "cost", "cost_per_family")
    }
    assert hidden["families"] == hidden["cost"] == hidden["cost_per_family"]


def test_the_release_says_in_words_how_it_was_made(published, capsys):
    said = published["table"]["rules"]["explained"]
    assert said.startswith("Suppression, for one published table")
    assert "fewer than 10 families" in said
    released(published)
    printed = " ".join(capsys.readouterr().out.split())
    assert said in printed


def test_beside_the_published_table_no_other_leaves(server, published):
    others = [question(PUBLISHED), question(NOISY), question(PRIVATE)]
    for body in others:
        problem = refused(server, body)
        assert problem["status"] == 409
        assert problem["type"] == "/problems/VintageTaken"
    with server.officer("evaluator") as evaluator:
        assert len(evaluator.call("GET", "/v1/releases")["items"]) == 1


def test_the_published_table_is_given_again_as_it_was(server, published):
    again = ask(server, dict(reversed(published["question"].items())))
    assert (again["number"], again["table"]) == (published["number"], published["table"])


def test_private_counts_have_every_category_and_one_draw_for_good(private):
    first = ask(private, question(PRIVATE))
    rules = first["table"]["rules"]
    assert (rules["method"], rules["epsilon"], rules["tables"]) == ("differential_privacy", 2, 2)
    assert "discrete Laplace noise of scale 1.41" in rules["explained"]
    # Whether somebody's district is unknown is not to be seen.
    assert "unknown" in values(first)
    private.restart()
    for again in (question(PRIVATE), dict(reversed(question(PRIVATE).items()))):
        given = ask(private, again)
        assert (given["number"], given["table"]) == (first["number"], first["table"])


@pytest.mark.parametrize("method", ["suppression", "differential_privacy"])
def test_an_officer_reviews_a_release_of_any_method(method, request):
    if method == "suppression":
        server = request.getfixturevalue("server")
        number = request.getfixturevalue("published")["number"]
    else:
        server = request.getfixturevalue("private")
        number = ask(server, question(PRIVATE))["number"]
    with server.officer("ig_officer") as officer:
        review = officer.call("GET", f"/v1/releases/{number}/review")
        table = officer.call("GET", f"/v1/releases/{number}.csv")
    assert method in json.dumps(review)
    assert table


def test_what_differential_privacy_cannot_give_is_refused_and_costs_nothing(private):
    problem = refused(private, question(PRIVATE, measures=["families", "cost"]))
    assert problem["status"] == 409
    assert "counts of families only" in problem["detail"]
    people = question(PRIVATE, unit="person", measures=["people"])
    assert "counts of families only" in refused(private, people)["detail"]


def test_when_the_budget_is_spent_every_new_table_is_refused(private):
    first = ask(private, question(PRIVATE))
    for by in ({"issues": "banded"},):
        ask(private, question(PRIVATE, by))
    for by in ({"known_to": "combination"}, {**DISTRICTS, "issues": "banded"}, {}):
        problem = refused(private, question(PRIVATE, by))
        assert problem["status"] == 409
        assert "budget of this vintage is spent" in problem["detail"]
    assert ask(private, question(PRIVATE))["number"] == first["number"]


def test_keyed_noise_is_used_where_the_protocol_names_it(private):
    rules = ask(private, question(NOISY))["table"]["rules"]
    assert rules["method"] == "keyed_noise"
    assert rules["explained"].startswith("Keyed noise: counts carry noise of standard deviation 2")


def test_where_other_tables_left_none_is_published(private):
    ask(private, question(NOISY))
    problem = refused(private, question(PUBLISHED))
    assert (problem["status"], problem["type"]) == (409, "/problems/VintageTaken")
