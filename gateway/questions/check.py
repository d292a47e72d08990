"""Holds a question against the catalogue. In: a well-formed question. Out: its canonical fields; or every fault at once."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from .catalogue import Catalogue
from .faults import Fault, QuestionRefused
from .form import Form
from .period import STEPS, Period, quarter_of_month


def checked(question: Form, catalogue: Catalogue) -> dict[str, Any]:
    """The fields in canonical form: newest cohort version named, measures and dimensions sorted, step within `by`.

    Raises `QuestionRefused` with every fault.
    """
    by = dict(sorted({**_step(question), **question.by}.items()))
    faults = [
        *_cohort_faults(question, catalogue),
        *_dimension_faults(by, catalogue),
        *_measure_faults(question, by, catalogue),
        *_period_faults(question, by),
        *_where_faults(question, catalogue),
    ]
    if question.compare is not None:
        faults.append(Fault("compare", "not_offered", "comparisons are not offered yet"))
    if faults:
        raise QuestionRefused(faults)
    cohort = catalogue.cohort(question.cohort)
    return {
        "cohort": cohort.reference if cohort else question.cohort,
        "measures": tuple(sorted(set(question.measures))),
        "by": MappingProxyType(by),
        "period": question.period and question.period.model_copy(update={"step": None}),
        "where": MappingProxyType({k: tuple(sorted(set(v))) for k, v in question.where.items()}),
    }


def _step(question: Form) -> dict[str, str]:
    step = question.period.step if question.period else None
    return {"period": step} if step else {}


def _unregistered(key: str, rule: str, given: str, registered: tuple[str, ...]) -> Fault:
    near = get_close_matches(given, registered, n=1)
    message = f"not registered; perhaps {near[0]} is meant." if near else "not registered."
    return Fault(key, rule, message, registered)


def _cohort_faults(question: Form, catalogue: Catalogue) -> Iterator[Fault]:
    if catalogue.cohort(question.cohort) is None:
        registered = tuple(cohort.reference for cohort in catalogue.cohorts)
        yield _unregistered("cohort", "unknown_cohort", question.cohort, registered)


def _dimension_faults(by: dict[str, str], catalogue: Catalogue) -> Iterator[Fault]:
    for name, level in by.items():
        entry = catalogue.dimensions.get(name)
        if entry is None:
            registered = tuple(catalogue.dimensions)
            yield _unregistered(f"by.{name}", "unknown_dimension", name, registered)
        elif level not in entry.levels:
            yield _unregistered(f"by.{name}", "unknown_level", level, tuple(entry.levels))
    for first, second in catalogue.apart:
        if first in by and second in by:
            yield Fault(f"by.{first}", "kept_apart", f"not offered together with {second}")


def _measure_faults(question: Form, by: dict[str, str], catalogue: Catalogue) -> Iterator[Fault]:
    for name in question.measures:
        measure = catalogue.measures.get(name)
        if measure is None:
            registered = tuple(catalogue.measures)
            yield _unregistered("measures", "unknown_measure", name, registered)
            continue
        if measure.unit != question.unit:
            offered = tuple(k for k, m in catalogue.measures.items() if m.unit == question.unit)
            yield Fault("unit", "unit_of_measure", f"{name} needs unit {measure.unit}.", offered)
        for dimension in by:
            if dimension in catalogue.dimensions and dimension not in measure.by:
                message = f"{name} is not broken down by {dimension}."
                yield Fault(f"by.{dimension}", "not_by", message, measure.by)
        for dimension in measure.requires:
            if dimension not in by:
                yield Fault("by", "needs_dimension", f"{name} needs the dimension {dimension}")


def _period_faults(question: Form, by: dict[str, str]) -> Iterator[Fault]:
    asked = question.period
    if asked is None:
        if "period" in by:
            yield Fault("period", "missing_key", "from and to are needed to break down by period")
        return
    if asked.step is not None and asked.step not in STEPS:
        yield _unregistered("period.step", "unknown_level", asked.step, STEPS)
    if asked.step and question.by.get("period", asked.step) != asked.step:
        yield Fault("period.step", "says_two_things", "differs from the level in by.period")
    first, last = quarter_of_month(asked.from_), quarter_of_month(asked.to)
    for key, month in (("from", first), ("to", last)):
        if month is None:
            yield Fault(f"period.{key}", "not_a_month", "a month is written YYYY-MM")
    if first is not None and last is not None:
        yield from _span_faults(first, last, by)


def _span_faults(
    first: tuple[int, int], last: tuple[int, int], by: dict[str, str]
) -> Iterator[Fault]:
    if last[0] < first[0]:
        yield Fault("period", "wrong_order", "to is before from")
    if first[1] != 0:
        yield Fault("period.from", "whole_quarters", "the first month of a quarter: 01, 04, 07, 10")
    if last[1] != 2:
        yield Fault("period.to", "whole_quarters", "the last month of a quarter: 03, 06, 09, 12")
    if by.get("period") == "year" and not Period(first[0], last[0]).is_whole_years:
        yield Fault("period", "whole_years", "years run from an April (04) to a March (03)")


def _where_faults(question: Form, catalogue: Catalogue) -> Iterator[Fault]:
    offered = tuple(name for name, entry in catalogue.dimensions.items() if entry.may_filter)
    for name, chosen in question.where.items():
        if name not in offered:
            yield _unregistered(f"where.{name}", "unknown_filter", name, offered)
            continue
        registered = catalogue.categories(name, name)
        if not chosen:
            yield Fault(f"where.{name}", "empty", "at least one category.", registered)
        for category in chosen:
            if category not in registered:
                yield _unregistered(f"where.{name}", "unknown_category", category, registered)
        for pair in catalogue.apart:
            other = pair[0] if pair[1] == name else pair[1] if pair[0] == name else None
            if other in {**_step(question), **question.by}:
                yield Fault(f"where.{name}", "kept_apart", f"not offered together with {other}")
