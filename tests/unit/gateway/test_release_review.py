"""The review of a release: which others it has to be read with, in plain words, on a page that needs nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from gateway.api.release_page import review_page
from gateway.disclosure import Cell, ProtectedTable, Rules
from gateway.disclosure.protected import SENTENCE
from gateway.pipeline.relatives import MOST_SHOWN, nearest_relatives, overlapping_cells
from gateway.pipeline.release_review import release_review
from gateway.questions import Question, load_catalogue, shipped_catalogue
from gateway.store.releases import Release

CATALOGUE = shipped_catalogue()
PERIOD = {"from": "2024-04", "to": "2026-03"}
YEAR = {"from": "2024-04", "to": "2025-03"}
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def question(by: dict[str, str] | None = None, **changed: Any) -> Question:
    body = {
        "purpose": "sf-evaluation",
        "cohort": "complex-needs",
        "unit": "family",
        "measures": ["families"],
        "by": {"district": "district"} if by is None else by,
        "period": PERIOD,
    }
    return Question.from_mapping({name: v for name, v in (body | changed).items() if v is not None})


def release(number: int, asked: Question, **changed: Any) -> Release:
    values: dict[str, Any] = {
        "number": number,
        "question": asked.canonical(),
        "table": {},
        "clauses": ("6.1",),
        "purpose": asked.purpose,
        "run": 1,
        "vintage": "vintage-1",
        "protocol_digest": "ab" * 32,
        "audit_index": number,
        "access": "access-1",
        "released_at": AT,
    }
    return Release(**values | changed)


def cells(asked: Question) -> list[dict[str, str]]:
    """The keys of one measure's cells."""
    found: list[dict[str, str]] = [{}]
    for name in asked.by:
        each = asked.categories(name, CATALOGUE)
        found = [{**keys, name: category} for keys in found for category in each]
    return found


# Asked, a release beside it, and how many of the cells asked look at a time and an agency that it looks at too.
OVERLAPS = [
    (question(), question(), 8),
    (question(), question({}), 8),
    (question(), question(period=YEAR), 8),
    (question(), question(cohort="all-families"), 8),
    (question(period=YEAR), question(period={"from": "2025-04", "to": "2026-03"}), 0),
    (question({"period": "quarter"}), question({}, period=YEAR), 4),
    (question({"period": "year"}), question({"period": "quarter"}, period=YEAR), 1),
    (question({"period": "quarter"}), question({}, period=None), 8),
    (question({"agency": "agency"}), question({}, where={"agency": ["police", "health"]}), 2),
    (question({"agency": "agency"}), question({"issue": "issue"}), 6),
    (
        question({}, where={"agency": ["police"]}),
        question({}, where={"agency": ["health"]}),
        0,
    ),
    (
        question({"agency": "agency", "period": "year"}),
        question({}, period=YEAR, where={"agency": ["police"]}),
        1,
    ),
]


@pytest.mark.parametrize(("asked", "other", "expected"), OVERLAPS)
def test_a_cell_overlaps_where_time_and_agency_do(
    asked: Question, other: Question, expected: int
) -> None:
    assert overlapping_cells(asked, cells(asked), other, CATALOGUE) == expected


def test_the_nearest_relative_is_the_one_that_differs_in_least() -> None:
    asked = question()
    others = [
        release(1, question({"period": "year"}, cohort="at-risk")),
        release(2, question({"district": "district", "agency": "agency"})),
        release(3, question(measures=["cost"], cohort="all-families")),
        release(4, asked),
        release(5, question({"issues": "banded"}, cohort="at-risk")),
    ]
    told = nearest_relatives(asked, cells(asked), others, CATALOGUE)
    assert [(each["number"], each["differs"], each["shares"]) for each in told] == [
        (4, [], ["district"]),
        (2, ["agency"], ["district"]),
        (3, ["cohort", "measures"], ["district"]),
    ]


def test_a_question_released_again_is_one_relative() -> None:
    asked = question()
    others = [release(number, question({})) for number in range(1, 40)]
    (told,) = nearest_relatives(asked, cells(asked), others, CATALOGUE)
    assert (told["number"], told["times"]) == (39, 39)


def test_no_more_than_ten_are_told() -> None:
    years = [{"from": f"20{y}-04", "to": f"20{y + 1}-03"} for y in range(10, 26)]
    others = [release(i, question(period=period)) for i, period in enumerate(years, 1)]
    asked = question(period={"from": "2010-04", "to": "2026-03"})
    assert len(nearest_relatives(asked, cells(asked), others, CATALOGUE)) == MOST_SHOWN


def test_a_release_whose_question_is_no_longer_offered_is_passed_over() -> None:
    old = release(1, question(), question={**question().canonical(), "cohort": "of-last-year"})
    assert nearest_relatives(question(), cells(question()), [old], CATALOGUE) == []


TABLE = ProtectedTable(
    dimensions=(("district", "district"),),
    measures=("families", "cost"),
    cells=(
        Cell({"district": "north_west"}, "families", 25, None, "low"),
        Cell({"district": "melton"}, "families", None, "[c]"),
        Cell({"district": "north_west"}, "cost", 349_500, None, "medium"),
        Cell({"district": "melton"}, "cost", None, "[low]", "low"),
    ),
    rules=Rules().to_dict(),
)


class Shelf:
    """Releases held in memory: what `release_review` reads of a store."""

    def __init__(self, *held: Release) -> None:
        self.held = held

    def get(self, access: object, number: int) -> Release:
        return next(each for each in self.held if each.number == number)

    def of_vintage(self, access: object, vintage: str) -> tuple[Release, ...]:
        return tuple(each for each in self.held if each.vintage == vintage)


def reviewed(*beside: Release, **changed: Any) -> dict[str, Any]:
    from types import SimpleNamespace

    held = release(9, question(measures=["families", "cost"]), table=TABLE.to_dict(), **changed)
    wiring = SimpleNamespace(
        store=SimpleNamespace(releases=Shelf(held, *beside)), catalogue=CATALOGUE
    )
    return release_review(None, 9, wiring)  # type: ignore[arg-type]


def test_the_review_counts_what_is_withheld_and_how_rough_the_rest_is() -> None:
    families, cost = reviewed()["measures"]
    assert (families["cells"], families["withheld"]) == (2, 1)
    assert families["quality"] == {"high": 0, "medium": 0, "low": 1}
    assert cost["quality"] == {"high": 0, "medium": 1, "low": 1}
    assert families["error"] == "about 2.4 either way, by noise and rounding"


def test_a_release_made_before_figures_had_a_quality_is_reviewed_all_the_same() -> None:
    body = TABLE.to_dict()
    for cell in body["cells"]:
        del cell["quality"]
    held = release(9, question(), table=body)
    told = nearest_relatives(question(), cells(question()), [held], CATALOGUE)
    assert told[0]["number"] == 9
    page = review_page({**reviewed(), "table": ProtectedTable.from_dict(body).to_dict()})
    assert "349,500" in page


def test_the_margins_of_the_ledger_are_shown_where_it_noted_them() -> None:
    assert reviewed()["audit"] is None
    assert "The ledger noted none" in review_page(reviewed())
    margins = {"least_ratio": 0.84317, "widest_gap": 12}
    page = review_page(reviewed(audit=margins))
    assert reviewed(audit=margins)["audit"] == margins
    assert "least ratio" in page
    assert "0.8432" in page


class Read(HTMLParser):
    """What the page holds: tags with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


def test_the_page_needs_nothing_and_its_tables_can_be_read_aloud() -> None:
    page = review_page(reviewed(release(3, question({})), coarser=question({}).canonical()))
    read = Read(page)
    names = [tag for tag, _ in read.tags]
    assert "script" not in names
    assert not [a for _, attrs in read.tags for a in attrs if a in ("src", "onload", "onclick")]
    assert all(str(attrs["href"]).startswith("#") for tag, attrs in read.tags if tag == "a")
    assert "url(" not in page
    assert "@import" not in page
    assert names.count("table") == names.count("caption") >= 5
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in read.tags if tag == "th")
    assert ("html", {"lang": "en-GB"}) in read.tags
    assert SENTENCE in read.said
    assert "offered a coarser question" in read.said


def test_whatever_stands_in_a_release_is_text_on_the_page() -> None:
    page = review_page(reviewed(purpose="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_other_agencies_than_the_shipped_ones_are_no_obstacle() -> None:
    catalogue = load_catalogue(agencies=["clinic", "museum"])
    asked = Question.from_mapping(question({"agency": "agency"}).canonical(), catalogue)
    keys = [{"agency": name} for name in ("clinic", "museum")]
    assert overlapping_cells(asked, keys, asked, catalogue) == 2
