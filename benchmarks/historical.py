"""Historical persons: linkage on tokens against Splink's published model on plain names.

Reads historical_persons.parquet from GATEWAY_TEST_DATA (default ../shared/data). Both run in this
call, on the same records, each in a process of its own so that peak memory can be compared.
`measure()` returns the figures, `main()` prints them (`--json` for machines).
"""

import argparse
import json
import logging
import multiprocessing
import os
import resource
import time
from pathlib import Path
from typing import Any

import polars as pl

FILE = "historical_persons.parquet"
LINK_AT = 0.95
SEED = 20_260_401
FIGURES = (
    ("pair_f1_best", "pair F1, best threshold"),
    ("pair_f1", f"pair F1 at p >= {LINK_AT}"),
    ("recall_at_precision_99", "recall at precision 0.99"),
    ("cluster_f1", f"cluster F1 at p >= {LINK_AT}"),
    ("seconds", "seconds"),
    ("peak_mb", "peak memory, MB"),
)


def data_folder() -> Path:
    """Where the shared data files are."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("GATEWAY_TEST_DATA", default))


def measure() -> dict[str, Any]:
    """Figures of both models and their ratios, tokens over plain text."""
    tokens, plain = _apart(_tokens), _apart(_plain_text)
    ratios = {
        "time": tokens["seconds"] / plain["seconds"],
        "memory": tokens["peak_mb"] / plain["peak_mb"],
    }
    return {"records": _records().height, "tokens": tokens, "plain_text": plain, "ratios": ratios}


def _apart(run: Any) -> dict[str, float]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        result: dict[str, float] = pool.apply(_watched, (run,))
    return result


def _watched(run: Any) -> dict[str, float]:
    started = time.perf_counter()
    figures: dict[str, float] = run()
    figures["seconds"] = time.perf_counter() - started - figures.pop("judging_seconds")
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def _records() -> pl.DataFrame:
    numbered = pl.read_parquet(data_folder() / FILE).with_row_index("row")
    return numbered.with_columns(pl.col("row").cast(pl.UInt32))


def _tokens() -> dict[str, float]:
    """Tokenise, then collapse, train and score as `link_records` does."""
    from linkage import LinkageSettings
    from linkage.engine import open_engine
    from linkage.model import model_for
    from linkage.profiles import collapse
    from linkage.score import ENTRY_PAIRS, score_pairs
    from linkage.train import PROFILES, train

    records, settings = _records(), LinkageSettings(link_at=LINK_AT, seed=SEED)
    profiles = collapse(tokenised(records))
    with open_engine(settings) as engine:
        engine.load(PROFILES, profiles.frame)
        trained = train(engine, model_for(profiles.frame.columns), settings)
        score_pairs(engine, trained)
        pairs = engine.fetch(f"SELECT entry_l, entry_r, match_weight AS w FROM {ENTRY_PAIRS}")
    members = profiles.members.select("entry", row=pl.col("record").cast(pl.UInt32))
    left, right = members.rename({"row": "l"}), members.rename({"row": "r"})
    scored = (
        pairs.join(left, left_on="entry_l", right_on="entry")
        .join(right, left_on="entry_r", right_on="entry")
        .select("l", "r", "w")
    )
    alike = left.join(right, on="entry").filter(pl.col("l") < pl.col("r"))
    certain = alike.select("l", "r", w=pl.lit(1e3))
    return _judged(records, pl.concat([scored, certain]))


def tokenised(records: pl.DataFrame) -> pl.DataFrame:
    """The records as one agency's tokens, under a key that is thrown away."""
    from linkage.tokens import LinkageKey, tokenise

    identifiers = records.select(
        "row",
        pl.lit(None, dtype=pl.Date).alias("seen_on"),
        forename="first_name",
        surname="surname",
        date_of_birth="dob",
        sex="gender",
        postcode="postcode_fake",
        other_birth_place="birth_place",
        other_occupation="occupation",
    )
    tokens = tokenise(identifiers, LinkageKey(os.urandom(32)), namespace="archive")
    return tokens.drop("row").with_columns(
        record=records["row"].cast(pl.String),
        agency=pl.lit("archive"),
        dataset=pl.lit("persons"),
        clean_list=pl.lit(value=False),
    )


def _plain_text() -> dict[str, float]:
    """Splink's example 'Linking a dataset of real historical persons', settings as published."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    records = _records()
    named = records.drop("unique_id").rename({"row": "unique_id"})
    whole_name = pl.col("first_name") + " " + pl.col("surname")
    named = named.with_columns(first_name_surname_concat=whole_name)
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _PUBLISHED_BLOCKING],
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name",
                "surname",
                forename_surname_concat_col_name="first_name_surname_concat",
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
    )
    logging.getLogger("splink").setLevel(logging.ERROR)
    linker = Linker(DuckDBAPI().register(named.to_arrow()), settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on(*rule) for rule in _PUBLISHED_STRICT], recall=0.6
    )
    training.estimate_u_using_random_sampling(max_pairs=1e7, seed=SEED)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    predictions = linker.inference.predict(warning_mode="never").as_pyarrow_table()
    scored = pl.DataFrame(pl.from_arrow(predictions)).select(
        l="unique_id_l", r="unique_id_r", w="match_weight"
    )
    return _judged(records, scored)


_PUBLISHED_BLOCKING = (
    ("substr(first_name,1,3)", "substr(surname,1,4)"),
    ("surname", "dob"),
    ("first_name", "dob"),
    ("postcode_fake", "first_name"),
    ("postcode_fake", "surname"),
    ("dob", "birth_place"),
    ("substr(postcode_fake,1,3)", "dob"),
    ("substr(postcode_fake,1,3)", "first_name"),
    ("substr(postcode_fake,1,3)", "surname"),
    ("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
)
_PUBLISHED_STRICT = (
    ("first_name", "surname", "dob"),
    ("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
    ("dob", "postcode_fake"),
)


def _judged(records: pl.DataFrame, scored: pl.DataFrame) -> dict[str, float]:
    """Quality over record pairs at every threshold, and of connected components at `LINK_AT`."""
    import math

    from linkage.components import components
    from linkage.evaluate import pair_quality

    started = time.perf_counter()
    truth = records.select("row", "cluster")
    sizes = truth.group_by("cluster").len()["len"].cast(pl.Int64)
    real = int((sizes * (sizes - 1) // 2).sum())
    judged = (
        scored.join(truth.rename({"cluster": "cl"}), left_on="l", right_on="row")
        .join(truth.rename({"cluster": "cr"}), left_on="r", right_on="row")
        .sort("w", descending=True)
        .select("w", hit=(pl.col("cl") == pl.col("cr")).cast(pl.Int64).cum_sum())
        .with_columns(found=pl.int_range(1, pl.len() + 1))
        .with_columns(
            f1=2 * pl.col("hit") / (pl.col("found") + real),
            precision=pl.col("hit") / pl.col("found"),
            recall=pl.col("hit") / real,
        )
    )
    weight = math.log2(LINK_AT / (1 - LINK_AT))
    linked = judged.filter(pl.col("w") >= weight)
    grouped = components(truth["row"], scored.filter(pl.col("w") >= weight).select("l", "r"))
    found = grouped.rename({"node": "row", "component": "cluster"})
    clusters = pair_quality(found, truth, item="row", group="cluster")
    return {
        "pair_f1_best": float(judged["f1"].max()),  # type: ignore[arg-type]
        "pair_f1": float(linked["f1"][-1]),
        "recall_at_precision_99": float(
            judged.filter(pl.col("precision") >= 0.99)["recall"].max()  # type: ignore[arg-type]
        ),
        "cluster_f1": clusters.f1,
        "judging_seconds": time.perf_counter() - started,
    }


def main() -> None:
    """Print the figures as a table, or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    figures = measure()
    if asked.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{figures['records']:,} records{'':>18} tokens  plain text")
    for name, title in FIGURES:
        tokens, plain = figures["tokens"][name], figures["plain_text"][name]
        digits = 3 if plain < 1 else 1
        print(f"{title:<32}{tokens:>8.{digits}f}{plain:>12.{digits}f}")


if __name__ == "__main__":
    main()
