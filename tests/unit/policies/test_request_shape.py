"""A request of the wrong shape is an error with the field's name; its words are kept as written."""

from datetime import datetime

import pytest

from policies import Actor, RequestInvalid


@pytest.mark.parametrize(
    "wrong",
    [
        {"measures": "cost"},
        {"measures": ("cost", 3)},
        {"measures": tuple(f"m{n}" for n in range(65))},
        {"dimensions": [("district", "district")]},
        {"dimensions": {"district": None}},
        {"dimensions": {f"d{n}": "x" for n in range(65)}},
        {"day": "2026-11-22"},
        {"day": datetime(2026, 11, 22, 12)},
        {"period_from": 20260401},
        {"dataset": "police.contacts"},
        {"dataset": ("police",)},
        {"purpose": 7},
        {"action": None},
    ],
)
def test_a_field_of_the_wrong_shape_is_named(ask, wrong):
    with pytest.raises(RequestInvalid, match=next(iter(wrong))):
        ask(**wrong)


def test_an_actor_without_text_for_a_role_is_refused():
    with pytest.raises(RequestInvalid, match="role"):
        Actor("a", None, "council")


def test_a_request_keeps_its_own_copy_of_what_it_was_given(ask):
    levels = {"district": "district"}
    request = ask(dimensions=levels)
    levels["district"] = "street"
    assert request.dimensions == {"district": "district"}
    with pytest.raises(TypeError):
        request.dimensions["district"] = "street"


def test_repeated_measures_count_once(ask):
    assert ask(measures=["cost", "families", "cost"]).measures == ("cost", "families")
