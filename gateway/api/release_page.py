"""The review of a release as a page: one file of HTML, no script, nothing fetched, fit for paper.

In: the document of `gateway.pipeline.release_review`. Out: HTML; every value is escaped by the template engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from gateway.disclosure.protected import SENTENCE

if TYPE_CHECKING:
    from jinja2 import Template

# What a word of a question is called in a sentence.
WORDS = {"issues": "number of issues", "known_to": "known to", "where": "agencies looked at"}

# What each margin of the ledger is about; one that is not here is shown under its own name.
MARGINS = {
    "cost": "one family's cost",
    "issues": "one family's number of issues",
    "few_families": "a withheld count of families",
    "few_people": "a withheld count of people",
    "few_cost": "a withheld cost",
}


def review_page(document: Mapping[str, Any]) -> str:
    """The page. `document` is fresh or read again from JSON."""
    rows = _rows(document["table"])
    return _template().render(review=document, rows=rows, withheld_because=SENTENCE)


def _rows(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Dimensions down, measures across: `{keys, cells}` in the order of the table."""
    names = [each["name"] for each in table["dimensions"]]
    rows: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for cell in table["cells"]:
        rows.setdefault(tuple(cell["keys"][name] for name in names), []).append(cell)
    return [{"keys": keys, "cells": cells} for keys, cells in rows.items()]


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("gateway.api", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": _figure, "words": _words, "value": _value, "moment": _moment}
    environment.filters["margin"] = lambda name: MARGINS.get(name, _words(name))
    return environment.get_template("release_page.html.j2")


def _figure(cell: Mapping[str, Any]) -> str:
    """The figure with its unit."""
    value, measure = cell["value"], cell["measure"]
    if measure.startswith("cost"):
        return f"£{value:,.0f}"
    return f"{value:.0%}" if measure.endswith("prevalence") else f"{value:,.0f}"


def _words(name: str) -> str:
    return WORDS.get(name, name.replace("_", " "))


def _value(value: object) -> str:
    """Part of a question, a rule or a margin as text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(str(name))}: {_value(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_value(each) for each in value)
    if isinstance(value, float):
        return f"{value:,.4g}"
    return "none" if value is None else _words(str(value))


def _moment(at: object) -> str:
    """An instant to the minute."""
    return str(at)[:16].replace("T", " ") + " UTC"
