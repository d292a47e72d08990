"""The nearest permitted question: narrower, no further away than needed, and decided for real."""

from datetime import date

from policies import Rulebook, decide


def test_a_level_too_fine_becomes_the_finest_agreed_one(rulebook, ask):
    nearest = decide(rulebook, ask(dimensions={"period": "month"})).nearest
    assert nearest.dimensions == {"period": "quarter"}
    assert nearest.measures == ("families", "cost")


def test_of_four_breakdowns_only_one_is_left_out(rulebook, ask):
    asked = {
        "known_to": "combination",
        "district": "district",
        "period": "month",
        "agency": "agency",
    }
    nearest = decide(rulebook, ask(dimensions=asked)).nearest
    assert len(nearest.dimensions) == 3
    assert nearest.dimensions["period"] == "quarter"


def test_two_that_may_not_stand_together_lose_one(rulebook, ask):
    asked = {"issue": "issue", "known_to": "combination", "district": "district"}
    nearest = decide(rulebook, ask(dimensions=asked)).nearest
    assert set(nearest.dimensions) in ({"issue", "district"}, {"known_to", "district"})


def test_unknown_measures_go_and_known_ones_stay(rulebook, ask):
    nearest = decide(rulebook, ask(measures=("gp_visits", "cost", "offence_group"))).nearest
    assert nearest.measures == ("cost",)


def test_persons_become_families_when_that_saves_the_measures(rulebook, ask):
    nearest = decide(
        rulebook, ask(unit="person", cohort="at-risk", measures=("cost_per_family",))
    ).nearest
    assert nearest.unit == "family"
    assert nearest.measures == ("cost_per_family",)


def test_a_start_too_early_moves_to_the_first_day_agreed(rulebook, ask):
    nearest = decide(rulebook, ask(period_from=date(2010, 1, 1))).nearest
    assert nearest.period_from == date(2018, 4, 1)


def test_no_question_is_offered_where_the_reason_lies_outside_the_question(rulebook, ask):
    for differences in (
        {"purpose": "direct-case-work"},
        {"cohort": "one-street"},
        {"optout_age_days": 30},
        {"agencies": ("police", "probation")},
        {"day": date(2030, 1, 1)},
        {"measures": ("gp_visits",)},
    ):
        assert decide(rulebook, ask(**differences)).nearest is None


def test_a_permitted_request_and_an_operation_have_no_nearest(rulebook, ask):
    assert decide(rulebook, ask()).nearest is None
    assert decide(rulebook, ask(action="link")).nearest is None


def test_the_search_can_be_spared(rulebook, ask):
    refused = ask(dimensions={"period": "month"})
    assert decide(rulebook, refused, seek_nearest=False).nearest is None


def test_the_nearest_question_also_keeps_within_the_cells_when_they_are_counted(rulebook, ask):
    sizes = {"district": 7, "county": 1, "quarter": 40, "year": 10, "combination": 20}

    def count_cells(request):
        cells = len(request.measures)
        for level in request.dimensions.values():
            cells *= sizes[level]
        return cells

    asked = ask(dimensions={"district": "district", "period": "quarter"})
    decision = decide(rulebook, asked, count_cells=count_cells)
    assert decision.clauses == ("6.4",)
    assert decision.nearest.cells == count_cells(decision.nearest) <= 500
    assert decide(rulebook, decision.nearest, count_cells=count_cells).permitted


def test_a_table_that_is_too_large_is_never_offered_again_unchanged(rulebook, ask):
    asked = ask(cells=501)
    nearest = decide(rulebook, asked).nearest
    assert (nearest.measures, nearest.dimensions) != (asked.measures, asked.dimensions)


def test_the_nearest_question_satisfies_every_protocol_at_once(shipped, edited, ask):
    def coarser(doc):
        doc["id"] = "isp:exampleshire/second"
        doc["data"]["items"][5]["levels"] = ["county"]
        doc["disclosure"][2]["max_dimensions"] = 1

    both = Rulebook([shipped, edited(coarser)])
    asked = ask(dimensions={"district": "district", "period": "month"})
    nearest = decide(both, asked).nearest
    assert decide(both, nearest).permitted
    assert len(nearest.dimensions) == 1


def test_asking_for_everything_at_once_still_ends_in_an_answer(rulebook, shipped, ask):
    asked = ask(
        measures=tuple(item.item for item in shipped.data.items),
        dimensions={item.item: "month" for item in shipped.data.items},
        unit="person",
    )
    nearest = decide(rulebook, asked).nearest
    assert decide(rulebook, nearest).permitted
    assert len(nearest.dimensions) == 3


def test_a_finer_level_is_never_offered(shipped, edited, ask):
    def only_fine(doc):
        doc["id"] = "isp:exampleshire/second"
        doc["data"]["items"][5]["levels"] = ["district"]

    both = Rulebook([shipped, edited(only_fine)])
    nearest = decide(both, ask(dimensions={"district": "county", "period": "year"})).nearest
    assert nearest.dimensions == {"period": "year"}
