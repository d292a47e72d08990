"""Rules of section 4: every measure, breakdown and dataset was agreed, at that level, in that company."""

from __future__ import annotations

from collections.abc import Iterator

from policies.clauses.rule import Rule, Wording, all_of, always, either, listed, quote, set_of
from policies.clauses.scope import QUERY
from policies.protocol import Protocol
from policies.request import Request
from policies.sections.data import Item
from policies.sections.purposes import Minimisation

SUBMIT = frozenset({"submit"})
# Keys go out for what may come in, and for nothing else.
SENDING = SUBMIT | {"deliver_key"}


def rules(protocol: Protocol) -> Iterator[Rule]:
    """What nobody agreed (4, 4.dataset), then one rule for each item that restricts, then the history."""
    yield _agreed_items(protocol)
    yield _agreed_datasets(protocol)
    for item in protocol.data.items:
        if item.kind == "source":
            yield _source(item)
        elif item.kind == "dimension":
            yield _dimension(item)
        elif item.not_with or item.units:
            yield _measure(item)
    yield _history(protocol.data.minimisation)


def known_dimensions(protocol: Protocol) -> frozenset[str]:
    """Names that the Cedar schema knows as breakdowns: dimensions, and sources so as to refuse by clause."""
    return frozenset(item.item for item in (*protocol.dimensions, *protocol.sources))


def _agreed_items(protocol: Protocol) -> Rule:
    measures = {item.item for item in protocol.measures}
    answerable = measures | {item.item for item in protocol.sources}
    dimensions = known_dimensions(protocol)
    condition = all_of(
        (
            "!context.measures.isEmpty()",
            f"{set_of(sorted(answerable))}.containsAll(context.measures)",
            "context.unknown_dimensions.isEmpty()",
        )
    )
    offer = (
        f"Measures: {listed(dict.fromkeys(item.item for item in protocol.measures))}. "
        f"Breakdowns: {listed(dict.fromkeys(item.item for item in protocol.dimensions))}."
    )

    def says(request: Request) -> Wording:
        if not request.measures:
            return Wording("The question asks for no measure.", offer)
        strange = [name for name in request.measures if name not in answerable]
        strange += [name for name in request.dimensions if name not in dimensions]
        return Wording("Nobody agreed to share an item asked for.", offer, tuple(strange))

    return Rule("4", QUERY, condition, says)


def _agreed_datasets(protocol: Protocol) -> Rule:
    names = [f"{agency}.{dataset}" for agency, dataset in protocol.datasets]
    condition = f"context has dataset && {set_of(names)}.contains(context.dataset)"

    def says(request: Request) -> Wording:
        about = (".".join(request.dataset),) if request.dataset else ()
        return Wording("Nobody agreed to send this dataset.", f"Datasets: {listed(names)}.", about)

    return Rule("4.dataset", SENDING, condition, says)


def _source(item: Item) -> Rule:
    name = quote(item.item)
    condition = f"!context.measures.contains({name}) && !(context.dimensions has {name})"
    gives = item.gives or "Agreed figures are derived from it."
    says = always(
        f"{item.item} ({item.agency}) is used inside the gateway and never shown. {gives}",
        "Leave it out, or ask for an agreed measure instead.",
    )
    return Rule(item.clause, QUERY, condition, says)


def _dimension(item: Item) -> Rule:
    name = quote(item.item)
    level = f"{set_of(item.levels)}.contains(context.dimensions[{name}])"
    held = all_of((level, *_apart(item)))
    condition = f"if context.dimensions has {name} then ({held}) else true"

    def says(request: Request) -> Wording:
        level = request.dimensions.get(item.item, "")
        if level not in item.levels:
            text = f"{item.item} may be broken down by {either(item.levels)} only."
            return Wording(text, f"Use {either(item.levels)}.", (f"{item.item}: {level}",))
        return _company(item)

    return Rule(item.clause, QUERY, condition, says)


def _measure(item: Item) -> Rule:
    conditions = _apart(item)
    if item.units:
        conditions.append(f"context has unit && {set_of(item.units)}.contains(context.unit)")
    condition = f"!context.measures.contains({quote(item.item)}) || ({all_of(conditions)})"

    def says(request: Request) -> Wording:
        if item.units and request.unit not in item.units:
            text = f"{item.item} may be counted by {either(item.units)} only."
            return Wording(text, f"Count by {either(item.units)}, or leave it out.")
        return _company(item)

    return Rule(item.clause, QUERY, condition, says)


def _apart(item: Item) -> list[str]:
    return [
        f"!context.measures.contains({quote(other)}) && !(context.dimensions has {quote(other)})"
        for other in item.not_with
    ]


def _company(item: Item) -> Wording:
    text = f"{item.item} may not be asked for together with {either(item.not_with)}."
    return Wording(text, f"Leave out {item.item}, or leave out {either(item.not_with)}.")


def _history(minimisation: Minimisation) -> Rule:
    first = minimisation.history_from
    condition = (
        f"if context has period_from then context.period_from >= {first.toordinal()} else true"
    )
    says = always(
        f"Records before {first:%-d %B %Y} are not used.", f"Start on {first:%-d %B %Y} or later."
    )
    return Rule(minimisation.clause, QUERY | SUBMIT, condition, says)
