"""A million persons on each of two lists: tokenised and linked, beside Splink on plain text.

In: nothing. Out: seconds, peak memory and F1 of both on the same records, each in a process of its own. Plain text blocks and compares as
Splink's guide for this size does; ours makes tokens first, and that is counted.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import polars as pl

from benchmarks.apart import peak_gb, run_apart
from benchmarks.persons import SEED, two_lists
from benchmarks.scaling import linked

RECORDS = 2_000_000
LINK_AT = 0.95
Figures = dict[str, Any]


def measure(records: int = RECORDS) -> Figures:
    """Figures of both, and the ratio of their times."""
    ours, plain = run_apart(linked, records), run_apart(on_plain_text, records)
    families = ours["steps_s"]["group"]
    seconds = ours["tokenise_s"] + ours["link_s"] - families
    return {
        "records": records,
        "seed": SEED,
        "tokens": {**ours, "seconds": seconds},
        "plain_text": plain,
        "families_s": families,
        "ratio": seconds / plain["seconds"],
    }


def on_plain_text(records: int) -> Figures:
    """Splink on the identifiers themselves: predicted, clustered."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    from benchmarks.scaling import _f1, _named

    lists = [
        _named(people, name).with_columns(born=pl.col("date_of_birth").cast(pl.String))
        for people, name in zip(two_lists(records), ("one", "other"), strict=True)
    ]
    truth = pl.concat([rows.select("record", "person") for rows in lists])
    plain = [
        rows.select("forename", "surname", "born", "sex", "postcode", unique_id="record")
        for rows in lists
    ]
    logging.getLogger("splink").setLevel(logging.ERROR)
    began = time.perf_counter()
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _BLOCKING],
        comparisons=[
            cl.NameComparison("forename").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("born", input_is_string=True),
            cl.PostcodeComparison("postcode"),
            cl.ExactMatch("sex"),
        ],
    )
    api = DuckDBAPI()
    frames = [api.register(rows.to_arrow(), table_name=f"list_{n}") for n, rows in enumerate(plain)]
    linker = Linker(frames, settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("forename", "surname", "born")], recall=0.8
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    for rule in (block_on("born"), block_on("forename", "surname")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    predictions = linker.inference.predict(threshold_match_probability=LINK_AT)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, LINK_AT)
    found = pl.DataFrame(pl.from_arrow(clusters.as_pyarrow_table()))
    seconds, peak = time.perf_counter() - began, peak_gb()
    persons = found.select(record=pl.col("unique_id"), person="cluster_id")
    return {"seconds": seconds, "peak_gb": peak, "f1": _f1(persons, truth)}


_BLOCKING = (
    ("born", "surname"),
    ("born", "forename"),
    ("postcode", "forename"),
    ("postcode", "surname"),
    ("forename", "surname"),
)


if __name__ == "__main__":
    import json
    import sys

    print(json.dumps(measure(*map(int, sys.argv[1:])), indent=2))
