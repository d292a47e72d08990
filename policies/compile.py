"""Protocol -> Cedar: one broad permit for each purpose and action, one forbid for each clause, one schema.

Source: Cedar policy language (docs.cedarpolicy.com). Cedar skips a forbid whose evaluation errors, so every
forbid is written `unless { condition }` over attributes the schema guarantees or the condition tests with
`has`, the policies are validated against the schema here, and an error at decision time is a refusal.
Never reads a file and never decides by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import cedarpy

from policies.clauses import actors, items, limits, scope, standing
from policies.clauses.rule import Rule, action_scope, quote
from policies.faults import Fault, ProtocolInvalid
from policies.protocol import Protocol
from policies.terms import ACTIONS

_SECTIONS: Final = (standing, scope, items, actors, limits)


@dataclass(frozen=True, slots=True)
class Permit:
    """A broad permit: one action, or the action `query` for one purpose."""

    name: str
    action: str
    purpose: str | None = None

    @property
    def cedar(self) -> str:
        """The permit as Cedar text."""
        condition = ""
        if self.purpose is not None:
            condition = (
                f"\nwhen {{ context has purpose && context.purpose == {quote(self.purpose)} }}"
            )
        scoped = action_scope(frozenset({self.action}))
        return f"@id({quote(self.name)})\npermit (principal, {scoped}, resource){condition};\n"


class Compiled:
    """A protocol ready for decisions. Made by `compile_protocol`; never changes.

    `rules` are the clauses that can refuse; `schema` the Cedar schema of every request; `dimensions` and
    `courses` the names that schema knows.
    """

    __slots__ = ("_sets", "courses", "dimensions", "permits", "protocol", "rules", "schema")

    def __init__(
        self,
        protocol: Protocol,
        permits: tuple[Permit, ...],
        rules: Mapping[str, Rule],
        schema: cedarpy.Schema,
    ) -> None:
        self.protocol = protocol
        self.permits = permits
        self.rules = rules
        self.schema = schema
        self.dimensions = items.known_dimensions(protocol)
        self.courses = _courses(protocol)
        self._sets: dict[str, cedarpy.PolicySet] = {}

    def policies_for(self, action: str) -> cedarpy.PolicySet:
        """The policies whose scope holds `action`: a small set keeps a decision fast."""
        found = self._sets.get(action)
        if found is None:
            texts = [permit.cedar for permit in self.permits if permit.action == action]
            texts += [rule.cedar for rule in self.rules.values() if action in rule.actions]
            found = self._sets[action] = cedarpy.PolicySet.from_str("\n".join(texts))
        return found

    def without(self, name: str) -> Compiled:
        """The same protocol with one clause or permit lost. For mutation tests only."""
        permits = tuple(permit for permit in self.permits if permit.name != name)
        rules = {clause: rule for clause, rule in self.rules.items() if clause != name}
        return Compiled(self.protocol, permits, rules, self.schema)


def compile_protocol(protocol: Protocol) -> Compiled:
    """Compile a protocol.

    Raises ProtocolInvalid when the policies do not validate against their schema.
    """
    rules = {rule.clause: rule for rule in rules_of(protocol)}
    permits = permits_of(protocol)
    schema = cedarpy.Schema.from_str(schema_text(protocol))
    _require_valid([*permits, *rules.values()], schema)
    return Compiled(protocol, permits, rules, schema)


def cedar_text(protocol: Protocol) -> str:
    """Every policy of a protocol as Cedar text, for reading and for other Cedar tools."""
    return "\n".join(_texts([*permits_of(protocol), *rules_of(protocol)]))


def rules_of(protocol: Protocol) -> tuple[Rule, ...]:
    """Every rule that can refuse, in the order of the sections."""
    return tuple(rule for section in _SECTIONS for rule in section.rules(protocol))


def permits_of(protocol: Protocol) -> tuple[Permit, ...]:
    """One permit for each purpose that is not prohibited, one for each other action that a role has."""
    return tuple(_permits(protocol))


def _permits(protocol: Protocol) -> Iterator[Permit]:
    granted = dict.fromkeys(action for clause in protocol.role_clauses for action in clause.may)
    for action in granted:
        if action != "query":
            yield Permit(f"permit {action}", action)
    if "query" in granted:
        for purpose in protocol.purposes:
            if not purpose.prohibited:
                yield Permit(f"permit query {purpose.clause}", "query", purpose.id)


def schema_text(protocol: Protocol) -> str:
    """The Cedar schema: what a request's context may hold, so that a misspelt attribute cannot pass."""
    levels = _optional(items.known_dimensions(protocol) | _asked(protocol), "String")
    actions = ", ".join(quote(action) for action in sorted(ACTIONS))
    return f"""
entity Actor;
entity Protocol;
type Context = {{
  day: Long, role: String, agency: String, holds: Set<String>, mfa: Bool,
  training: {{ {_optional(_courses(protocol), "Long")} }},
  measures: Set<String>, agencies: Set<String>,
  dimensions: {{ {levels} }}, unknown_dimensions: Set<String>, dimension_count: Long,
  purpose?: String, cohort?: String, unit?: String,
  dataset?: String, dataset_agency?: String,
  period_from?: Long, optout_age_days?: Long, attestation_age_days?: Long,
  cells?: Long, queries_today?: Long, queries_this_quarter?: Long,
}};
action {actions} appliesTo {{ principal: [Actor], resource: [Protocol], context: Context }};
"""


def _optional(names: frozenset[str], kind: str) -> str:
    return ", ".join(f"{quote(name)}?: {kind}" for name in sorted(names))


def _asked(protocol: Protocol) -> frozenset[str]:
    # A condition may test `dimensions has` for a measure's name; the schema then has to know it.
    return frozenset(item.item for item in protocol.measures)


def _courses(protocol: Protocol) -> frozenset[str]:
    needs = (clause.needs for clause in protocol.role_clauses)
    return frozenset(course for need in needs if need for course in need.training)


def _texts(policies: list[Permit | Rule]) -> list[str]:
    return [policy.cedar for policy in policies]


def _require_valid(policies: list[Permit | Rule], schema: cedarpy.Schema) -> None:
    result = cedarpy.validate_policies("\n".join(_texts(policies)), schema)
    if not result.validation_passed:
        named = result.id_annotations_by_policy_id.values()
        fix = (
            f"the clauses {', '.join(sorted(named))} do not fit together" if named else "see schema"
        )
        raise ProtocolInvalid([Fault("", "does_not_compile", fix)])
