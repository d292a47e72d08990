"""The question: one of the permitted forms of aggregate request, in its canonical form, with a digest.

In: a mapping, YAML or JSON text and the catalogue. Out: a frozen `Question`, or `QuestionRefused` with every fault.
Never: a free expression, a numeric cut-point, an unknown key; never a value that was given in a message.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from pydantic import ValidationError

from .catalogue import Catalogue, Cohort, shipped_catalogue
from .check import checked
from .faults import Fault, QuestionRefused
from .form import Form
from .period import Period
from .strict_yaml import YamlFaulty, read_yaml

LONGEST_TEXT = 64 * 1024
_RULES = {"extra_forbidden": "unknown_key", "missing": "missing_key"}


class Question(Form):
    """One request for protected figures.

    Make one by `from_mapping`, `from_yaml` or `from_json`: only those hold it against the catalogue.
    """

    @classmethod
    def from_mapping(cls, body: object, catalogue: Catalogue | None = None) -> Question:
        """The question in canonical form. Raises `QuestionRefused`."""
        if not isinstance(body, Mapping):
            raise QuestionRefused([Fault("question", "not_a_mapping", "a mapping is expected")])
        try:
            question = cls.model_validate(body)
        except ValidationError as error:
            raise QuestionRefused(_faults(error)) from None
        return question.model_copy(update=checked(question, catalogue or shipped_catalogue()))

    @classmethod
    def from_yaml(cls, text: str, catalogue: Catalogue | None = None) -> Question:
        """The question of a YAML 1.2 text. Raises `QuestionRefused`."""
        _require_short(text)
        try:
            return cls.from_mapping(read_yaml(text), catalogue)
        except YamlFaulty as error:
            raise QuestionRefused([Fault("question", "not_yaml", str(error))]) from None

    @classmethod
    def from_json(cls, text: str | bytes, catalogue: Catalogue | None = None) -> Question:
        """The question of a JSON text. Raises `QuestionRefused`."""
        _require_short(text)
        try:
            body = json.loads(text, object_pairs_hook=_keys_once)
        except (ValueError, RecursionError):
            fault = Fault("question", "not_json", "not valid JSON, or a key stands twice")
            raise QuestionRefused([fault]) from None
        return cls.from_mapping(body, catalogue)

    @property
    def quarters(self) -> Period | None:
        """The period as quarter numbers; None where the whole vintage is asked."""
        return None if self.period is None else Period.of_months(self.period.from_, self.period.to)

    def cohort_in(self, catalogue: Catalogue) -> Cohort:
        """The cohort's definition. Raises `QuestionRefused` where that catalogue has no such version."""
        found = catalogue.cohort(self.cohort)
        if found is None:
            raise QuestionRefused([Fault("cohort", "unknown_cohort", "not in this catalogue")])
        return found

    def categories(self, dimension: str, catalogue: Catalogue) -> tuple[str, ...]:
        """The categories the answer has for a dimension of `by`, in order, whether or not anybody is in them."""
        level = self.by[dimension]
        calendar = catalogue.dimensions[dimension].levels[level].calendar
        if calendar is not None and self.quarters is not None:
            return self.quarters.labels(calendar)
        registered = catalogue.categories(dimension, level)
        return tuple(c for c in registered if c in self.where.get(dimension, registered))

    def cell_count(self, catalogue: Catalogue) -> int:
        """How many cells one measure of the answer has."""
        count = 1
        for dimension in self.by:
            count *= len(self.categories(dimension, catalogue))
        return count

    def canonical(self) -> dict[str, Any]:
        """The canonical form: the same for every way of writing the same question."""
        body: dict[str, Any] = {
            "purpose": self.purpose,
            "cohort": self.cohort,
            "unit": self.unit,
            "measures": list(self.measures),
            "by": dict(self.by),
        }
        if self.period is not None:
            body["period"] = {"from": self.period.from_, "to": self.period.to}
        if self.where:
            body["where"] = {name: list(chosen) for name, chosen in self.where.items()}
        return body

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical form as canonical JSON (RFC 8785)."""
        return hashlib.sha256(rfc8785.dumps(self.canonical())).hexdigest()

    @property
    def asked(self) -> str:
        """The digest of what is asked, whatever it is asked for: purposes see one another's figures."""
        body = {name: said for name, said in self.canonical().items() if name != "purpose"}
        return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def _faults(error: ValidationError) -> list[Fault]:
    """Pydantic's errors in our words: the place, the rule, the keys there are; not what was given."""
    faults = []
    for entry in error.errors(include_input=False, include_url=False, include_context=False):
        key = ".".join(str(part) for part in entry["loc"])
        rule = _RULES.get(entry["type"], "wrong_form")
        inside_period = len(entry["loc"]) > 1 and entry["loc"][0] == "period"
        keys = ("from", "to", "step") if inside_period else tuple(Question.model_fields)
        offered = keys if rule == "unknown_key" else ()
        message = "no such key." if offered else entry["msg"]
        faults.append(Fault(key, rule, message, offered))
    return faults


def _require_short(text: str | bytes) -> None:
    if len(text) > LONGEST_TEXT:
        raise QuestionRefused([Fault("question", "too_long", f"at most {LONGEST_TEXT} characters")])


def _keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError("a key stands twice")
    return body
