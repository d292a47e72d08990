"""What every method of disclosure control promises. The same call for all; only the terms differ."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.disclosure import ProtectedTable, Rules, Unprotectable
from gateway.disclosure.methods import ExactRules, PrivacyRules, Terms, method_name, protect_by
from tests.spec.method_tables import KEY, TABLE, Purse, exact

title = "A method keeps its promise, and says in words what it did"

TERMS: dict[str, Callable[[], Terms]] = {
    "keyed_noise": Rules,
    "suppression": ExactRules,
    "differential_privacy": lambda: PrivacyRules(epsilon=1.0),
}


@pytest.mark.parametrize("method", TERMS)
def test_one_call_for_every_method_and_the_table_names_it(method: str) -> None:
    terms = TERMS[method]()
    spend = Purse(terms) if isinstance(terms, PrivacyRules) else None
    released = protect_by(exact(TABLE), terms, KEY, spend=spend)
    assert released.rules["method"] == method == method_name(terms)
    said = str(released.rules["explained"])
    assert "10" in said
    assert 1 <= said.count(". ") + 1 <= 3
    assert ProtectedTable.from_dict(released.to_dict()).rules["explained"] == said


SAYS = {
    "keyed_noise": ("standard deviation 2, at most 5", "rounded to 5", "10% to 20%", "£500"),
    "suppression": ("one published table", "are exact", "10% to 20%", "no other table"),
    "differential_privacy": ("scale 10", "one of 10 tables", "epsilon 1 ", "family as its unit"),
}


@pytest.mark.parametrize("method", TERMS)
def test_the_words_carry_the_numbers(method: str) -> None:
    terms = TERMS[method]()
    spend = Purse(terms) if isinstance(terms, PrivacyRules) else None
    said = str(protect_by(exact(TABLE), terms, KEY, spend=spend).rules["explained"])
    assert [part for part in SAYS[method] if part not in said] == []


@pytest.mark.parametrize("terms", [None, "suppression", {"min_cell": 10}, object()])
def test_terms_of_no_method_protect_nothing(terms: object) -> None:
    with pytest.raises(Unprotectable) as caught:
        protect_by(exact(TABLE), terms, KEY)  # type: ignore[arg-type]
    assert caught.value.rule == "unknown_method"


BAD = [
    *((ExactRules, "min_cell", value) for value in (9, 0, float("nan"), True, "10", None)),
    *((ExactRules, "rounding", value) for value in (0, -5, float("nan"), [5])),
    *((ExactRules, "cost_rounding_gbp", value) for value in (0, None)),
    *((ExactRules, "max_dimensions", value) for value in (4, -1, None)),
    *((ExactRules, "max_cells", value) for value in (0, 10**6)),
    *((PrivacyRules, "epsilon", v) for v in (0, -1, 3.01, float("nan"), float("inf"), True, "1")),
    *((PrivacyRules, "delta", v) for v in (-1e-9, 1e-3, float("nan"), 1e-30, None)),
    *((PrivacyRules, "tables", v) for v in (0, 1.5, True, 10**6)),
    *((PrivacyRules, "min_cell", v) for v in (5, float("nan"))),
]


@pytest.mark.parametrize(("kind", "name", "value"), BAD)
def test_a_term_outside_its_limits_is_refused_by_name(kind: type, name: str, value: object) -> None:
    given = {"epsilon": 1.0, name: value} if kind is PrivacyRules else {name: value}
    with pytest.raises(Unprotectable) as caught:
        kind(**given)
    assert name in caught.value.place
