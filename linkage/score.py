"""Score: pairs of entries with their match weight, and what the scores say of the linkage.

Goes in: profiles and a trained model. Come out: the edges worth linking and sums over all pairs.
Scores live only as long as the run; no token is among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from linkage.engine import Engine
from linkage.likely import (
    best_profiles,
    histogram_query,
    likely_query,
    no_histogram,
    no_likely_pairs,
)
from linkage.settings import LinkageSettings
from linkage.train import PROFILES, Trained

ENTRY_PAIRS = "entry_pairs"
LIKELY_PAIRS = "likely_pairs"


@dataclass(frozen=True)
class Scored:
    """`edges`: entry_l, entry_r, match_weight (log2), best first; only those at or above the
    threshold. `compared` counts entry pairs; `expected_matches` sums their probabilities. `likely`
    and `histogram` are as `linkage.likely` makes them.
    """

    edges: pl.DataFrame
    compared: int
    expected_matches: float
    likely: pl.DataFrame = field(default_factory=no_likely_pairs)
    histogram: pl.DataFrame = field(default_factory=no_histogram)


def nothing_scored() -> Scored:
    """For records among which no pair can be compared."""
    ends = dict.fromkeys(("entry_l", "entry_r"), pl.UInt32())
    weights = dict.fromkeys(("match_weight", "match_probability"), pl.Float64())
    return Scored(pl.DataFrame(schema={**ends, **weights}), 0, 0.0)


def score_pairs(engine: Engine, trained: Trained) -> None:
    """Score every pair the blocking rules bring together, into the table `entry_pairs`.

    An entry pair (entry_l, entry_r, match_weight, match_probability) takes its best profiles.
    """
    from splink import Linker

    profiles = engine.registered(PROFILES)
    linker = Linker(profiles, trained.settings, log_level=None, validate_settings=False)
    predictions = linker.inference.predict(warning_mode="never")
    engine.keep(
        ENTRY_PAIRS,
        f"""SELECT least(l.entry, r.entry) AS entry_l, greatest(l.entry, r.entry) AS entry_r,
               max(p.match_weight) AS match_weight, max(p.match_probability) AS match_probability
        FROM {predictions.physical_name} AS p
        JOIN {PROFILES} AS l ON l.unique_id = p.unique_id_l
        JOIN {PROFILES} AS r ON r.unique_id = p.unique_id_r
        GROUP BY ALL""",
    )
    comparisons = trained.settings["comparisons"]
    engine.keep(LIKELY_PAIRS, likely_query(predictions.physical_name, PROFILES, comparisons))


def score(engine: Engine, trained: Trained, settings: LinkageSettings) -> Scored:
    """Score all pairs and keep the edges at or above the threshold."""
    score_pairs(engine, trained)
    edges = engine.fetch(
        f"""SELECT entry_l, entry_r, match_weight, match_probability FROM {ENTRY_PAIRS}
            WHERE match_probability >= {settings.link_at}
            ORDER BY match_weight DESC, entry_l, entry_r""",
    )
    sums = engine.fetch(
        f"""SELECT count(*) AS pairs, coalesce(sum(match_probability), 0) AS expected
            FROM {ENTRY_PAIRS}""",
    )
    return Scored(
        edges,
        int(sums["pairs"][0]),
        float(sums["expected"][0]),
        best_profiles(engine.fetch(f"SELECT * FROM {LIKELY_PAIRS}")),
        engine.fetch(histogram_query(ENTRY_PAIRS)),
    )


def within_reach(
    engine: Engine, rules: Sequence[str], widest: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split blocking rules into those that compare at most `widest` pairs, and the others."""
    reach = {rule: _pairs(engine, rule) for rule in rules}
    kept = tuple(rule for rule in rules if reach[rule] <= widest)
    return kept, tuple(rule for rule in rules if reach[rule] > widest)


def _pairs(engine: Engine, rule: str) -> int:
    equal = [part.split(" = ")[0].removeprefix("l.") for part in rule.split(" AND ")[:-1]]
    present = " AND ".join(f"{column} IS NOT NULL" for column in equal)
    counted = engine.fetch(
        f"""SELECT coalesce(sum(n * (n - 1) / 2), 0) AS pairs FROM (
            SELECT count(*) AS n FROM {PROFILES} WHERE {present} GROUP BY {", ".join(equal)})""",
    )
    return int(counted["pairs"][0])
