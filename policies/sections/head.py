"""Section 0 and 1 of a protocol: its dates, its public register entry, the version before it, its parties."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import StringConstraints

from policies.terms import Digest, Name, Section, Text

Version = Annotated[str, StringConstraints(pattern=r"^\d{1,4}\.\d{1,4}\.\d{1,4}$")]
ProtocolId = Annotated[str, StringConstraints(pattern=r"^isp:[a-z0-9-]+/[a-z0-9-]+$")]


class Supersedes(Section):
    """The version that this one replaces, by number and digest."""

    version: Version
    sha256: Digest


class PublicRegister(Section):
    """Where the agreement is published; the reference is null until the register has given one."""

    dea_register_ref: str | None
    publish: bool


class Dates(Section):
    """First day in force, day by which it is reviewed, last day in force (all inclusive)."""

    effective: date
    review_by: date
    expires: date


class Party(Section):
    """A body that signs: a controller that sends extracts, or the processor that runs the gateway."""

    id: Name
    name: Text
    type: Literal[
        "local_authority", "police_force", "nhs_body", "housing_provider", "government_department",
        "education_body", "voluntary_sector", "processor",
    ]  # fmt: skip
    ico: Text
    role: Literal["controller", "joint_controller", "processor"]
    dpo: Text | None = None
    siro: Text | None = None
    caldicott: Text | None = None
    lead: bool = False
    regime: tuple[Literal["uk_gdpr", "dpa2018_part3"], ...] = ("uk_gdpr",)
    art28_contract: Text | None = None

    @property
    def is_controller(self) -> bool:
        """Whether this party answers for data, and so has to sign."""
        return self.role != "processor"
