"""The prior is settled by the scores: what the model expects is what it says there is."""

import polars as pl
import pytest

from linkage.controls import false_links
from linkage.engine import open_engine
from linkage.prior import bits, settled
from linkage.settings import LinkageSettings
from linkage.train import PRIOR, PROFILES, Trained

MATCHES, OTHERS, PEOPLE = 400, 5000, 1000


@pytest.fixture
def engine():
    with open_engine(LinkageSettings()) as opened:
        opened.load(PROFILES, pl.DataFrame({"unique_id": range(PEOPLE), "list_no": range(PEOPLE)}))
        yield opened


@pytest.mark.parametrize("start", [1e-6, 1e-4, 0.2])
def test_wherever_it_starts_the_prior_comes_to_the_matches_there_are(engine, start):
    # 30 bits of evidence for the matches, 30 against the others.
    factors = [30.0] * MATCHES + [-30.0] * OTHERS
    engine.load("scored", pl.DataFrame({"match_weight": [f + bits(start) for f in factors]}))
    trained, shift = settled(engine, "scored", Trained({PRIOR: start}, ()))
    assert trained.settings[PRIOR] == pytest.approx(MATCHES / (PEOPLE * (PEOPLE - 1) / 2), rel=1e-3)
    assert shift == pytest.approx(bits(trained.settings[PRIOR]) - bits(start))


def test_pairs_of_one_list_are_no_part_of_it(engine):
    lists = [0] * 500 + [1] * 500
    engine.load(PROFILES, pl.DataFrame({"unique_id": range(PEOPLE), "list_no": lists}))
    engine.load("scored", pl.DataFrame({"match_weight": [30.0] * MATCHES}))
    trained, _ = settled(engine, "scored", Trained({PRIOR: 0.5}, ()))
    assert trained.settings[PRIOR] == pytest.approx(MATCHES / 500**2, rel=1e-3)


def test_where_nothing_matches_the_prior_stays_above_none(engine):
    engine.load("scored", pl.DataFrame({"match_weight": [-40.0] * OTHERS}))
    trained, _ = settled(engine, "scored", Trained({PRIOR: 0.01}, ()))
    assert 0 < trained.settings[PRIOR] < 1e-5


def test_without_a_clean_list_there_are_no_controls(engine):
    assert false_links(engine, Trained({}, ())) is None
