"""County linkage: the synthetic county taken in, tokenised, linked, and compared with its truth.

`measure()` makes a county in memory, runs every extract through intake and tokenisation as an
agency would, links, and returns quality and seconds per step; `main()` prints them.
"""

import argparse
import json
import os
import resource
import time
from typing import Any

import polars as pl


def measure(families: int = 6000, seed: int = 2026) -> dict[str, Any]:
    """Quality of persons and families against the truth, seconds per step, peak memory."""
    from linkage import LinkageSettings, link_records

    started = time.perf_counter()
    tokens, truth, steps = _tokens_and_truth(families, seed)
    linking = time.perf_counter()
    result = link_records(tokens, LinkageSettings())
    steps["link"] = time.perf_counter() - linking
    return {
        "families": families,
        **result.counts,
        **_quality(tokens, truth, result),
        "estimated": {k: v for k, v in result.quality.items() if k.startswith("expected")},
        "seconds": {**steps, "total": time.perf_counter() - started},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _tokens_and_truth(
    families: int, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, float]]:
    from agencies.county import CountyConfig, make_county
    from agencies.intake import take_in
    from agencies.register import load_register
    from linkage.tokens import LinkageKey, tokenise

    started = time.perf_counter()
    county, register = make_county(CountyConfig(families=families, seed=seed)), load_register()
    steps = {"county": time.perf_counter() - started, "intake": 0.0, "tokenise": 0.0}
    key, frames = LinkageKey(os.urandom(32)), []
    for file in county.extracts():
        began = time.perf_counter()
        taken = take_in(file.content, file.filename, register.dataset(file.agency, file.dataset))
        steps["intake"] += time.perf_counter() - began
        began = time.perf_counter()
        tokens = tokenise(taken.identifiers, key, namespace=file.agency)
        steps["tokenise"] += time.perf_counter() - began
        frames.append(
            tokens.with_columns(
                record=_record(file.agency, file.dataset),
                agency=pl.lit(file.agency),
                dataset=pl.lit(file.dataset),
                clean_list=pl.lit(bool(taken.dataset.clean_list)),
            ).drop("row")
        )
    truth = county.truth_rows.select(
        pl.concat_str("agency", pl.lit("."), "dataset", pl.lit(":"), "row").alias("record"),
        pl.col("person", "family").cast(pl.String),
    )
    return pl.concat(frames, how="diagonal"), truth, steps


def _record(agency: str, dataset: str) -> pl.Expr:
    return pl.format(f"{agency}.{dataset}:{{}}", "row")


def _quality(tokens: pl.DataFrame, truth: pl.DataFrame, result: Any) -> dict[str, float]:
    """Persons over registrations (one per person and agency), families over true persons."""
    from linkage.evaluate import cluster_exact_match, pair_quality

    entries = tokens.unique(["agency", "agency_id_exact"]).select("record")
    persons = pair_quality(result.persons.join(entries, on="record"), truth)
    in_family = result.persons.join(result.families, on="person").select("record", "family")
    families = pair_quality(in_family, truth, group="family")
    return {
        "person_pair_precision": persons.precision,
        "person_pair_recall": persons.recall,
        "person_pair_f1": persons.f1,
        "family_pair_f1": families.f1,
        "family_exact_match": cluster_exact_match(in_family, truth, group="family"),
    }


def main() -> None:
    """Print the figures as lines, or as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--families", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    figures = measure(asked.families, asked.seed)
    if asked.json:
        print(json.dumps(figures, indent=2))
        return
    for name, figure in figures.items():
        print(f"{name:<32}{figure}")


if __name__ == "__main__":
    main()
