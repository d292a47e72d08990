"""The lines of disclosure control's benchmarks: attacks, what protection takes, what is served, time; and secondary suppression.

In: what a benchmark's `measure()` returned. Out: a `Section`. Targets stand here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks.results import Line, Section
from benchmarks.suppression import MOST_CELLS, MOST_SECONDS, MOST_WEIGHT

Figures = Mapping[str, Any]
MOST_RIGHT = 0.52
MOST_COST_ERROR, MOST_COST_P95, MOST_POINTS, MOST_COUNT_ERROR = 0.010, 0.032, 0.8, 1.9
MOST_COUNTS_WITHHELD, MOST_COSTS_WITHHELD = 0.09, 0.17
LEAST_SERVED = 0.92
MOST_SECONDS_SMALL, MOST_SECONDS_LARGE = 1.0, 5.0
MOST_SECONDS_OF_A_MILLION, MOST_GB_OF_A_MILLION = 30.0, 4.0
DIFFERENCING, ATTRIBUTE_TABLES = "differencing", 150


def disclosure(figures: Figures) -> Section:
    """The promise, and its price."""
    form = " Measured in the quick form." if figures["quick"] else ""
    small, large = figures["ledger"], figures["ledger_large"]
    balanced = figures["utility"]["balanced"]
    return Section(
        "disclosure",
        "Disclosure control against every question ever asked",
        "Attacks: the quick form of `make redteam` (one vintage, 30 tables, 200 questions), through `POST /v1/questions`; beside them the method on which the attack does best, of four that "
        f"others use. Utility: {balanced['seeds']} synthetic counties of {balanced['families']:,} families, 4 types by 7 districts, signs of the "
        "perturbed costs balanced within type and district; costs at an agency change from before to after by a lognormal spread of "
        f"{balanced['change']}. Served: {small['tables']} random tables of one to three of eight columns, counts and costs "
        f"({small['cells']:,} cells), asked of one ledger, {small['seeds']} times over; share of the cells that each table by itself would show. Time: from the exact table to "
        f"the entry in the ledger, {small['further']} further tables each time." + form,
        (
            *(_attacks(figures["attacks"]) if "attacks" in figures else ()),
            *_utility(figures["utility"]),
            *_served(small, large),
            *_times(small, MOST_SECONDS_SMALL),
            *_times(large, MOST_SECONDS_LARGE),
            *_night(figures["night"]),
            *_million(figures["million"]),
        ),
    )


def _attacks(told: Figures) -> Iterator[Line]:
    """One row for each row of targets, and one for each line that does not hold."""
    kinds, lines, elsewhere = told["kinds"], told["lines"], told["elsewhere"]
    names = {
        "count": "counts of 1 to 9 recovered for certain or within 1 beyond the honest guess",
        "cost": "costs of one family or withheld group within 10 %, beyond the group's mean",
        "group": "groups of which all, or none, are known to have a difficulty",
    }
    for kind, what in names.items():
        if kind in kinds:
            yield _of_kind(what, kinds[kind], _worst(lines, elsewhere, kind))
    for name in (name for name, score in lines.items() if score["kind"] == DIFFERENCING):
        yield _differencing(name, lines[name], elsewhere[name])
    for name in (name for name in lines if f"{ATTRIBUTE_TABLES} tables" in name):
        yield _attribute(name, lines[name], elsewhere[name])
    for name in told["not_judged"]:
        yield Line(f"{name}: could not be judged", "", target="judged", met=False)
    for name in (name for kind in kinds.values() for name in kind["broken"]):
        yield Line(f"does not hold: {name}", f"{lines[name]['rate']:.3f}")


def _of_kind(what: str, kind: Figures, beside: str) -> Line:
    return Line(
        f"{what} ({kind['lines']} lines of the matrix, {kind['tried']:,} targets)",
        f"{kind['known']} certain; {kind['right']:,} guessed right, {kind['honest']:,} honestly",
        beside,
        target="0 certain, no line beyond the honest guess",
        met=kind["known"] == 0 and not kind["broken"] and kind["tried"] > 0,
    )


def _worst(lines: Figures, elsewhere: Figures, kind: str) -> str:
    """The share that the best attack of this kind recovers for certain from another method."""
    found = [(elsewhere[n], n) for n, score in lines.items() if score["kind"] == kind]
    best = max(
        ((e["known"], e["rate"], e["method"], n) for e, n in found if e is not None), default=None
    )
    if best is None:
        return ""
    known, rate, method, name = best
    return f"{known:.0%} certain, {rate:.0%} right ({name.partition(':')[0]}, {method})"


def _differencing(name: str, score: Figures, other: Figures | None) -> Line:
    # Where few games were played the target lies within the margin of guessing.
    is_met = score["rate"] <= MOST_RIGHT or bool(score["holds"])
    return Line(
        f"{name.partition(':')[0]}: right answers ({score['tried']:,} coins, 0.5 is guessing)",
        f"{score['rate']:.3f} ± {score['margin']:.3f}",
        "" if other is None else f"{other['rate']:.3f} ({other['method']})",
        target=f"at most {MOST_RIGHT}, or 0.5 within the margin",
        met=is_met and score["tried"] > 0,
    )


def _attribute(name: str, score: Figures, other: Figures | None) -> Line:
    return Line(
        f"{name}: families' attribute told rightly, beside the best honest guess",
        f"{score['rate']:.3f} : {score['honest']:.3f}",
        "" if other is None else f"{other['rate']:.3f} ({other['method']})",
        target="no better than the honest guess",
        met=bool(score["holds"]) and score["tried"] > 0,
    )


def _utility(told: Figures) -> Iterator[Line]:
    of, other, district = told["balanced"], told["small_change"], told["by_district"]
    points = "{:.2f} points".format
    for what, name, most in (
        ("median", "cost_error_median", MOST_COST_ERROR),
        ("95 of 100 below", "cost_error_p95", MOST_COST_P95),
    ):
        beside = f"{_percent(district[name])} (signs balanced by district alone)"
        yield _most(f"error of a shown cost, {what}", of[name], most, _percent, beside)
    for what, each in ((f"spread {of['change']}", of), (f"spread {other['change']}", other)):
        yield _most(
            f"error of a change from before to after, median ({what})",
            each["change_error_points_median"],
            MOST_POINTS,
            points,
        )
    # The target has one decimal.
    error = of["count_error_mean"]
    met = round(error, 1) <= MOST_COUNT_ERROR
    yield Line(
        "error of a shown count, mean",
        f"{error:.2f} families",
        target=f"at most {MOST_COUNT_ERROR}",
        met=met,
    )
    yield _most("counts withheld", of["count_cells_withheld"], MOST_COUNTS_WITHHELD, _percent)
    yield _most("costs withheld", of["cost_cells_withheld"], MOST_COSTS_WITHHELD, _percent)


def _served(small: Figures, large: Figures) -> Iterator[Line]:
    for told, judged in ((small, True), (large, False)):
        size = f"{told['families']:,} families"
        for name, what in (("cells", "counts and costs"), ("counts", "counts"), ("costs", "costs")):
            share, is_judged = told[f"{name}_served"], judged and name == "cells"
            yield Line(
                f"served, {size}: {what}",
                _percent(share),
                f"{_percent(told[f'{name}_served_of_all'])} (of all cells, small ones as well)",
                target=f"at least {_percent(LEAST_SERVED)}" if is_judged else "",
                met=share >= LEAST_SERVED if is_judged else None,
            )


def _times(told: Figures, most: float) -> Iterator[Line]:
    what = f"a table beside {told['tables']} others, {told['families']:,} families"
    yield Line(f"{what}: median", _seconds(told["p50_s"]))
    yield _most(f"{what}: 95 of 100 below", told["p95_s"], most, _seconds)
    yield Line(f"{what}: peak memory of the process", f"{told['peak_gb']:.2f} GB")


def _night(told: Figures) -> Iterator[Line]:
    """What a sample of everything that left tells of groups that nobody asked for."""
    yield Line(
        f"nightly attack on {told['tables']} tables of {told['families']:,} families: groups known better than they may be",
        f"{told['passed']} of {told['groups']:,}; the nearest at {told['nearest']:.0%} of its limit",
        f"{told['alone_passed']:,} of {told['alone_groups']:,} (the same tables without a ledger)",
        target="0",
        met=told["passed"] == 0 and told["undecided"] == 0 and told["groups"] > 0,
    )
    yield Line("its time, in seconds", f"{told['seconds']:.1f} s")


def _million(told: Figures) -> Iterator[Line]:
    what = f"{told['families']:,} families, {told['cells']:,} cells"
    steps = (("counted", "tabulate_s"), ("protected", "protect_s"), ("entered", "enter_s"))
    yield _most(f"{what}: seconds", told["seconds"], MOST_SECONDS_OF_A_MILLION, _seconds)
    for step, name in steps:
        yield Line(f"of that, {step}", _seconds(told[name]))
    yield Line(
        f"{what}: peak memory",
        f"{told['peak_gb']:.2f} GB",
        f"{told['frame_gb']:.2f} GB (before, with the frame)",
        target=f"below {MOST_GB_OF_A_MILLION:.0f} GB",
        met=told["peak_gb"] < MOST_GB_OF_A_MILLION,
    )


def suppression(figures: Figures) -> Section:
    """Secondary suppression of a published instance."""
    whole = "{:,.0f}".format
    return Section(
        "suppression",
        "Secondary suppression of hier13x7x7d",
        f"A table of {figures['cells']:.0f} cells, {figures['relations']:.0f} relations and {figures['unsafe']:.0f} unsafe cells in JJ format. Beside "
        "it the first choice, without search. Under-protected cells are counted by an attacker with other code (SciPy, interior points).",
        (
            _most(
                "further cells withheld",
                *(figures["secondary"], MOST_CELLS, whole),
                beside=whole(figures["first_secondary"]),
            ),
            _most(
                "their weight",
                *(figures["weight"], MOST_WEIGHT, whole),
                beside=whole(figures["first_weight"]),
            ),
            _most(
                "under-protected",
                *(figures["under_protected"], 0.0, f"{{:.0f}} of {figures['unsafe']:.0f}".format),
            ),
            _most(
                "time",
                *(figures["seconds"], MOST_SECONDS, _seconds),
                beside=_seconds(figures["first_seconds"]),
            ),
        ),
    )


DISCLOSURE: dict[str, Callable[[Figures], Section]] = {
    each.__name__: each for each in (disclosure, suppression)
}


def _most(
    what: str,
    value: float,
    most: float,
    show: Callable[[float], str],
    beside: str = "",
) -> Line:
    return Line(what, show(value), beside, target=f"at most {show(most)}", met=value <= most)


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
