"""Real records with real errors through the whole gateway: how many people does each of two agencies know?

The persons are of the past, the truth is known. The agencies, their protocol and their questions are declared in
tests/historical; the gateway's code knows nothing of them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from historical_extracts import DATASETS, SUFFIXES, Dealt, deal, labels  # noqa: E402
from running_gateway import Running, today  # noqa: E402

from policies import load_protocol  # noqa: E402
from policies.check import run_tests, survivors  # noqa: E402

title = "Figures about real people with real errors are within 5 % of the truth"

pytestmark = pytest.mark.xdist_group("historical")

PROJECT = Path(__file__).resolve().parents[2]
DECLARED = PROJECT / "tests" / "historical"
DATA = Path(os.environ.get("GATEWAY_TEST_DATA", PROJECT.parent / "shared" / "data"))
RECORDS = DATA / "historical_persons.parquet"
QUESTION = {
    "purpose": "collection-overlap",
    "cohort": "all-families",
    "unit": "person",
    "measures": ["people"],
    "by": {"known_to": "combination"},
}
HOME = "record_office"
WITHIN = 0.05
# Days like 1857-01-00, years like 0186, postcodes like HP4 QLP, an age in the column of the name.
SLIPS = {"wrong_date", "date_too_early", "postcode_form", "name_form", "unknown_code", "dummy_date"}


@dataclass(frozen=True)
class Told:
    """What the gateway said, beside what was dealt out."""

    dealt: Dealt
    reports: dict[str, dict[str, Any]]
    run: dict[str, Any]
    quality: dict[str, Any]
    table: dict[str, Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Both agencies send, a linkage officer links and measures, an evaluator asks."""
    if not RECORDS.exists():
        pytest.skip("historical_persons.parquet is not in GATEWAY_TEST_DATA")
    server = Running.fresh(
        tmp_path_factory.mktemp("historical") / "home",
        GATEWAY_CATALOGUE=json.dumps([str(DECLARED / "catalogue")]),
        GATEWAY_PROTOCOLS=json.dumps([str(DECLARED / "protocol.yaml")]),
        GATEWAY_QUESTIONS=str(DECLARED / "questions.yaml"),
    )
    server.start()
    try:
        yield _tell(server, deal(RECORDS))
    finally:
        server.stop()


def _tell(server: Running, dealt: Dealt) -> Told:
    reports = {}
    for agency, dataset in DATASETS.items():
        with server.officer("data_officer", agency) as officer:
            reports[agency] = officer.send_bytes(
                dealt.content[agency], SUFFIXES[agency], agency, dataset, attested_on=today()
            )
    truth = labels(dealt, {agency: each["submission"] for agency, each in reports.items()})
    with server.officer("linkage_officer", HOME) as officer:
        run = officer.link()
        quality = officer.call("POST", f"/v1/links/{run['run']}/quality", json=truth)
    with server.officer("evaluator", HOME) as officer:
        table = dict(officer.ask(QUESTION).table)
    return Told(dealt, reports, run, quality, table)


def test_the_split_leaves_many_people_to_one_agency_and_many_to_both(told):
    known_to = told.dealt.known_to()
    assert set(known_to) == {"record_office", "museum", "museum+record_office"}
    assert min(known_to.values()) > 500


def test_the_door_takes_nearly_all_rows_and_returns_slips_of_the_pen(told):
    for report in told.reports.values():
        assert report["rows_accepted"] > 0.92 * report["rows_read"]
        assert set(report["counts"]) <= SLIPS


def test_each_figure_is_within_five_percent_of_the_truth(told):
    truth = told.dealt.known_to()
    found = {cell["keys"]["known_to"]: cell["value"] for cell in told.table["cells"]}
    off = {names: found[names] / count - 1 for names, count in truth.items()}
    assert max(abs(share) for share in off.values()) < WITHIN, off


def test_the_run_says_how_many_records_name_nobody(told):
    counts = told.run["counts"]
    assert counts["records"] == sum(each["rows_accepted"] for each in told.reports.values())
    assert 0 < counts["records_unidentified"] < 0.1 * counts["records"]
    assert abs(counts["persons"] / sum(told.dealt.known_to().values()) - 1) < WITHIN


def test_pairs_of_records_are_found_as_well_as_their_errors_allow(told):
    """The benchmark of linkage sets the same figure beside plain-text linkage of the same records."""
    assert told.quality["persons"]["f1"] > 0.9
    assert told.quality["persons"]["precision"] > 0.95


def test_their_protocol_holds_what_its_own_tests_say():
    protocol = load_protocol(DECLARED / "protocol.yaml")
    assert run_tests(protocol) == ()
    assert survivors(protocol) == ()
