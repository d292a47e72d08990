"""Charts of a linkage report: rows of the document in, SVG out, drawn here and not in the reader's browser.

Every chart says in words what it shows (title and description), and its rows stand in a table beside it. Needs no
network and leaves no script in the page.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from math import log2
from typing import TYPE_CHECKING, Any, Final

from linkage.report.document import in_words

if TYPE_CHECKING:
    import altair as alt

Rows = Sequence[Mapping[str, Any]]
BLUE, ORANGE, GREY, PALE = "#1d70b8", "#c2410c", "#505a5f", "#b7c9d9"
INK: Final = "#0b0c0c"
WIDTH: Final = 760
_HILLS: Final = {"pairs": "all pairs compared", "expected_matches": "of these expected to match"}
_USED: Final[dict[str, Any]] = {"strokeDash": [5, 3], "strokeWidth": 2, "color": INK}
# The log scale of counts begins below the least count that is told.
_FLOOR: Final = 7


def match_weights(rows: Rows, link_at: float) -> str:
    """Pairs by match weight on a log scale, those expected to match in front, and the threshold."""
    import altair as alt

    at = alt.InlineData(
        values=[{"from": log2(link_at / (1 - link_at)), "says": "linked from here →"}]
    )
    line = alt.Chart(at).mark_rule(**_USED).encode(x="from:Q")
    word = (
        alt.Chart(at)
        .mark_text(align="left", dx=5, dy=8, fontSize=12)
        .encode(x="from:Q", y=alt.value(0), text="says:N")
    )
    return _svg(
        alt.layer(*(_hill(rows, name) for name in _HILLS), line, word),
        "weights",
        "Match weights",
        "A histogram of all pairs compared, by match weight, with the pairs expected to match in front. "
        "Two hills that stand apart mean that few pairs are in doubt.",
    )


def _hill(rows: Rows, name: str) -> "alt.Chart":
    import altair as alt

    told = [{**row, "kind": _HILLS[name]} for row in rows if row[name] is not None]
    colours = alt.Scale(domain=list(_HILLS.values()), range=[PALE, BLUE])
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=told))
        .mark_bar(binSpacing=0)
        .encode(
            x=alt.X(
                "from:Q",
                scale=alt.Scale(nice=False),
                title="Match weight in bits (evidence for one person →)",
            ),
            x2="to:Q",
            y=alt.Y(
                f"{name}:Q",
                scale=alt.Scale(type="log", domainMin=_FLOOR, nice=False),
                title="Pairs (log scale)",
            ),
            y2=alt.datum(_FLOOR),
            color=alt.Color("kind:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
        )
    )
    return chart


def trade_off(rows: Rows) -> str:
    """Expected precision and recall at each threshold."""
    import altair as alt

    told = [row for row in rows if row["precision"] is not None and row["recall"] is not None]
    base = _lines(told)
    lines = base.mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=50, filled=True)).encode(
        strokeDash=alt.StrokeDash("kind:N", legend=None)
    )
    last = f"{told[-1]['threshold']:.4g}" if told else ""
    words = base.transform_filter(f"datum.threshold == '{last}'").mark_text(
        align="left", dx=10, fontSize=13
    )
    used = alt.InlineData(
        values=[{"threshold": f"{row['threshold']:.4g}"} for row in told if row["is_used"]]
    )
    rule = alt.Chart(used).mark_rule(**_USED).encode(x=alt.X("threshold:O", sort=None))
    return _svg(
        alt.layer(lines, words.encode(text="kind:N"), rule),
        "tradeoff",
        "What another threshold would do",
        "Two lines over the thresholds: expected precision, which rises, and expected recall, which falls. "
        "A dashed upright line marks the threshold that was used.",
    )


def _lines(told: Rows) -> "alt.Chart":
    import altair as alt

    values = [
        {"threshold": f"{row['threshold']:.4g}", "rate": row[name], "kind": name}
        for row in told
        for name in ("precision", "recall")
    ]
    least = min((float(str(value["rate"])) for value in values), default=0.9)
    chart: alt.Chart = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X(
            "threshold:O",
            sort=None,
            title="Threshold: linked from this probability",
            axis=alt.Axis(labelAngle=0, labelOverlap="greedy"),
        ),
        y=alt.Y(
            "rate:Q",
            title="Expected rate",
            axis=alt.Axis(format=".1%"),
            scale=alt.Scale(domain=[least - 0.002, 1.0005], nice=False),
        ),
        color=alt.Color("kind:N", scale=_kinds(), legend=None),
    )
    return chart


def cluster_sizes(rows: Rows) -> str:
    """How many persons have how many registrations."""
    import altair as alt

    values = [{"size": size_in_words(row), "persons": row["persons"] or 0} for row in rows]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X(
            "size:N", sort=None, title="Registrations of one person", axis=alt.Axis(labelAngle=0)
        ),
        y=alt.Y("persons:Q", title="Persons"),
    )
    labels = base.transform_filter("datum.persons > 0").mark_text(dy=-7, fontSize=12, color=INK)
    return _svg(
        alt.layer(base.mark_bar(color=BLUE), labels.encode(text=alt.Text("persons:Q", format=","))),
        "sizes",
        "Registrations of one person",
        "Bars: how many persons have one registration, two, three and more. Many persons with very many "
        "registrations would mean that different people were joined.",
    )


def size_in_words(row: Mapping[str, Any]) -> str:
    """A band of sizes: "1", "5 to 6", "25 or more"."""
    if row["most"] is None:
        return f"{row['least']} or more"
    return str(row["least"]) if row["least"] == row["most"] else f"{row['least']} to {row['most']}"


def coverage(rows: Rows) -> str:
    """Which share of an agency's persons another agency knows as well."""
    import altair as alt

    told = [row for row in rows if row["known_elsewhere"] is not None]
    values = [{"agency": in_words(row["agency"]), "share": row["known_elsewhere"]} for row in told]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y("agency:N", sort=None, title=None),
        x=alt.X(
            "share:Q",
            title="Share of persons whom another agency knows as well",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 1]),
        ),
    )
    labels = base.mark_text(align="left", dx=5, fontSize=12, color=INK)
    return _svg(
        alt.layer(base.mark_bar(color=BLUE), labels.encode(text=alt.Text("share:Q", format=".0%"))),
        "coverage",
        "Known to another agency as well",
        "A bar an agency: the share of the persons it knows who were found at another agency too.",
    )


def intervals(rows: Rows, named: str, chart_id: str, title: str) -> str:
    """Precision and recall with their intervals, a line a group; `named` is the column that names it."""
    import altair as alt

    values = [
        {"name": in_words(row[named]), "kind": kind, **row[kind]}
        for row in rows
        if not row["withheld"]
        for kind in ("precision", "recall")
    ]
    least = min((value["low"] for value in values), default=0.9)
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
        color=alt.Color("kind:N", scale=_kinds(), legend=None),
    )
    axis = alt.X(
        "low:Q",
        title="Expected rate and 95 % interval",
        axis=alt.Axis(format=".0%", tickCount=5),
        scale=alt.Scale(domain=[max(0, least - 0.01), 1]),
    )
    bars = base.mark_rule(strokeWidth=3).encode(x=axis, x2="high:Q")
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(x="rate:Q")
    chart = alt.layer(bars, dots).properties(width=WIDTH // 2 - 75, height=alt.Step(20))
    return _svg(
        chart.facet(
            column=alt.Column(
                "kind:N", title=None, header=alt.Header(labelFontSize=13, labelFontWeight="bold")
            )
        ),
        chart_id,
        title,
        "A dot and a bar each for expected precision and expected recall with the 95 percent interval. A bar that ends "
        "left of the others shows a group that is linked less well.",
        is_sized=True,
    )


def model(rows: Rows) -> str:
    """The weight of every level: how much it speaks for one person, or against."""
    import altair as alt

    values = [
        {
            "name": f"{in_words(row['field'])}: {row['level']}",
            "weight": row["weight"],
            "speaks": "for one person" if row["weight"] >= 0 else "for two persons",
        }
        for row in rows
        if row["weight"] is not None
    ]
    colours = alt.Scale(domain=["for one person", "for two persons"], range=[BLUE, ORANGE])
    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar()
        .encode(
            y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
            x=alt.X("weight:Q", title="Match weight in bits: log2(m / u)"),
            color=alt.Color("speaks:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
        )
        .properties(height=alt.Step(18))
    )
    return _svg(
        chart,
        "model",
        "What each level of agreement is worth",
        "A bar for every level of every field compared: to the right it speaks for one person, to the left for two.",
    )


def _kinds() -> "alt.Scale":
    import altair as alt

    return alt.Scale(domain=["precision", "recall"], range=[BLUE, ORANGE])


def _svg(chart: Any, chart_id: str, title: str, says: str, *, is_sized: bool = False) -> str:
    """The chart as an SVG for the page: named, described, with ids of its own."""
    import vl_convert

    sized = chart if is_sized else chart.properties(width=WIDTH)
    drawn = vl_convert.vegalite_to_svg(
        sized.configure(aria=False, background="white", font="sans-serif")
        .configure_axis(
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=INK,
            gridColor="#e5e6e7",
        )
        .configure_legend(labelFontSize=12, labelColor=INK)
        .configure_view(stroke=None)
        .to_dict(),
        allowed_base_urls=[],
    )
    chart_id = re.sub(r"[^\w-]", "-", chart_id)
    drawn = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{chart_id}-", drawn)
    opening, _, rest = drawn.partition(">")
    box = re.search(r'viewBox="[\d.\s-]+"', opening)
    width = re.search(r'width="([\d.]+)"', opening)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {box.group() if box else ""} '
        f'style="max-width:{width.group(1) if width else WIDTH}px" '
        f'aria-labelledby="{chart_id}-title {chart_id}-says">'
        f'<title id="{chart_id}-title">{escape(title)}</title>'
        f'<desc id="{chart_id}-says">{escape(says)}</desc>{rest}'
    )
