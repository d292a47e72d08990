"""A protocol or a decision in plain words: who may do what, for which purpose, and what leaves.

Returns headings and lines as data; how they look is for the terminal or the page to say. Lines use the words
of the protocol; `explain_decision` also shows the asker's own words back and so does not belong in a log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.decision import Decision
from policies.obligations import Obligations, stated_by, strictest
from policies.protocol import Protocol
from policies.request import Request
from policies.sections.people import RoleClause
from policies.sections.purposes import Cohort
from policies.words import counted, lasting, said, spoken, titled


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading and its lines."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A title and its passages."""

    title: str
    passages: tuple[Passage, ...]

    def text(self) -> str:
        """As plain text, one line under another."""
        parts = [self.title]
        for passage in self.passages:
            parts += ["", passage.heading, *(f"  {line}" for line in passage.lines)]
        return "\n".join(parts)


def explain(protocol: Protocol) -> Explanation:
    """A protocol in plain words, each statement with its clause number."""
    obligations = strictest([stated_by(protocol.disclosure)])
    passages = (
        Passage("In short", (" ".join(protocol.plain_summary.split()), *_standing(protocol))),
        Passage("Who shares what", tuple(_sharing(protocol))),
        Passage("For which purpose", tuple(_purposes(protocol))),
        Passage("Who may do what", tuple(_roles(protocol))),
        Passage("What may be asked", tuple(_questions(protocol))),
        Passage("What leaves", tuple(_leaving(obligations))),
        Passage("People's objections", tuple(_objections(protocol))),
        Passage("How long things are kept", tuple(_kept(protocol))),
    )
    return Explanation(f"{protocol.title} ({protocol.name})", passages)


def explain_decision(request: Request, decision: Decision) -> Explanation:
    """A decision in plain words: every reason with what would satisfy it, then the nearest question."""
    if decision.permitted:
        lines = tuple(_leaving(decision.obligations)) if decision.obligations else ()
        title = f"Permitted under {decision.protocol}"
        return Explanation(title, (Passage("What goes with it", lines),) if lines else ())
    passages = []
    for reason in decision.reasons:
        shown = f"You wrote: {', '.join(reason.about)}." if reason.about else ""
        lines = tuple(line for line in (reason.text, shown, reason.fix) if line)
        passages.append(Passage(f"Clause {reason.clause}", lines))
    if decision.nearest is not None:
        lines = changes(request, decision.nearest)
        passages.append(Passage("The nearest question that would be permitted", lines))
    return Explanation("Refused", tuple(passages))


def changes(request: Request, nearest: Request) -> tuple[str, ...]:
    """What to change in `request` to get `nearest`, one line for each change."""
    return tuple(_changes(request, nearest))


def _changes(request: Request, nearest: Request) -> Iterator[str]:
    for name in request.measures:
        if name not in nearest.measures:
            yield f"leave out the measure {name}"
    for name, level in request.dimensions.items():
        if name not in nearest.dimensions:
            yield f"leave out the breakdown {name}"
        elif nearest.dimensions[name] != level:
            yield f"break {name} down by {nearest.dimensions[name]} instead of {level}"
    if nearest.unit != request.unit:
        yield f"count by {nearest.unit} instead of {request.unit}"
    if nearest.period_from is not None and nearest.period_from != request.period_from:
        yield f"start on {nearest.period_from:%-d %B %Y}"


def _standing(protocol: Protocol) -> Iterator[str]:
    dates = protocol.dates
    status = protocol.status.replace("_", " ")
    yield f"Status: {status}; from {dates.effective:%-d %B %Y} to {dates.expires:%-d %B %Y}."
    yield f"To be reviewed by {dates.review_by:%-d %B %Y}."
    yield f"Digest: {protocol.digest}."


def _sharing(protocol: Protocol) -> Iterator[str]:
    for party in protocol.parties:
        sent = [dataset for agency, dataset in protocol.datasets if agency == party.id]
        does = f"sends {', '.join(sent)}" if sent else "sends no records"
        yield f"{party.name} ({party.id}, {party.role.replace('_', ' ')}) {does}."
    fields = ", ".join(protocol.data.identifiers.fields)
    yield f"Identifiers make tokens and are then discarded: {fields} [{protocol.data.identifiers.clause}]."
    first = protocol.data.minimisation
    yield f"Records before {first.history_from:%-d %B %Y} are not used [{first.clause}]."


def _purposes(protocol: Protocol) -> Iterator[str]:
    for purpose in protocol.purposes:
        if purpose.prohibited:
            yield f"Never: {purpose.title} ({purpose.id}). {purpose.why} [{purpose.clause}]"
        else:
            yield f"{purpose.title} ({purpose.id}) [{purpose.clause}]."


def _roles(protocol: Protocol) -> Iterator[str]:
    for clause in protocol.role_clauses:
        may = ", ".join(said(action) for action in clause.may)
        who = spoken(clause.role)
        who = who[0].upper() + who[1:]
        yield f"{who} of {', '.join(clause.of)} may {may} [{clause.clause}].{_needs(clause)}"
    for conflict in protocol.conflict_clauses:
        pairs = ", ".join(
            " with ".join(titled(name) for name in pair) for pair in conflict.conflicts
        )
        yield f"One person never holds: {pairs} [{conflict.clause}]."


def _needs(clause: RoleClause) -> str:
    if clause.needs is None:
        return ""
    parts = []
    if clause.needs.training:
        courses = ", ".join(course.replace("_", " ") for course in clause.needs.training)
        parts.append(f"training of the last {clause.needs.max_age_days} days ({courses})")
    if clause.needs.mfa:
        parts.append("a second factor")
    return f" Needs {' and '.join(parts)}." if parts else ""


def _questions(protocol: Protocol) -> Iterator[str]:
    for item in protocol.measures:
        units = f", by {' or '.join(item.units)} only" if item.units else ""
        yield f"Measure {item.item}{units} [{item.clause}]."
    for item in protocol.dimensions:
        apart = f", never with {', '.join(item.not_with)}" if item.not_with else ""
        yield f"Breakdown {item.item} by {' or '.join(item.levels)}{apart} [{item.clause}]."
    for cohort in protocol.cohorts.agreed if protocol.cohorts else ():
        yield f"Cohort {cohort.names[1]}: {cohort.title}{_definition(cohort)} [{cohort.clause}]."
    if protocol.family:
        yield f"Family rule {protocol.family.rule}: {' '.join(protocol.family.says.split())} [{protocol.family.clause}]"


def _definition(cohort: Cohort) -> str:
    rule = cohort.definition
    parts = []
    if rule.min_issues or rule.max_issues is not None:
        parts.append(counted(rule.min_issues, rule.max_issues, "issues"))
    if rule.min_agencies:
        parts.append(counted(rule.min_agencies, None, "agencies"))
    if rule.with_children:
        parts.append("children in the family")
    units = "" if len(cohort.units) > 1 else f"; counted by {cohort.units[0]} only"
    return f" ({', '.join(parts)}{units})" if parts else units


def _leaving(held: Obligations) -> Iterator[str]:
    cite = held.clauses
    # Under differential privacy only the noisy figure may be looked at.
    least = "figure under" if held.method == "differential_privacy" else "cell of fewer than"
    yield f"No {least} {held.min_cell} families [{cite['min_cell']}]."
    yield f"Counts are rounded to {held.rounding} [{cite['rounding']}], costs to GBP {held.cost_rounding_gbp} [{cite['cost_rounding_gbp']}]."
    yield from _method(held)
    if held.method != "differential_privacy":
        yield f"A line with a withheld cell hides at least {held.line.min_cells} cells and {held.line.min_families} families [{cite['line']}]."
    if held.differencing:
        change = held.differencing.min_population_change
        yield f"Tables may not differ by fewer than {change} families [{cite['differencing']}]."
    yield f"At most {held.max_dimensions} breakdowns [{cite['max_dimensions']}] and {held.max_cells} cells [{cite['max_cells']}]."
    checked = "after a second person's check" if held.release == "four_eyes" else "automatically"
    why = f" {' '.join(held.release_why.split())}" if held.release_why else ""
    yield f"A protected table is released {checked} [{cite['release']}].{why}"


def _method(held: Obligations) -> Iterator[str]:
    cite, cost, budget = held.clauses, held.cost_noise, held.privacy_budget
    if held.method == "keyed_noise":
        noise = held.count_noise
        yield f"Counts carry keyed noise (sd {noise.sd:g}, at most {noise.clip}) [{cite['count_noise']}]."
    if held.method == "suppression":
        yield f"One table is published, with exact counts and totals; small cells are hidden, and others with them [{cite['method']}]."
    if held.method == "differential_privacy" and budget:
        delta = f" and delta {budget.delta:g}" if budget.delta else ""
        yield f"Counts of families carry the noise of differential privacy; nothing else leaves [{cite['method']}]."
        yield f"{budget.tables} tables share epsilon {budget.epsilon:g}{delta} for each {budget.per} [{cite['privacy_budget']}]."
    else:
        yield f"Each family's costs are multiplied by 1 plus or minus {cost.low:.0%} to {cost.high:.0%} [{cite['cost_noise']}]."


def _objections(protocol: Protocol) -> Iterator[str]:
    for listed in protocol.optout:
        name = listed.list.replace("_", " ")
        by = "the sender, who attests to it" if listed.applied_by else "the gateway, by token"
        yield f"{name}: applied by {by}, at most {listed.max_age_days} days old [{listed.clause}]."


def _kept(protocol: Protocol) -> Iterator[str]:
    for rule in protocol.retention:
        what, method = rule.what.replace("_", " "), rule.method.replace("_", " ")
        yield f"{what}: {lasting(rule.keep)}, {method} [{rule.clause}]."
