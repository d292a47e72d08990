"""What an agency declares: datasets, their columns, and the facts that each row gives.

In: parsed YAML. Out: frozen models, with every unknown key refused. It checks the shape of one declaration;
whether its names fit together is checked in `consistency`. It never sees a record.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Kind = Literal[
    "id",
    "name",
    "date",
    "code",
    "integer",
    "number",
    "money_gbp",
    "yes_no",
    "address",
    "postcode",
    "uprn",
    "nhs_number",
    "nino",
    "upn",
    "sex",
    "text",
    "free_text",
]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500)]

# role -> kinds that may carry it; `other_<name>` roles take any kind of exact text.
ROLE_KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "forename": ("name",),
    "surname": ("name",),
    "date_of_birth": ("date",),
    "sex": ("sex",),
    "postcode": ("postcode",),
    "address": ("address",),
    "uprn": ("uprn",),
    "nhs_number": ("nhs_number",),
    "nino": ("nino",),
    "upn": ("upn",),
    "agency_id": ("id",),
    "guardian_id": ("id",),
    "partner_id": ("id",),
}
OTHER_ROLE_KINDS: Final[tuple[Kind, ...]] = ("text", "name", "id")
NUMBER_KINDS: Final[tuple[Kind, ...]] = ("integer", "number", "money_gbp")
CODED_KINDS: Final[tuple[Kind, ...]] = ("code", "sex", "yes_no")
ATTRIBUTES: Final = ("district", "age_band", "sex", "programme_arm", "programme_start")
# Longest cell of a kind, in characters, unless the column says otherwise. A cell of an exact kind that is
# longer than this is not such a value: most often it is a note in the wrong column.
LONGEST: Final[dict[Kind, int]] = {
    "id": 40,
    "name": 60,
    "address": 200,
    "text": 80,
    "free_text": 4000,
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Column(_Strict):
    """One column of an extract: what the agency calls it, what may stand in it, whom it identifies."""

    header: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    kind: Kind
    help: Sentence
    identifies: Word | None = None
    required: bool = False
    codes: dict[str, str] = Field(default_factory=dict)
    not_before: date | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: Annotated[int, Field(gt=0, le=4000)] | None = None

    @property
    def longest(self) -> int | None:
        """Longest accepted cell in characters; None for kinds that have a form of their own."""
        return self.max_length or LONGEST.get(self.kind)


class AtLeast(_Strict):
    """A number of at least so much; with `of`, the share of that other column."""

    at_least: float
    of: Word | None = None


Condition = list[str] | AtLeast
When = dict[Word, Condition]


class EventRule(_Strict):
    """An event that a row gives. Cost: the actual cost column if filled, else unit cost x quantity."""

    event: Word
    on: Word
    activity: Word
    until: Word | None = None
    quantity: Word | None = None
    cost: Word | None = None
    when: When = Field(default_factory=dict)


class IssueRule(_Strict):
    """An issue that a row gives: one named issue, or the issues that a coded column holds."""

    issue: Word | None = None
    issues_in: Word | None = None
    when: When = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_of_both(self) -> IssueRule:
        if (self.issue is None) == (self.issues_in is None):
            raise ValueError("give either issue or issues_in, one of the two")
        return self


class Dataset(_Strict):
    """One kind of extract that an agency sends. `agency` and `name` come from where it stands in the file."""

    agency: Word
    name: Word
    title: Sentence
    help: Sentence
    clean_list: bool
    date_format: Annotated[str, StringConstraints(min_length=4, max_length=30)]
    date: Word
    columns: Annotated[dict[Word, Column], Field(min_length=1)]
    attributes: dict[str, Word] = Field(default_factory=dict)
    events: list[EventRule] = Field(default_factory=list)
    issues: list[IssueRule] = Field(default_factory=list)

    def column_for(self, role: str) -> str | None:
        """Canonical name of the column that identifies by this role, None when there is none."""
        return next((name for name, c in self.columns.items() if c.identifies == role), None)

    @property
    def roles(self) -> dict[str, str]:
        """Role -> canonical column name, for every identifying column."""
        return {c.identifies: name for name, c in self.columns.items() if c.identifies}

    @property
    def service_columns(self) -> tuple[str, ...]:
        """Columns that tell of the service, not of who the person is; free text is never kept."""
        return tuple(
            name
            for name, c in self.columns.items()
            if c.identifies is None and c.kind != "free_text"
        )

    def record_column(self, name: str) -> str:
        """The declared column's name in a records frame; money is told in its unit."""
        return f"{name}_pence" if self.columns[name].kind == "money_gbp" else name


class Agency(_Strict):
    """One agency's declaration file."""

    agency: Word
    name: Sentence
    help: Sentence
    datasets: Annotated[dict[Word, Dataset], Field(min_length=1)]


class Issue(_Strict):
    """One of the common issues, with the phrase of the criteria that it is taken from."""

    id: Word
    name: Sentence
    help: Sentence
    source: Sentence


class UnitCost(_Strict):
    """What one unit of an activity costs. `per` day or week: the length of the spell is the quantity."""

    activity: Word
    gbp: Annotated[float, Field(ge=0)]
    per: Literal["contact", "case", "session", "day", "week"]
    price_year: Annotated[int, Field(ge=2000, le=2100)]
    source: Sentence
    agency: Word
    illustrative: bool
