"""Faults between sections: a clause number used twice, a name nobody declared, a signature that is missing.

Takes the parsed sections and the plain document; returns faults; never decides a request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.faults import Fault
from policies.obligations import FLOOR
from policies.sections.data import Item
from policies.sections.disclosure import DisclosureClause
from policies.sections.duties import OptOut
from policies.sections.head import Dates, Party
from policies.sections.legal import LegalClause
from policies.sections.people import Approval, ConflictClause, RoleClause
from policies.sections.purposes import Cohorts, Purpose

REQUIRED_OBLIGATIONS = ("min_cell", "rounding", "max_dimensions", "max_cells", "release")
# What goes with one method only.
OF_METHOD = {"count_noise": "keyed_noise", "privacy_budget": "differential_privacy"}


@dataclass(frozen=True, slots=True)
class Outline:
    """The sections that refer to one another."""

    in_force: bool
    dates: Dates
    parties: tuple[Party, ...]
    purposes: tuple[Purpose, ...]
    cohorts: Cohorts | None
    legal: tuple[LegalClause, ...]
    items: tuple[Item, ...]
    roles: tuple[RoleClause, ...]
    conflicts: tuple[ConflictClause, ...]
    disclosure: tuple[DisclosureClause, ...]
    optout: tuple[OptOut, ...]
    approval: Approval

    @property
    def party_ids(self) -> frozenset[str]:
        """Who may be named as a party."""
        return frozenset(party.id for party in self.parties)


def faults_between_sections(outline: Outline, content: dict[str, object]) -> list[Fault]:
    """Every fault that only shows when sections are read together."""
    faults = list(_repeated_clauses(content))
    for check in _CHECKS:
        faults.extend(check(outline))
    return faults


def _repeated_clauses(content: dict[str, object]) -> Iterator[Fault]:
    seen: set[object] = set()
    for path, clause in _clauses(content, ""):
        if clause in seen:
            yield Fault(path, "clause_used_twice", "give it a number of its own, never used before")
        seen.add(clause)


def _clauses(content: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(content, dict):
        for key, part in content.items():
            inner = f"{path}.{key}" if path else key
            if key == "clause":
                yield inner, part
            else:
                yield from _clauses(part, inner)
    elif isinstance(content, list):
        for number, part in enumerate(content):
            yield from _clauses(part, f"{path}[{number}]")


def _dates(outline: Outline) -> Iterator[Fault]:
    dates = outline.dates
    if not dates.effective <= dates.review_by <= dates.expires:
        yield Fault("dates", "order", "effective first, then review_by, then expires")


def _repeated_names(outline: Outline) -> Iterator[Fault]:
    cohorts = outline.cohorts.agreed if outline.cohorts else ()
    groups: dict[str, list[str]] = {
        "parties": [party.id for party in outline.parties],
        "purposes": [purpose.id for purpose in outline.purposes],
        "cohorts.agreed": [cohort.id for cohort in cohorts],
        # One clause says all that a role may do; two would each refuse what the other gives.
        "roles": [role.role for role in outline.roles],
        "data.items": [f"{item.agency}.{item.dataset}.{item.item}" for item in outline.items],
        "optout": [listed.list for listed in outline.optout],
    }
    for section, names in groups.items():
        for number, name in enumerate(names):
            if name in names[:number]:
                yield Fault(f"{section}[{number}]", "named_twice", "keep one of the two")


def _purposes(outline: Outline) -> Iterator[Fault]:
    known = {item.item for item in outline.items}
    for number, purpose in enumerate(outline.purposes):
        path = f"purposes[{number}]"
        if purpose.prohibited and not purpose.why:
            yield Fault(path, "prohibited_without_why", "say why in `why`")
        if not purpose.prohibited and not purpose.no_decisions_about_individuals:
            yield Fault(path, "decisions_about_individuals", "state that no such decision is taken")
        if any(measure not in known for measure in purpose.outcome_measures):
            fix = "name only items of section 4"
            yield Fault(f"{path}.outcome_measures", "unknown_item", fix)


def _items(outline: Outline) -> Iterator[Fault]:
    asked = {item.item: item.kind for item in outline.items if item.kind != "source"}
    for number, item in enumerate(outline.items):
        path = f"data.items[{number}]"
        if item.kind == "dimension" and not item.levels:
            yield Fault(path, "dimension_without_levels", "list its levels, finest first")
        if item.kind != "dimension" and item.levels:
            yield Fault(f"{path}.levels", "levels_of_no_dimension", "only a dimension has levels")
        if item.kind != "measure" and (item.allowed or item.units):
            yield Fault(path, "forms_of_no_measure", "only a measure has `allowed` and `units`")
        if item.agency != "*" and item.agency not in outline.party_ids:
            yield Fault(f"{path}.agency", "unknown_party", "name a party of section 1")
        if any(other not in asked for other in item.not_with):
            fix = "name measures and dimensions of section 4"
            yield Fault(f"{path}.not_with", "unknown_item", fix)
        if asked.get(item.item, item.kind) != item.kind:
            yield Fault(
                f"{path}.item", "two_kinds", "one name is a measure, a dimension or a source"
            )


def _roles(outline: Outline) -> Iterator[Fault]:
    names = {role.role for role in outline.roles}
    for role in outline.roles:
        if not outline.party_ids.issuperset(role.of):
            yield Fault(
                f"roles {role.clause}", "unknown_party", "name parties of section 1 in `of`"
            )
    for clause in outline.conflicts:
        if not names.issuperset(name for pair in clause.conflicts for name in pair):
            yield Fault(f"roles {clause.clause}", "unknown_role", "name roles of section 5")


def _named_parties(outline: Outline) -> Iterator[Fault]:
    lists = [(f"legal[{n}].party", clause.party) for n, clause in enumerate(outline.legal)]
    lists += [(f"optout[{n}].applies_to", opt.applies_to) for n, opt in enumerate(outline.optout)]
    for path, parties in lists:
        if parties != "*" and not outline.party_ids.issuperset(parties):
            yield Fault(path, "unknown_party", "name parties of section 1")


def _disclosure(outline: Outline) -> Iterator[Fault]:
    stated = [name for clause in outline.disclosure for name in clause.stated()]
    for name in REQUIRED_OBLIGATIONS:
        if name not in stated:
            yield Fault("disclosure", "missing_obligation", f"state {name}")
    for number, clause in enumerate(outline.disclosure):
        path = f"disclosure[{number}]"
        if not clause.stated():
            yield Fault(path, "empty_clause", "state an obligation, or remove the clause")
        if any(stated.count(name) > 1 for name in clause.stated()):
            yield Fault(path, "stated_twice", "state each obligation in one clause")
        if clause.release and clause.release.four_eyes == clause.release.auto_release:
            yield Fault(f"{path}.release", "contradiction", "either four_eyes or auto_release")
        if clause.cost_noise and clause.cost_noise.low > clause.cost_noise.high:
            yield Fault(f"{path}.cost_noise", "order", "low is at most high")


def _method(outline: Outline) -> Iterator[Fault]:
    stated = {name: value for each in outline.disclosure for name, value in each.stated().items()}
    method = stated.get("method", FLOOR["method"])
    for name, owner in OF_METHOD.items():
        if name in stated and method != owner:
            fix = f"{name} goes with the method {owner}"
            yield Fault("disclosure", "other_method", fix)
    if method == "differential_privacy" and "privacy_budget" not in stated:
        yield Fault("disclosure", "missing_obligation", "state privacy_budget")


def _approval(outline: Outline) -> Iterator[Fault]:
    approval = outline.approval
    for number, signoff in enumerate(approval.signoffs):
        path = f"approval.signoffs[{number}]"
        if signoff.party not in outline.party_ids:
            yield Fault(f"{path}.party", "unknown_party", "name a party of section 1")
        if signoff.user == approval.proposed_by.user:
            yield Fault(f"{path}.user", "proposer_signed", "let another officer sign")


def _signatures(outline: Outline) -> Iterator[Fault]:
    if not outline.in_force:
        return
    approval = outline.approval
    signed = {(signoff.party, signoff.role) for signoff in approval.signoffs}
    for signer in approval.rule.all_of:
        if (signer.party, signer.role) not in signed:
            fix = f"{signer.party} has to sign as {signer.role} before it is in force"
            yield Fault("approval.signoffs", "signature_missing", fix)
    for party in outline.parties:
        if party.is_controller and not _has_signed(party.id, approval, signed):
            fix = f"{party.id} has to sign before it is in force"
            yield Fault("approval.signoffs", "signature_missing", fix)


def _has_signed(party: str, approval: Approval, signed: set[tuple[str, str]]) -> bool:
    # A party that `all_of` names signs as that rule says; every other by the officers of `each_party`.
    named = {signer.role for signer in approval.rule.all_of if signer.party == party}
    officers = named or set(approval.rule.each_party.role.split("_or_"))
    return any((party, role) in signed for role in officers)


_CHECKS: tuple[Callable[[Outline], Iterator[Fault]], ...] = (
    _dates,
    _repeated_names,
    _purposes,
    _items,
    _roles,
    _named_parties,
    _disclosure,
    _method,
    _approval,
    _signatures,
)
