"""What a clerical review shows of a pair, and what it never shows."""

import json
import re
from dataclasses import fields

import polars as pl
import pytest

from linkage.patterns import FORMS, as_told, common, graded
from linkage.review import CAP, ReviewPair, ReviewSample, draw_review

title = "A review shows how two records agree, never what they say"

LEVELS = {
    "forename": ("exact", "nickname", "one edit", "phonetic", "prefix of 4", "initial", "else"),
    "surname": ("exact", "one edit", "phonetic", "else"),
    "date_of_birth": ("exact", "one digit or transposed", "two of three parts", "year", "else"),
    "sex": ("exact", "else"),
}
SHOWN = """
field         | level                   | shown
forename      | exact                   | exact
forename      | nickname                | near
forename      | one edit                | near
forename      | phonetic                | phonetic
forename      | prefix of 4             | near
forename      | initial                 | different
forename      | else                    | different
surname       | one edit                | near
date_of_birth | one digit or transposed | near
date_of_birth | two of three parts      | near
date_of_birth | year                    | different
sex           | else                    | different
sex           | silent                  | missing
"""
# How many pairs look alike in all, in all but the agencies, but for the sound, and in the main fields; then
# what is shown of one of them.
COARSER = """
alike | with other agencies | with near for sound | with another sex | agencies | sex      | forename
10    | 0                   | 0                   | 0                | named    | told     | phonetic
9     | 1                   | 0                   | 0                | withheld | told     | phonetic
5     | 4                   | 1                   | 0                | withheld | told     | near
5     | 0                   | 0                   | 5                | withheld | withheld | near
5     | 0                   | 4                   | 0                | nothing  |          |
1     | 0                   | 0                   | 0                | nothing  |          |
"""


def lines(table):
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


def pairs(count, first=0, **changes):
    """Pairs of different persons, alike in everything but what is changed."""
    usual = {
        **{f"level_{field}": 0 for field in LEVELS},
        **{"agency_l": "health", "agency_r": "police", "linked": True},
        **{"match_weight": 5.0, "match_probability": 0.97},
    }
    ends = range(first, first + count)
    numbers = {"entry_l": ends, "entry_r": ends, "person_l": ends, "person_r": ends}
    made = pl.DataFrame({name: pl.Series(each, dtype=pl.UInt32) for name, each in numbers.items()})
    return made.with_columns(
        pl.lit(value, dtype=pl.Int8 if name.startswith("level_") else None).alias(name)
        for name, value in {**usual, **changes}.items()
    )


@pytest.mark.parametrize(("field", "level", "shown"), lines(SHOWN))
def test_a_level_is_shown_as_one_of_five_words(field, level, shown):
    place = -1 if level == "silent" else LEVELS[field].index(level)
    told = graded(pairs(1, **{f"level_{field}": place}), LEVELS)
    assert told[f"grade_{field}"].to_list() == [shown]


@pytest.mark.parametrize(
    ("alike", "agencies", "sounds", "sexes", "named", "sex", "forename"), lines(COARSER)
)
def test_a_pattern_of_fewer_than_ten_persons_is_told_more_coarsely_or_not(
    alike, agencies, sounds, sexes, named, sex, forename
):
    sound = {"level_forename": 3}
    told = common(
        graded(
            pl.concat(
                [
                    pairs(int(alike), **sound),
                    pairs(int(agencies), 100, **sound, agency_l="dwp"),
                    pairs(int(sounds), 200, level_forename=2, agency_l="council"),
                    pairs(int(sexes), 300, **sound, level_sex=1, agency_l="schools"),
                ]
            ),
            LEVELS,
        )
    ).row(0, named=True)
    if named == "nothing":
        assert told["form"] is None
        return
    shown_agencies, shown = as_told(told)
    assert shown_agencies == (("health", "police") if named == "named" else None)
    assert shown["sex"] == ("withheld" if sex == "withheld" else "exact")
    assert shown["forename"] == forename


def test_many_pairs_of_few_persons_are_still_few():
    crowd = pairs(60).with_columns(person_l=pl.lit(7, dtype=pl.UInt32))
    assert common(graded(crowd, LEVELS))["form"].null_count() == 60


def test_what_is_shown_holds_a_number_a_band_agencies_and_words_and_nothing_else():
    sample = draw_review(many(), LEVELS, link_at=0.95, seed=1)
    for pair in sample.shown():
        assert pair.keys() == {"number", "band", "agencies", "fields"}
        assert pair["fields"].keys() == LEVELS.keys()
        assert set(pair["fields"].values()) <= {
            *("exact", "near", "phonetic", "different", "missing", "withheld")
        }
    assert {field.name for field in fields(ReviewPair)} == {
        "number",
        "stratum",
        "agencies",
        "fields",
    }


def many():
    """Pairs in every band, linked and not; their entries have numbers that would be noticed."""
    frames = []
    for place, (chance, linked) in enumerate(
        [(0.3, False), (0.7, False), (0.93, False), (0.97, True), (0.995, True), (0.9999, True)]
    ):
        first = 7_000_000 + 1000 * place
        frames.append(pairs(400, first, match_probability=chance, linked=linked))
    return pl.concat(frames)


def test_nothing_that_is_kept_of_a_sample_can_be_joined_to_a_record():
    kept = json.dumps(draw_review(many(), LEVELS, link_at=0.95, seed=1).to_dict())
    assert not re.search(r"7\d{6}", kept)
    assert not {"entry", "person", "record", "token"} & set(re.findall(r"[a-z]+", kept))


def test_a_sample_is_capped_repeats_itself_and_reaches_every_band_on_both_sides():
    sample, again = (draw_review(many(), LEVELS, link_at=0.95, seed=1) for _ in range(2))
    assert sample == again
    assert len(sample.pairs) == CAP
    asked = [sum(pair.stratum == place for pair in sample.pairs) for place in range(6)]
    assert min(asked) >= 15
    assert sample != draw_review(many(), LEVELS, link_at=0.95, seed=2)


def test_the_number_of_a_pair_does_not_tell_whether_it_was_linked():
    sample = draw_review(many(), LEVELS, link_at=0.95, seed=1)
    first = sample.pairs[: CAP // 2]
    share = sum(sample.strata[pair.stratum].linked for pair in first) / len(first)
    whole = sum(sample.strata[pair.stratum].linked for pair in sample.pairs) / CAP
    assert abs(share - whole) < 0.15


def test_sizes_of_strata_are_to_ten():
    sample = draw_review(many().head(1203), LEVELS, link_at=0.95, seed=1)
    assert all(stratum.pairs % 10 == 0 for stratum in sample.strata)


def test_a_sample_is_read_again_as_it_was_kept():
    sample = draw_review(many(), LEVELS, link_at=0.95, seed=1)
    assert ReviewSample.from_dict(json.loads(json.dumps(sample.to_dict()))) == sample


def test_nothing_is_drawn_where_nothing_is_near():
    far = pairs(100, match_probability=0.05, linked=False)
    assert draw_review(far, LEVELS, link_at=0.95, seed=1).pairs == ()


def test_each_form_tells_no_more_than_the_one_before():
    told = [(f.names_agencies, f.tells_sound, not f.main_fields_only) for f in FORMS]
    assert told == sorted(told, reverse=True)
