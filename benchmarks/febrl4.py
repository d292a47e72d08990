"""FEBRL4 without its ids: ours on tokens, Splink on plain text, clkhash with anonlink on Bloom filters.

In: febrl4a.csv and febrl4b.csv of the test data. Out: F1 over pairs across the two lists. Ours is what `link_records` links at the
threshold that it chooses without labels; the peers are given their best threshold, which nobody without labels would know.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.apart import peak_gb, run_apart
from benchmarks.historical import data_folder

FILES = ("febrl4a.csv", "febrl4b.csv")
SEED = 20_260_401
# An environment of its own: clkhash and anonlink pin other libraries than ours. `make bench-linkage` makes it.
PEER_PYTHON = Path(".anonlink") / "bin" / "python"
Figures = dict[str, float]


def measure() -> dict[str, Any]:
    """Figures of the three; `anonlink` is None where its environment is not made."""
    return {
        "seed": SEED,
        "tokens": run_apart(on_tokens),
        "plain_text": run_apart(on_plain_text),
        "anonlink": _anonlink(),
    }


def lists() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both files as text, nothing for an empty cell, with the true person of each row."""
    one, other = (_list(data_folder() / name) for name in FILES)
    return one, other


def on_tokens() -> Figures:
    """Tokenise and link as an agency's clean lists are."""
    from linkage import LinkageSettings, link_records

    both, began = lists(), time.perf_counter()
    tokens = pl.concat([tokenised(rows, name) for rows, name in zip(both, "ab", strict=True)])
    result = link_records(tokens, LinkageSettings(seed=SEED))
    seconds = time.perf_counter() - began
    who = pl.concat(
        [
            rows.select(
                record=pl.format("{}:{}", pl.lit(name), "row"), list=pl.lit(name), true="person"
            )
            for rows, name in zip(both, "ab", strict=True)
        ]
    )
    found = result.persons.join(who, on="record")
    pairs = found.filter(list="a").join(found.filter(list="b"), on="person")
    return {
        **_quality((pairs["true"] == pairs["true_right"]).sum(), pairs.height, both),
        "link_at": float(result.parameters["link_at"]),
        "seconds": seconds,
        "peak_gb": peak_gb(),
    }


def tokenised(rows: pl.DataFrame, agency: str) -> pl.DataFrame:
    """One list's tokens under a key that both lists share and nobody keeps."""
    from linkage.tokens import LinkageKey, tokenise

    identifiers = rows.select(
        "row",
        pl.lit(None, dtype=pl.Date).alias("seen_on"),
        "surname",
        forename="given_name",
        date_of_birth=pl.col("date_of_birth").str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3"),
        postcode="postcode",
        address=pl.concat_str("street_number", "address_1", separator=" ", ignore_nulls=True),
        other_suburb="suburb",
        other_building="address_2",
        other_street="address_1",
        other_house="street_number",
        other_state="state",
    )
    tokens = tokenise(identifiers, LinkageKey(_KEY), namespace=agency)
    return tokens.with_columns(
        record=pl.format("{}:{}", pl.lit(agency), "row"),
        agency=pl.lit(agency),
        dataset=pl.lit("people"),
        clean_list=pl.lit(value=True),
    ).drop("row")


_KEY = os.urandom(32)


def on_plain_text() -> Figures:
    """Splink's own example for FEBRL4, without the identity number, at its best threshold."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    both, began = lists(), time.perf_counter()
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _BLOCKING],
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1]),
            cl.ExactMatch("suburb").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9]).configure(
                term_frequency_adjustments=True
            ),
            cl.ExactMatch("street_number"),
        ],
    )
    api = DuckDBAPI()
    frames = [
        api.register(rows.rename({"row": "unique_id"}).to_arrow(), table_name=name)
        for rows, name in zip(both, ("one", "other"), strict=True)
    ]
    linker = Linker(frames, settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [
            block_on("given_name", "surname", "date_of_birth"),
            block_on("surname", "postcode", "date_of_birth"),
        ],
        recall=0.6,
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    for rule in (block_on("date_of_birth"), block_on("given_name", "surname")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    made = linker.inference.predict(warning_mode="never").as_pyarrow_table()
    scored = pl.DataFrame(pl.from_arrow(made))
    seconds = time.perf_counter() - began
    return {**_best(scored, both), "seconds": seconds, "peak_gb": peak_gb()}


_BLOCKING = (
    ("given_name", "surname"),
    ("date_of_birth",),
    ("postcode", "surname"),
    ("postcode", "given_name"),
    ("street_number", "address_1"),
    ("suburb", "address_1"),
)


def _list(file: Path) -> pl.DataFrame:
    rows = pl.read_csv(file, infer_schema=False)
    named = rows.rename({column: column.strip() for column in rows.columns})
    cells = named.with_columns(pl.all().str.strip_chars()).with_columns(pl.all().replace("", None))
    return (
        cells.with_row_index("row", 1)
        .with_columns(person=pl.col("rec_id").str.extract(r"rec-(\d+)-").cast(pl.Int64))
        .drop("rec_id", "soc_sec_id")
    )


def _quality(hits: int, found: int, both: tuple[pl.DataFrame, pl.DataFrame]) -> Figures:
    real = both[0].join(both[1], on="person").height
    return {
        "f1": 2 * hits / (found + real),
        "precision": hits / max(found, 1),
        "recall": hits / real,
    }


def _best(scored: pl.DataFrame, both: tuple[pl.DataFrame, pl.DataFrame]) -> Figures:
    """F1 of the best one-to-one answer at any threshold: each record keeps its best partner."""
    one, other = (rows.select("row", "person") for rows in both)
    judged = (
        scored.select("match_weight", a="unique_id_l", b="unique_id_r")
        .join(one, left_on="a", right_on="row")
        .join(other, left_on="b", right_on="row", suffix="_b")
        .sort("match_weight", descending=True)
        .unique("a", keep="first", maintain_order=True)
        .unique("b", keep="first", maintain_order=True)
        .with_columns(
            hits=(pl.col("person") == pl.col("person_b")).cum_sum(),
            found=pl.int_range(1, pl.len() + 1),
        )
    )
    real = both[0].join(both[1], on="person").height
    f1 = 2 * judged["hits"] / (judged["found"] + real)
    at = int(f1.arg_max() or 0)
    return _quality(int(judged["hits"][at]), int(judged["found"][at]), both)


def _anonlink() -> Figures | None:
    if not PEER_PYTHON.exists():
        return None
    peer = Path(__file__).with_name("anonlink_peer.py")
    files = [str(data_folder() / name) for name in FILES]
    done = subprocess.run(
        [str(PEER_PYTHON), "-W", "ignore", str(peer), *files], check=True, capture_output=True
    )
    figures: Figures = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
