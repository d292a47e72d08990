"""Score: pairs of entries with their match weight, and what the scores say of the linkage.

Goes in: profiles and a trained model. Come out: the edges worth linking and sums over all pairs.
Scores live only as long as the run; no token is among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from linkage.controls import false_links, free_share, unrivalled
from linkage.engine import Engine
from linkage.likely import (
    best_profiles,
    histogram_query,
    likely_query,
    no_histogram,
    no_likely_pairs,
)
from linkage.prior import settled
from linkage.settings import LinkageSettings
from linkage.threshold import LEAST, Threshold, choose_threshold, in_bins
from linkage.train import PROFILES, Trained

ENTRY_PAIRS = "entry_pairs"
LIKELY_PAIRS = "likely_pairs"
FREQUENCIES = "frequencies_of_"


@dataclass(frozen=True)
class Scored:
    """What a run keeps of its scores, for as long as it lasts.

    Attributes:
        edges: entry_l, entry_r, match_weight (log2), match_probability, best first; only those at or
            above the threshold.
        compared: entry pairs compared. expected_matches: the sum of their probabilities.
        likely: the pairs near the threshold and above, with the level each field reached (see
            `linkage.likely`). histogram: all pairs by match weight.
        threshold: the one in force and the trade-off it was chosen from.
        trained: the model as it scored, its prior settled.
    """

    edges: pl.DataFrame
    compared: int
    expected_matches: float
    likely: pl.DataFrame = field(default_factory=no_likely_pairs)
    histogram: pl.DataFrame = field(default_factory=no_histogram)
    threshold: Threshold | None = None
    trained: Trained | None = None


def nothing_scored() -> Scored:
    """For records among which no pair can be compared."""
    ends = dict.fromkeys(("entry_l", "entry_r"), pl.UInt32())
    weights = dict.fromkeys(("match_weight", "match_probability"), pl.Float64())
    return Scored(pl.DataFrame(schema={**ends, **weights}), 0, 0.0)


def score(
    engine: Engine, trained: Trained, settings: LinkageSettings, counted: Sequence[str] = ()
) -> Scored:
    """Score all pairs, settle the prior and the threshold, and keep the edges from there on.

    A model that was given is used as it is. `counted`: see `score_pairs`.
    """
    trained = score_pairs(engine, trained, settle=settings.model is None, counted=counted)
    histogram = engine.fetch(histogram_query(ENTRY_PAIRS))
    pairs = _probable(engine, settings.link_at or LEAST)
    if settings.link_at is None:
        threshold = _chosen(engine, trained, histogram, pairs)
    else:
        threshold = choose_threshold(histogram, settings.link_at)
    above = pairs.filter(pl.col("match_probability") >= threshold.link_at)
    return Scored(
        above.drop("list_l", "list_r"),
        int(histogram["pairs"].sum()),
        float(histogram["expected"].sum()),
        best_profiles(engine.fetch(f"SELECT * FROM {LIKELY_PAIRS}")),
        histogram,
        threshold,
        trained,
    )


def _probable(engine: Engine, least: float) -> pl.DataFrame:
    """The entry pairs from a probability on, with the lists of both, best first."""
    listed = f"(SELECT entry, min(list_no) AS list_no FROM {PROFILES} GROUP BY entry)"
    return engine.fetch(
        f"""SELECT entry_l, entry_r, match_weight, match_probability,
                   l.list_no AS list_l, r.list_no AS list_r
            FROM {ENTRY_PAIRS}
            JOIN {listed} AS l ON l.entry = entry_l JOIN {listed} AS r ON r.entry = entry_r
            WHERE match_probability >= {least}
            ORDER BY match_weight DESC, entry_l, entry_r"""
    )


def _chosen(
    engine: Engine, trained: Trained, histogram: pl.DataFrame, pairs: pl.DataFrame
) -> Threshold:
    """The threshold by the pairs that clean lists would let link, and by controls if there are."""
    lists = engine.fetch(
        f"SELECT list_no, count(DISTINCT entry) AS entries FROM {PROFILES} GROUP BY list_no"
    )
    standing = unrivalled(pairs)
    below = histogram.filter(pl.col("bin") < 0)
    binned = pl.concat([below, in_bins(standing)], how="vertical_relaxed")
    false = false_links(engine, trained)
    if false is not None:
        false = false.with_columns(pl.col("false") * free_share(standing, lists))
    return choose_threshold(binned, None, false)


def score_pairs(
    engine: Engine, trained: Trained, *, settle: bool, counted: Sequence[str] = ()
) -> Trained:
    """Score every pair the blocking rules bring together, into the table `entry_pairs`.

    An entry pair (entry_l, entry_r, match_weight, match_probability) takes its best profiles.
    Columns in `counted` have their term frequencies in a table of the engine already, counted over
    more records than are scored.

    Returns:
        The model with the prior that the scores are by: settled by them, or as it was given.
    """
    from splink import Linker

    profiles = engine.registered(PROFILES)
    linker = Linker(profiles, trained.settings, log_level=None, validate_settings=False)
    for column in counted:
        lookup = engine.registered(f"{FREQUENCIES}{column}")
        linker.table_management.register_term_frequency_lookup(lookup, column)
    predictions = linker.inference.predict(warning_mode="never").physical_name
    shift = 0.0
    if settle:
        trained, shift = settled(engine, predictions, trained)
    weighted = f"""(SELECT unique_id_l, unique_id_r, match_weight + {shift} AS match_weight,
        1 / (1 + power(2, -(match_weight + {shift}))) AS match_probability FROM {predictions})"""
    engine.keep(
        ENTRY_PAIRS,
        f"""SELECT least(l.entry, r.entry) AS entry_l, greatest(l.entry, r.entry) AS entry_r,
               max(p.match_weight) AS match_weight, max(p.match_probability) AS match_probability
        FROM {weighted} AS p
        JOIN {PROFILES} AS l ON l.unique_id = p.unique_id_l
        JOIN {PROFILES} AS r ON r.unique_id = p.unique_id_r
        GROUP BY ALL""",
    )
    comparisons = trained.settings["comparisons"]
    engine.keep(LIKELY_PAIRS, likely_query(weighted, PROFILES, comparisons))
    engine.forget()
    return trained


def within_reach(
    engine: Engine, rules: Sequence[str], widest: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split blocking rules into those that compare at most `widest` pairs, and the others."""
    if not rules:
        return (), ()
    # In one query: an engine that plans for a second would otherwise plan for half a minute.
    counted = engine.fetch(" UNION ALL ".join(_pairs(at, rule) for at, rule in enumerate(rules)))
    reach = dict(counted.select("rule", "pairs").iter_rows())
    kept = tuple(rule for at, rule in enumerate(rules) if reach[at] <= widest)
    return kept, tuple(rule for rule in rules if rule not in kept)


def _pairs(number: int, rule: str) -> str:
    equal = [part.split(" = ")[0].removeprefix("l.") for part in rule.split(" AND ")[:-1]]
    present = " AND ".join(f"{column} IS NOT NULL" for column in equal)
    return f"""SELECT {number} AS rule, coalesce(sum(n * (n - 1) / 2), 0) AS pairs FROM (
        SELECT count(*) AS n FROM {PROFILES} WHERE {present} GROUP BY {", ".join(equal)})"""
