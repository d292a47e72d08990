"""The information sharing protocol as a document (schema isp/v1): text in, a frozen Protocol with its digest out.

`load_protocol` refuses a document with any fault and names them all. It never decides a request.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

import rfc8785
from pydantic import Field, PrivateAttr, ValidationError

from policies.consistency import Outline, faults_between_sections
from policies.faults import Fault, ProtocolInvalid
from policies.schema_faults import faults_of_schema
from policies.sections.data import DataSection, Item
from policies.sections.disclosure import DisclosureClause
from policies.sections.duties import Incident, OptOut, Retention, Review, Security, SubjectRight
from policies.sections.head import Dates, Party, ProtocolId, PublicRegister, Supersedes, Version
from policies.sections.legal import LegalClause
from policies.sections.people import Approval, ConflictClause, PeopleClause, RoleClause
from policies.sections.purposes import Cohorts, FamilyRule, Purpose, Subjects, Units
from policies.sections.trials import Trial
from policies.strict_yaml import Document, parse
from policies.terms import Section, Status, Text


class Protocol(Section):
    """One version of one information sharing protocol. Make it with `load_protocol` or `read_protocol`."""

    schema_: Literal["isp/v1"] = Field(alias="schema")
    id: ProtocolId
    version: Version
    supersedes: Supersedes | None = None
    title: Text
    plain_summary: Text
    framework: Literal["WASPI-ISP", "ICO-DSA", "DEA-ISA"]
    public_register: PublicRegister = Field(alias="register")
    status: Status
    dates: Dates
    parties: Annotated[tuple[Party, ...], Field(min_length=2)]
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]
    cohorts: Cohorts | None = None
    units: Units | None = None
    family: FamilyRule | None = None
    legal: Annotated[tuple[LegalClause, ...], Field(min_length=1)]
    subjects: Subjects
    data: DataSection
    roles: Annotated[tuple[PeopleClause, ...], Field(min_length=1)]
    disclosure: Annotated[tuple[DisclosureClause, ...], Field(min_length=1)]
    optout: tuple[OptOut, ...] = ()
    security: Security
    retention: tuple[Retention, ...]
    rights: tuple[SubjectRight, ...]
    incident: Incident
    review: Review
    approval: Approval
    tests: tuple[Trial, ...] = ()

    _digest: str = PrivateAttr(default="")

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the RFC 8785 canonical JSON of the document without its sign-offs."""
        return self._digest

    @property
    def name(self) -> str:
        """Id and version: the way a decision cites the protocol."""
        return f"{self.id}@{self.version}"

    @property
    def role_clauses(self) -> tuple[RoleClause, ...]:
        """The clauses of section 5 that give a role its actions."""
        return tuple(clause for clause in self.roles if isinstance(clause, RoleClause))

    @property
    def conflict_clauses(self) -> tuple[ConflictClause, ...]:
        """The clauses of section 5 that keep roles apart."""
        return tuple(clause for clause in self.roles if isinstance(clause, ConflictClause))

    @property
    def measures(self) -> tuple[Item, ...]:
        """Items that may be asked for as a figure."""
        return tuple(item for item in self.data.items if item.kind == "measure")

    @property
    def dimensions(self) -> tuple[Item, ...]:
        """Items that may be asked for as a breakdown."""
        return tuple(item for item in self.data.items if item.kind == "dimension")

    @property
    def sources(self) -> tuple[Item, ...]:
        """Items that are used inside the gateway only."""
        return tuple(item for item in self.data.items if item.kind == "source")

    @property
    def datasets(self) -> tuple[tuple[str, str], ...]:
        """The (agency, dataset) pairs that may be sent, in the order of the document."""
        pairs = ((item.agency, item.dataset) for item in self.data.items)
        return tuple(dict.fromkeys(pair for pair in pairs if "*" not in pair))


def load_protocol(path: Path) -> Protocol:
    """Read a protocol from a UTF-8 file.

    Raises ProtocolInvalid with every fault; OSError when there is no such file.
    """
    return read_protocol(path.read_bytes())


def read_protocol(text: str | bytes) -> Protocol:
    """Read a protocol from YAML 1.2 text.

    Raises ProtocolInvalid with every fault (path, rule, fix, line).
    """
    return protocol_of(parse(text))


def protocol_of(document: Document) -> Protocol:
    """The protocol in a parsed document. Raises ProtocolInvalid with every fault."""
    if not isinstance(document.content, dict):
        raise ProtocolInvalid([Fault("", "not_a_map", "start with `schema: isp/v1`", 1)])
    try:
        digest = document_digest(document.content)
    except rfc8785.CanonicalizationError:
        fault = Fault("", "number_form", "keep whole numbers within 15 digits")
        raise ProtocolInvalid([fault]) from None
    # JSON mode is the strict mode that still reads dates from text and tuples from lists.
    try:
        protocol = Protocol.model_validate_json(json.dumps(document.content))
    except ValidationError as error:
        raise ProtocolInvalid(faults_of_schema(error, document.lines)) from None
    faults = faults_between_sections(_outline(protocol), document.content)
    if faults:
        raise ProtocolInvalid(_with_lines(faults, document))
    protocol._digest = digest
    return protocol


def document_digest(content: dict[str, object]) -> str:
    """SHA-256 (hex) of RFC 8785 canonical JSON of `content` without `approval.signoffs`.

    Source: RFC 8785 (JSON Canonicalization Scheme). Every signer signs this one digest, so the sign-offs
    themselves cannot be part of it.
    """
    unsigned = dict(content)
    approval = unsigned.get("approval")
    if isinstance(approval, dict):
        unsigned["approval"] = {key: part for key, part in approval.items() if key != "signoffs"}
    return hashlib.sha256(rfc8785.dumps(unsigned)).hexdigest()  # type: ignore[arg-type]


def _outline(protocol: Protocol) -> Outline:
    return Outline(
        in_force=protocol.status == "in_force",
        dates=protocol.dates,
        parties=protocol.parties,
        purposes=protocol.purposes,
        cohorts=protocol.cohorts,
        legal=protocol.legal,
        items=protocol.data.items,
        roles=protocol.role_clauses,
        conflicts=protocol.conflict_clauses,
        disclosure=protocol.disclosure,
        optout=protocol.optout,
        approval=protocol.approval,
    )


def _with_lines(faults: list[Fault], document: Document) -> list[Fault]:
    return [
        Fault(fault.path, fault.rule, fault.fix, document.lines.get(fault.path)) for fault in faults
    ]
