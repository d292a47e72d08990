"""Controls: pairs known not to match, scored as if they might, to see how often others look alike.

Goes in: the profiles in the engine and the model. Come out: how many false links each match weight is
likely to hold, and which pairs a clean list leaves standing. Two entries of one clean list are two
persons, however alike: siblings, father and son. Between lists such pairs are as frequent, unmarked.
"""

from typing import Any

import polars as pl

from linkage.cluster import CERTAIN
from linkage.engine import Engine
from linkage.likely import histogram_query
from linkage.model import NOT_ONE_LIST
from linkage.train import PROFILES, Trained

# Profiles whose pairs are looked at; more would cost time and say the same.
_MOST_PROFILES = 100_000
# A control may stand for so many pairs between lists; where it would be more, few say too little.
_MOST_STANDING_FOR = 25.0
_ONE_LIST = "l.list_no = r.list_no AND l.entry <> r.entry"
_CONTROLS = "control_pairs"


def unrivalled(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs neither of whose ends has a better one in the list of the other.

    Entries of a list are numbered one after another, so that of two lists one is always the left.

    Args:
        pairs: entry_l, entry_r, list_l, list_r, match_weight, best first.
    """
    best = [
        pl.int_range(pl.len()).over(entry, rival) == 0
        for entry, rival in (("entry_l", "list_r"), ("entry_r", "list_l"))
    ]
    return pairs.filter(*best)


def free_share(pairs: pl.DataFrame, lists: pl.DataFrame) -> float:
    """The share of all pairs between lists in which nobody has a partner in the other's list.

    A false link to somebody who has one is refused, so only so many false links come about.

    Args:
        pairs: as `unrivalled` leaves them; those at or above `CERTAIN` are partners.
        lists: list_no, entries.
    """
    sizes = dict(lists.select("list_no", "entries").iter_rows())
    total = (sum(sizes.values()) ** 2 - sum(n**2 for n in sizes.values())) / 2
    met = pairs.filter(pl.col("match_probability") >= CERTAIN).select(
        a=pl.min_horizontal("list_l", "list_r"), b=pl.max_horizontal("list_l", "list_r")
    )
    taken = 0.0
    for a, b, partners in met.group_by("a", "b").len().iter_rows():
        taken += sizes[a] * sizes[b] - max(0, sizes[a] - partners) * max(0, sizes[b] - partners)
    return 1 - taken / total if total else 1.0


def false_links(engine: Engine, trained: Trained) -> pl.DataFrame | None:
    """bin, false: pairs between lists that are likely to be false, by match weight.

    None where no clean list, or none long enough, can tell.
    """
    counted = engine.fetch(
        f"""SELECT CAST(sum(n) AS BIGINT) AS profiles, CAST(sum(n * n) AS BIGINT) AS same,
                   CAST(sum(n * (n - 1)) AS BIGINT) AS controls
            FROM (SELECT count(*) AS n FROM {PROFILES} GROUP BY list_no)"""
    )
    profiles, same, controls = (int(counted[name][0] or 0) for name in counted.columns)
    every = -(-profiles // _MOST_PROFILES)
    standing_for = every * (profiles**2 - same) / controls if controls else float("inf")
    if standing_for > _MOST_STANDING_FOR:
        return None
    _score_controls(engine, _controlled(trained.settings, every))
    bins = engine.fetch(histogram_query(_CONTROLS))
    return bins.select("bin", false=pl.col("pairs") * standing_for)


def _controlled(settings: dict[str, Any], every: int) -> dict[str, Any]:
    """The model, to bring together entries of one list: those with every so manieth profile."""
    sampled = f"{_ONE_LIST} AND l.unique_id % {every} = 0"
    rules = [
        {**rule, "blocking_rule": rule["blocking_rule"].replace(NOT_ONE_LIST, sampled)}
        for rule in settings["blocking_rules_to_generate_predictions"]
    ]
    return {**settings, "blocking_rules_to_generate_predictions": rules}


def _score_controls(engine: Engine, settings: dict[str, Any]) -> None:
    from splink import Linker

    profiles = engine.registered(PROFILES)
    linker = Linker(profiles, settings, log_level=None, validate_settings=False)
    predictions = linker.inference.predict(warning_mode="never").physical_name
    engine.keep(
        _CONTROLS,
        f"""SELECT max(p.match_weight) AS match_weight, max(p.match_probability) AS match_probability
        FROM {predictions} AS p
        JOIN {PROFILES} AS l ON l.unique_id = p.unique_id_l
        JOIN {PROFILES} AS r ON r.unique_id = p.unique_id_r
        GROUP BY least(l.entry, r.entry), greatest(l.entry, r.entry)""",
    )
    engine.forget()
