"""The report of a run: a document of a stable form, and a page that is valid, escaped, and needs nothing else."""

import copy
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from linkage.report import report_document, report_page
from linkage.report.document import rule_in_words

SHARE = {"rate": 0.9812, "low": 0.97, "high": 0.99}
QUALITY = {"withheld": False, "links": 120, "precision": SHARE, "recall": SHARE}
WITHHELD = {"withheld": True, "links": None, "precision": None, "recall": None}
VOID = {"meta", "link", "br", "hr", "img", "input", "path", "rect", "line", "circle"}
EVIL = '<script>alert("x")</script>&'


def document(**changes):
    given = {
        "run": {"number": 3, "ended_at": "2026-11-22T09:00:00+00:00", "records": 1200, "persons": 300, "families": None},
        "parameters": {
            "link_at": 0.95,
            "seed": 7,
            "mode": "full",
            "family": {"name": "household-and-kin@1"},
            "model": {
                "prior": 0.0002,
                "levels": {"surname": {"exact": {"m": 0.9, "u": 0.001}, "else": {"m": 0.1, "u": 0.999}}},
            },
            "bounded_levels": ["u of surname: exact"],
            "blocking": ["l.date_of_birth_exact = r.date_of_birth_exact AND l.surname_nysiis = r.surname_nysiis AND l.list_no <> r.list_no"],
            "blocking_left_out": ["l.postcode_exact = r.postcode_exact AND l.list_no <> r.list_no"],
            "versions": {"splink": "5.0.0"},
        },
        "figures": {
            "expected": {"precision": SHARE, "recall": SHARE},
            "match_weights": [
                {"from": -10, "to": -9, "pairs": 5000, "expected_matches": None},
                {"from": 4, "to": 5, "pairs": 40, "expected_matches": 40},
            ],
            "trade_off": [
                {"threshold": 0.5, "links": 130, "precision": 0.97, "recall": 0.99, "is_used": False},
                {"threshold": 0.95, "links": 120, "precision": 0.99, "recall": 0.98, "is_used": True},
            ],
            "cluster_sizes": [{"least": 1, "most": 1, "persons": 200}, {"least": 25, "most": None, "persons": None}],
            "coverage": [
                {"agency": "health", "persons": 200, "known_elsewhere": 0.5},
                {"agency": "dwp", "persons": None, "known_elsewhere": None},
            ],
            "agency_pairs": [
                {"agencies": ["health", "police"], **QUALITY},
                {"agencies": ["dwp", "health"], **WITHHELD},
            ],
        },
        "groups": {
            "age_band": [
                {"group": "0-4", "persons": 40, "lower": ["recall"], **QUALITY},
                {"group": "5-10", "persons": None, "lower": [], **WITHHELD},
            ]
        },
        "review": {
            "judged": 20, "unsure": 1, "sampled": 150, "covered": 0.99, "precision": SHARE, "recall": None,
            "trade_off": [{"threshold": 0.5, "precision": SHARE, "recall": SHARE}],
        },
    }  # fmt: skip
    return report_document(**{**copy.deepcopy(given), **changes})


@pytest.fixture(scope="module")
def page():
    return report_page(document())


class Tags(HTMLParser):
    """Open and close every element in order; keep names, ids and texts."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.ids, self.texts, self.faults = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def parsed(page):
    tags = Tags()
    tags.feed(page)
    tags.close()
    return tags


def test_the_form_of_the_document_is_stable():
    """Whoever reads the JSON by a program rests on these names; a change of them is a new schema."""
    told = document()
    assert told["schema"] == "linkage-report/1"
    assert shape(told) == {
        "schema": "str", "link_at": "float", "chosen_by_model": "bool", "mode": "str", "seed": "int", "family_rule": "str",
        "run": {"number": "int", "ended_at": "str", "records": "int", "persons": "int", "families": "NoneType"},
        "expected": {"precision": RATE, "recall": RATE},
        "review": {
            "judged": "int", "unsure": "int", "sampled": "int", "covered": "float", "precision": RATE,
            "recall": "NoneType",
            "trade_off": [{"threshold": "float", "precision": RATE, "recall": RATE}],
        },
        "match_weights": [{"from": "int", "to": "int", "pairs": "int", "expected_matches": "NoneType"}],
        "trade_off": [
            {"threshold": "float", "links": "int", "precision": "float", "recall": "float", "is_used": "bool"}
        ],
        "cluster_sizes": [{"least": "int", "most": "int", "persons": "int"}],
        "coverage": [{"agency": "str", "persons": "int", "known_elsewhere": "float"}],
        "agency_pairs": [
            {"agencies": ["str"], "withheld": "bool", "links": "int", "precision": RATE, "recall": RATE}
        ],
        "groups": {
            "age_band": [
                {
                    "group": "str", "persons": "int", "lower": ["str"], "withheld": "bool", "links": "int",
                    "precision": RATE, "recall": RATE,
                }
            ]
        },
        "model": {
            "prior": "float",
            "levels": [
                {"field": "str", "level": "str", "m": "float", "u": "float", "weight": "float", "bounded": ["str"]}
            ],
        },
        "blocking": {"used": ["str"], "left_out": ["str"]},
        "versions": {"splink": "str"},
    }  # fmt: skip


RATE = {"rate": "float", "low": "float", "high": "float"}


def shape(value):
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_the_document_is_plain_json_and_the_page_can_be_made_from_it_again(page):
    assert report_page(json.loads(json.dumps(document()))) == page


def test_every_element_of_the_page_is_closed_and_no_id_stands_twice(page):
    tags = parsed(page)
    assert tags.faults == []
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids)) > 10
    assert page.startswith("<!DOCTYPE html>")


def test_the_page_runs_nothing_and_fetches_nothing(page):
    names = [name for name, _ in parsed(page).seen]
    assert not {"script", "iframe", "object", "embed", "link", "img", "form"} & set(names)
    attributes = {name for _, given in parsed(page).seen for name in given}
    assert not [name for name in attributes if name.startswith("on")]
    addresses = re.findall(r"(?:href|src)=\"([^\"]*)\"", page)
    assert addresses
    assert all(each.startswith("#") for each in addresses)
    assert set(re.findall(r"https?://[^\s\"'<)]+", page)) == {"http://www.w3.org/2000/svg"} | set(
        re.findall(r"http://www\.w3\.org/1999/xlink", page)
    )


def test_every_link_leads_to_a_place_on_the_page(page):
    tags = parsed(page)
    wanted = {given["href"][1:] for _, given in tags.seen if given.get("href")}
    assert wanted <= set(tags.ids)


def test_every_chart_is_an_svg_with_a_name_a_description_and_a_table_near_it(page):
    drawings = re.findall(r"<svg.*?</svg>", page, flags=re.S)
    assert len(drawings) == 7
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        title, says = root[0], root[1]
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{title.get('id')} {says.get('id')}"
        assert len(says.text) > 40
    assert page.count("<table") >= len(drawings)
    assert page.count("<caption") == page.count("<table")


def test_headings_go_down_one_step_at_a_time(page):
    levels = [int(name[1]) for name, _ in parsed(page).seen if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_what_is_told_in_words_is_escaped_everywhere():
    evil = document()
    evil["groups"] = {EVIL: [{**evil["groups"]["age_band"][0], "group": EVIL}]}
    evil["agency_pairs"][0]["agencies"] = [EVIL, "police"]
    evil["coverage"][0]["agency"] = EVIL
    evil["blocking"]["used"] = [EVIL]
    evil["versions"] = {EVIL: EVIL}
    evil["model"]["levels"][0]["level"] = EVIL
    evil["run"]["ended_at"] = EVIL
    made = report_page(evil)
    assert "<script" not in made.lower()
    assert parsed(made).faults == []
    assert "alert(" in "".join(parsed(made).texts)


def test_few_are_told_as_fewer_than_ten_and_withheld_groups_as_withheld(page):
    said = "".join(parsed(page).texts)
    assert "fewer than 10" in said
    assert said.count("withheld: too few to tell") == 2
    assert "lower recall than all" in said


def test_nearly_all_is_never_told_as_all():
    nearly = {"rate": 0.99999, "low": 0.999, "high": 1.0}
    figures = document()
    figures["expected"] = {"precision": nearly, "recall": nearly}
    told = re.findall(r"<d[dt][^>]*>([\d.]+%)", report_page(figures))
    assert "99.99%" in told
    assert "100%" not in told


def test_a_run_in_which_nothing_was_compared_has_a_page_too():
    empty = document(
        parameters={
            "link_at": 0.95,
            "seed": 1,
            "family": {"name": "household-and-kin@1"},
            "model": None,
        },
        figures={
            "expected": {"precision": SHARE, "recall": SHARE},
            **dict.fromkeys(("match_weights", "trade_off", "agency_pairs", "coverage"), []),
            "cluster_sizes": [{"least": 1, "most": 1, "persons": None}],
        },
        groups=None,
        review=None,
    )
    tags = parsed(report_page(empty))
    assert tags.faults == tags.open == []
    assert "Nobody has given a verdict" in "".join(tags.texts)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("l.nhs_number_exact = r.nhs_number_exact AND l.list_no <> r.list_no", "same NHS number"),
        (
            "l.postcode_outward = r.postcode_outward AND l.surname_nysiis = r.surname_nysiis AND l.list_no <> r.list_no",
            "same first half of the postcode and surname by sound (NYSIIS)",
        ),
        ("l.other_birth_place_exact = r.other_birth_place_exact", "same birth place"),
    ],
)
def test_a_blocking_rule_is_told_in_words(rule, words):
    assert rule_in_words(rule) == words
