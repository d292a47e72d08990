"""Codes stand for tokens: equal exactly where they were, smaller, and meaning nothing elsewhere."""

import polars as pl

from linkage.codes import with_codes

TOKENS = pl.DataFrame(
    {
        "entry": [1, 2, 3],
        "forename_exact": [2**63, None, 77],
        "surname_exact": [77, 2**63, 5],
        "surname_near": [[2**63], None, [5]],
        "postcode_exact": [77, 77, None],
    },
    schema={
        "entry": pl.UInt32,
        "forename_exact": pl.UInt64,
        "surname_exact": pl.UInt64,
        "surname_near": pl.List(pl.UInt64),
        "postcode_exact": pl.UInt64,
    },
)


def test_tokens_become_small_numbers_and_all_else_stays():
    (coded,) = with_codes([TOKENS])
    assert coded.columns == TOKENS.columns
    assert {coded.schema[c] for c in ("forename_exact", "postcode_exact")} == {pl.UInt32()}
    assert coded.select("entry", "surname_near").equals(TOKENS.select("entry", "surname_near"))


def test_a_name_has_one_code_as_forename_and_as_surname():
    (coded,) = with_codes([TOKENS])
    assert coded["forename_exact"][0] == coded["surname_exact"][1]
    assert coded["forename_exact"][2] == coded["surname_exact"][0]
    assert coded["forename_exact"].n_unique() == coded["surname_exact"].n_unique() == 3


def test_a_name_has_one_code_in_two_frames_as_well():
    forenames, surnames = TOKENS.select("forename_exact"), TOKENS.select("surname_exact")
    coded = with_codes([forenames, surnames.tail(2)])
    assert coded[0]["forename_exact"][0] == coded[1]["surname_exact"][0]
    assert coded[0]["forename_exact"][2] != coded[1]["surname_exact"][1]


def test_what_is_not_known_stays_unknown():
    (coded,) = with_codes([TOKENS])
    assert coded["forename_exact"][1] is None
    assert coded["postcode_exact"].to_list()[0] == coded["postcode_exact"].to_list()[1]
    assert coded["postcode_exact"][2] is None
