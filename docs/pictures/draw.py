"""Draws the pictures of docs/disclosure.md. In: the gateway's own functions and a key that is no secret. Out: four SVG files beside this one.

Usage: python docs/pictures/draw.py. Families and figures are made up; noise and multipliers are drawn as the gateway draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from gateway.disclosure import Rules, draw_multipliers, draw_set_keys, perturb, tabulate
from gateway.disclosure.noise import draw_noise
from gateway.disclosure.rounding import round_to
from gateway.disclosure.tables import Count

HERE = Path(__file__).parent
KEY = b"a key for pictures, and no secret"
WIDTH, HEIGHT = 760, 300
INK, GREY, PALE = "#1d2733", "#6b7785", "#d5dbe1"
BLUE, ORANGE, RED, WHITE = "#1f6fb2", "#d9822b", "#b3261e", "#ffffff"
TRUE_FAMILIES, TIMES = 37, 200
POUNDS = (41, 36, 30, 27, 22, 19, 16, 13, 11, 9, 7, 6)


def text(
    x: float, y: float, words: str, *, size: int = 14, fill: str = INK, anchor: str = "start"
) -> str:
    """A line of words."""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{fill}" text-anchor="{anchor}">{words}</text>'


def dot(x: float, y: float, fill: str, stroke: str = "none") -> str:
    """A family."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="5" fill="{fill}" stroke="{stroke}" stroke-width="2"/>'


def box(
    x: float,
    y: float,
    w: float,
    h: float,
    *,
    stroke: str = GREY,
    fill: str = "none",
    dash: str = "",
) -> str:
    """A rounded box."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    shape = f'x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="8"'
    return f'<rect {shape} fill="{fill}" stroke="{stroke}" stroke-width="2"{dashed}/>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = GREY, dash: str = "") -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"'
    return f'<line {ends} stroke="{stroke}" stroke-width="2"{dashed}/>'


def path(points: list[tuple[float, float]], stroke: str) -> str:
    """A line through points."""
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{told}" fill="none" stroke="{stroke}" stroke-width="2.5"/>'


def families(x: float, y: float, number: int, fill: str, row: int = 10) -> Iterator[str]:
    """So many dots, `row` beside one another."""
    for at in range(number):
        yield dot(x + 15 * (at % row), y + 15 * (at // row), fill)


def threshold() -> Iterator[str]:
    """Few families, none, and all but few share one mark."""
    columns = (
        ("34 families", 34, 0, "35", "shown, with noise, to the nearest 5"),
        ("7 families", 7, 0, "[c]", "fewer than ten: withheld"),
        ("no family", 0, 0, "[c]", "none: the same mark"),
        ("36 of 40 families", 36, 4, "[c]", "four are left over: withheld"),
    )
    yield text(24, 34, "Four cells of a table, and what leaves", size=17)
    for at, (what, inside, outside, told, why) in enumerate(columns):
        x = 24 + 184 * at
        stroke = BLUE if told != "[c]" else GREY
        yield text(x, 72, what)
        yield box(x, 84, 164, 84, stroke=stroke)
        yield from families(x + 14, 100, inside, BLUE)
        yield from (dot(x + 14 + 15 * (6 + n), 145, WHITE, RED) for n in range(outside))
        yield text(x + 82, 208, told, size=26, fill=stroke, anchor="middle")
        first, _, second = why.partition(": ")
        for n, words in enumerate((first, second) if second else why.split(", ", 1)):
            yield text(x + 82, 238 + 19 * n, words, size=13, fill=GREY, anchor="middle")
    yield text(
        *(
            24,
            286,
            "Red rings: who is outside. Nearly all of a group says as much as few: it tells who the others are.",
        ),
        size=13,
        fill=INK,
    )


def noise() -> Iterator[str]:
    """Fresh noise averages out; noise that hangs on the families does not."""
    top, low = TRUE_FAMILIES + 8, TRUE_FAMILIES - 8
    anew = np.random.default_rng(4).normal(0, Rules().noise_sd, TIMES).clip(-5, 5)
    means = np.cumsum(TRUE_FAMILIES + anew) / np.arange(1, TIMES + 1)
    count = _counted()
    ours = int(round_to(count.figure + draw_noise(count, Rules(), KEY), Rules().rounding))
    panels = (
        ("Noise drawn anew: the mean of all answers", means, ORANGE),
        ("Ours: the same families, the same answer", np.full(TIMES, float(ours)), BLUE),
    )
    for at, (title, values, colour) in enumerate(panels):
        x0 = 64 + 372 * at

        def place(n: int, value: float, x0: int = x0) -> tuple[float, float]:
            return x0 + 290 * n / (TIMES - 1), 76 + 150 * (top - value) / (top - low)

        yield text(x0 - 40, 40, title, size=15)
        yield line(x0, 76, x0, 226)
        yield line(x0, 226, x0 + 290, 226)
        for each in (30, 35, 40, 45):
            yield text(x0 - 8, place(0, each)[1] + 5, str(each), size=12, fill=GREY, anchor="end")
        truth = place(0, TRUE_FAMILIES)[1]
        yield line(x0, truth, x0 + 290, truth, RED, "5 5")
        yield path([place(n, float(v)) for n, v in enumerate(values)], colour)
        yield text(x0 + 145, 248, f"asked 1 to {TIMES} times", size=13, fill=GREY, anchor="middle")
    yield text(
        *(
            24,
            284,
            f"Red: the true number, {TRUE_FAMILIES}. Whoever asks often learns it from the left, and nothing more from the right.",
        ),
        size=13,
    )


def _counted() -> Count:
    """A cell of so many families."""
    ids = [f"family {n}" for n in range(TRUE_FAMILIES)]
    count = tabulate(pl.DataFrame({"family": ids}), [], ("families",), key=KEY).measures["families"]
    lo, _ = draw_set_keys(ids, KEY, counted="families")
    if not isinstance(count, Count) or count.key_lo != np.bitwise_xor.reduce(lo):
        raise TypeError("a count of these families")
    return count


def costs() -> Iterator[str]:
    """Each family's cost is 10 to 20 % off; the sum is not."""
    paid = pl.DataFrame(
        {"family": list(range(len(POUNDS))), "cost_pence": [p * 100_000 for p in POUNDS]}
    ).with_columns(agency=pl.lit("all"))
    drawn = draw_multipliers(paid, ["all"], KEY, design=[], size="cost_pence")
    told = perturb(paid, drawn)
    yield text(
        24, 34, "What twelve families cost (£ thousand): true, and as it is added up", size=17
    )
    for at, (true, used) in enumerate(told.select("cost_pence", "perturbed_pence").iter_rows()):
        x, scale = 34 + 43 * at, 160 / 5_000_000
        up = used > true
        yield box(x, 226 - true * scale, 24, true * scale, stroke=PALE, fill=PALE)
        yield line(x - 5, 226 - used * scale, x + 29, 226 - used * scale, ORANGE if up else BLUE)
        off = f"{'+' if up else '−'}{abs(used / true - 1):.0%}"
        yield text(x + 12, 246, off, size=12, fill=ORANGE if up else BLUE, anchor="middle")
    yield line(24, 226, 548, 226)
    true_sum, sum_told = (told[name].sum() / 100_000 for name in ("cost_pence", "perturbed_pence"))
    yield box(576, 66, 160, 160, stroke=BLUE)
    for n, (words, figure) in enumerate((("true sum", true_sum), ("sum that is used", sum_told))):
        yield text(656, 98 + 62 * n, words, size=13, fill=GREY, anchor="middle")
        yield text(656, 124 + 62 * n, f"{figure:.1f}", size=22, anchor="middle")
    yield text(
        656, 214, f"{abs(sum_told / true_sum - 1):.1%} off", size=13, fill=BLUE, anchor="middle"
    )
    yield text(
        *(
            24,
            284,
            "Ups and downs take turns by size, so sums are hardly moved. Whoever isolates one family is still 10 % off, or more.",
        ),
        size=13,
    )


def ledger() -> Iterator[str]:
    """Two tables whose difference is a few families."""
    yield text(24, 34, "Monday, one person asks", size=15)
    yield text(24, 54, "“families known to health or the police”", size=13, fill=GREY)
    yield text(396, 34, "Tuesday, another asks", size=15)
    yield text(396, 54, "“families known to health”", size=13, fill=GREY)
    for at, x in enumerate((24, 396)):
        yield box(x, 70, 340, 126, stroke=BLUE if at == 0 else GREY, dash="" if at == 0 else "6 5")
        for column, row in product(range(16), range(4)):
            alone = column == 15 and row < 3
            fill = RED if alone and at == 0 else WHITE if alone else BLUE
            yield dot(x + 34 + 18 * column, 96 + 24 * row, fill, RED if alone else "none")
    yield text(194, 226, "64 families: shown, as 65", anchor="middle", fill=BLUE)
    yield text(566, 226, "61 families: the figure of the 64", anchor="middle", fill=RED)
    yield text(
        *(
            24,
            262,
            "Each table is safe by itself. Together they would say something of three families (red). The ledger remembers who was in",
        ),
        size=13,
    )
    yield text(
        *(
            24,
            282,
            "every figure that ever left, whoever asked and for what purpose, and lets the second show what the first told.",
        ),
        size=13,
    )


PICTURES: dict[str, Callable[[], Iterator[str]]] = {
    each.__name__: each for each in (threshold, noise, costs, ledger)
}


def drawn(name: str) -> str:
    """The picture as SVG."""
    inside = "\n".join(PICTURES[name]())
    title = (PICTURES[name].__doc__ or name).strip()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="Helvetica, Arial, sans-serif">\n'
        f"<title>{title}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{WHITE}"/>\n{inside}\n</svg>\n'
    )


def main() -> None:
    """Write all of them."""
    for name in PICTURES:
        (HERE / f"{name}.svg").write_text(drawn(name), encoding="utf-8")


if __name__ == "__main__":
    main()
