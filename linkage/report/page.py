"""The report of a linkage run as a page: one file of HTML, no script, nothing fetched, fit for paper.

In: the document of `linkage.report.document`. Out: HTML. Every value is escaped by the template engine; the charts
are SVG that is drawn here.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from linkage.report import charts
from linkage.report.document import in_words

if TYPE_CHECKING:
    from jinja2 import Template

FEW = "fewer than 10"
# With more groups the table is easier to read than a chart.
MOST_DRAWN = 20


def report_page(document: Mapping[str, Any]) -> str:
    """The page. `document` is what `report_document` made, fresh or read again from JSON."""
    return _template().render(report=document, charts=_charts(document))


def _charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Name -> SVG. The page marks these as safe and nothing else: charts escape their own words."""
    groups = {
        kind: charts.intervals(rows, "group", f"by-{kind}", f"Quality by {in_words(kind)}")
        for kind, rows in document["groups"].items()
        if _any_shown(rows) and len(rows) <= MOST_DRAWN
    }
    return {**{name: draw() for name, draw in _drawings(document).items()}, "groups": groups}


def _drawings(document: Mapping[str, Any]) -> dict[str, Callable[[], str]]:
    pairs = [{**row, "name": _pair(row["agencies"])} for row in document["agency_pairs"]]
    drawings: dict[str, Callable[[], str]] = {
        "sizes": lambda: charts.cluster_sizes(document["cluster_sizes"]),
    }
    if any(row["pairs"] for row in document["match_weights"]):
        drawings["weights"] = lambda: charts.match_weights(
            document["match_weights"], document["link_at"]
        )
    if any(row["precision"] is not None for row in document["trade_off"]):
        drawings["trade_off"] = lambda: charts.trade_off(document["trade_off"])
    if any(row["known_elsewhere"] is not None for row in document["coverage"]):
        drawings["coverage"] = lambda: charts.coverage(document["coverage"])
    if _any_shown(pairs):
        drawings["pairs"] = lambda: charts.intervals(pairs, "name", "by-pair", "By agency pair")
    if document["model"]["levels"]:
        drawings["model"] = lambda: charts.model(document["model"]["levels"])
    return drawings


def _any_shown(rows: Any) -> bool:
    return any(not row["withheld"] for row in rows)


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("linkage.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": _count,
        "rate": _rate,
        "between": _between,
        "words": in_words,
        "pair": _pair,
        "size": charts.size_in_words,
        "share": lambda value: "–" if value is None else f"{value:.0%}",
        "chance": lambda value: f"{value:.4g}",
        "small": lambda value: f"{value:.2g}",
    }
    return environment.get_template("page.html.j2")


def _count(value: float | None) -> str:
    return FEW if value is None else f"{value:,.0f}"


def _rate(value: float | None) -> str:
    """A share as a percentage that never rounds up to all."""
    if value is None:
        return "–"
    return "100%" if value == 1 else f"{min(99.99, 100 * value):.2f}%"


def _between(told: Mapping[str, float] | None) -> str:
    return "–" if told is None else f"{_rate(told['low'])} to {_rate(told['high'])}"


def _pair(agencies: Any) -> str:
    one, other = agencies
    return f"{in_words(one)} – {in_words(other)}" if one != other else f"within {in_words(one)}"
