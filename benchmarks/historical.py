"""Historical persons: linkage on tokens against two plaintext models of Splink.

Reads historical_persons.parquet from GATEWAY_TEST_DATA (default ../shared/data). Ours, Splink's published model and a
tuned one with our blocking run in this call, on all persons and on the half that levels and rules were not chosen on
(split by person, seeded; record 0014 says what was compared on all of them), each in a process of its own.
"""

import argparse
import json
import logging
import math
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from benchmarks.apart import peak_gb, run_apart

FILE = "historical_persons.parquet"
SEED = 20_260_401
WHOLE, HELD_OUT = "whole", "held out"
# Peers have no way to choose a threshold without truth; this is what linkers are told to begin with.
PEERS_LINK_AT = 0.95
THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
QUALITY = (
    ("pair_f1_best", "pair F1, best threshold by truth"),
    ("pair_f1", "pair F1, threshold without truth"),
    ("recall_at_precision_99", "recall at precision 0.99"),
    ("cluster_f1", "cluster F1, threshold without truth"),
    ("cluster_f1_best", "cluster F1, best threshold by truth"),
)
FIGURES = (
    *QUALITY,
    ("link_at", "threshold"),
    ("seconds", "seconds"),
    ("peak_mb", "peak memory, MB"),
)


class Linked(NamedTuple):
    """What a model makes of records.

    `pairs`: l, r (rows), w (match weight). `link_at`: its threshold. `persons`: row, cluster, where it
    makes them itself; otherwise they are connected components.
    """

    pairs: pl.DataFrame
    link_at: float
    persons: pl.DataFrame | None = None


def data_folder() -> Path:
    """Where the shared data files are."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("GATEWAY_TEST_DATA", default))


def measure() -> dict[str, Any]:
    """Figures of the three models on all persons and on the held-out half; time and memory as ratios."""
    parts = {
        part: {
            model: run_apart(_watched, model, part) for model in ("tokens", "plain_text", "tuned")
        }
        for part in (WHOLE, HELD_OUT)
    }
    tokens, plain = parts[WHOLE]["tokens"], parts[WHOLE]["plain_text"]
    return {
        "records": records_of(WHOLE).height,
        "seed": SEED,
        **parts[WHOLE],
        "held_out": {"records": records_of(HELD_OUT).height, **parts[HELD_OUT]},
        "ratios": {
            "time": tokens["seconds"] / plain["seconds"],
            "memory": tokens["peak_mb"] / plain["peak_mb"],
        },
    }


def _watched(model: str, part: str) -> dict[str, float]:
    from benchmarks import historical_peers

    logging.getLogger("splink").setLevel(logging.ERROR)
    models = {
        "tokens": on_tokens,
        "plain_text": historical_peers.published,
        "tuned": historical_peers.tuned,
    }
    records, started = records_of(part), time.perf_counter()
    linked = models[model](records)
    spent = {"seconds": time.perf_counter() - started, "peak_mb": peak_gb() * 1000}
    return {**judged(records, linked), "link_at": linked.link_at, **spent}


def records_of(part: str) -> pl.DataFrame:
    """The records of all persons, or of the half that levels were not chosen on; `row` counts them all."""
    numbered = pl.read_parquet(data_folder() / FILE).with_row_index("row")
    records = numbered.with_columns(pl.col("row").cast(pl.UInt32))
    if part == WHOLE:
        return records
    people = records["cluster"].unique().sort().sample(fraction=1.0, shuffle=True, seed=SEED)
    held_out = people.tail(len(people) - len(people) // 2)
    return records.filter(pl.col("cluster").is_in(held_out.implode()))


def on_tokens(records: pl.DataFrame) -> Linked:
    """Tokenise, then collapse, train, score and cluster as `link_records` does."""
    from linkage import LinkageSettings
    from linkage.cluster import cluster
    from linkage.engine import open_engine
    from linkage.oversized import within_cap
    from linkage.score import ENTRY_PAIRS, score
    from linkage.train import PROFILES, train

    settings = LinkageSettings(seed=SEED)
    profiles, model = blocked(records)
    with open_engine(settings) as engine:
        engine.load(PROFILES, profiles.frame)
        scored = score(engine, train(engine, model, settings), settings)
        pairs = engine.fetch(f"SELECT entry_l, entry_r, match_weight AS w FROM {ENTRY_PAIRS}")
    sized = within_cap(cluster(scored.edges, profiles.lists), settings.largest_person)
    rows = profiles.members.select("entry", row=pl.col("record").cast(pl.UInt32))
    persons = rows.join(sized.clusters.entries, on="entry").select("row", "cluster")
    if scored.threshold is None:
        raise RuntimeError("Nothing was scored")
    return Linked(of_rows(pairs, rows), scored.threshold.link_at, persons)


def blocked(records: pl.DataFrame) -> tuple[Any, Any]:
    """Profiles of the records' tokens, and the model that says which of them to compare."""
    from linkage.crowds import heeding_marks
    from linkage.model import model_for
    from linkage.profiles import collapse
    from linkage.told import told_once

    profiles = collapse(told_once(tokenised(records)))
    columns = profiles.frame.columns
    return profiles, heeding_marks(model_for(columns), columns)


def of_rows(pairs: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Pairs of entries as pairs of rows; rows of one entry are certain.

    Args:
        pairs: entry_l, entry_r, w. rows: entry, row.
    """
    left, right = rows.rename({"row": "l"}), rows.rename({"row": "r"})
    scored = (
        pairs.join(left, left_on="entry_l", right_on="entry")
        .join(right, left_on="entry_r", right_on="entry")
        .select("l", "r", "w")
    )
    alike = left.join(right, on="entry").filter(pl.col("l") < pl.col("r"))
    return pl.concat([scored, alike.select("l", "r", w=pl.lit(1e3))])


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


def judged(records: pl.DataFrame, linked: Linked) -> dict[str, float]:
    """Quality over record pairs at every threshold, and of persons."""
    truth = records.select("row", "cluster")
    sizes = truth.group_by("cluster").len()["len"].cast(pl.Int64)
    real = int((sizes * (sizes - 1) // 2).sum())
    curve = (
        linked.pairs.join(truth.rename({"cluster": "cl"}), left_on="l", right_on="row")
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
    by_threshold = [_components_f1(truth, linked.pairs, threshold) for threshold in THRESHOLDS]
    own = None if linked.persons is None else _cluster_f1(linked.persons, truth)
    return {
        "pair_f1_best": float(curve["f1"].max()),  # type: ignore[arg-type]
        "pair_f1": float(curve.filter(pl.col("w") >= _weight(linked.link_at))["f1"][-1]),
        "recall_at_precision_99": float(
            curve.filter(pl.col("precision") >= 0.99)["recall"].max()  # type: ignore[arg-type]
        ),
        "cluster_f1": own or _components_f1(truth, linked.pairs, linked.link_at),
        "cluster_f1_best": own or max(by_threshold),
    }


def _weight(probability: float) -> float:
    return math.log2(probability / (1 - probability))


def _components_f1(truth: pl.DataFrame, pairs: pl.DataFrame, threshold: float) -> float:
    from linkage.components import components

    found = components(
        truth["row"], pairs.filter(pl.col("w") >= _weight(threshold)).select("l", "r")
    )
    return _cluster_f1(found.rename({"node": "row", "component": "cluster"}), truth)


def _cluster_f1(found: pl.DataFrame, truth: pl.DataFrame) -> float:
    from linkage.evaluate import pair_quality

    return pair_quality(found, truth, item="row", group="cluster").f1


def main() -> None:
    """Print the figures as a table, or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    figures = measure()
    if asked.json:
        print(json.dumps(figures, indent=2))
        return
    for part in (figures, figures["held_out"]):
        print(f"{part['records']:,} records{'':>26} tokens   published       tuned")
        for name, title in FIGURES:
            row = [part[model][name] for model in ("tokens", "plain_text", "tuned")]
            digits = 3 if max(row) <= 1 else 1
            print(f"{title:<38}" + "".join(f"{figure:>12.{digits}f}" for figure in row))


if __name__ == "__main__":
    main()
