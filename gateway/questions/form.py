"""The form of a question: its keys and their types, and nothing that needs the catalogue.

In: a mapping. Out: a frozen `Form`. An unknown key is an error; a number is not taken for a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictStr

By = Annotated[Mapping[StrictStr, StrictStr], AfterValidator(MappingProxyType)]
Where = Annotated[Mapping[StrictStr, tuple[StrictStr, ...]], AfterValidator(MappingProxyType)]


class AskedPeriod(BaseModel):
    """First and last month, "YYYY-MM", and the step in which figures are wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    from_: StrictStr = Field(alias="from")
    to: StrictStr
    step: StrictStr | None = None


class Form(BaseModel):
    """The keys of a question; `by` maps dimension to level, `where` dimension to categories."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    purpose: StrictStr = Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")
    cohort: StrictStr
    unit: Literal["family", "person"]
    measures: tuple[StrictStr, ...] = Field(min_length=1)
    by: By = Field(default_factory=lambda: MappingProxyType({}))
    period: AskedPeriod | None = None
    compare: Any = None
    where: Where = Field(default_factory=lambda: MappingProxyType({}))
