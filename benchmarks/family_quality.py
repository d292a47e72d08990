"""How well found families agree with true ones, person by person.

Go in: the family found of each person, and the county's truth. Come out: shares between 0 and 1.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import polars as pl

from linkage.evaluate import pair_quality


@dataclass(frozen=True)
class Quality:
    """Precision, recall and F1 over pairs of persons; families found whole; found families that join two true ones.

    `wrong_merges_apart` leaves out those whose true families shared a home.
    """

    precision: float
    recall: float
    f1: float
    exact: float
    wrong_merges: float
    wrong_merges_apart: float

    def to_dict(self) -> dict[str, float]:
        """All figures, to five places."""
        return {name: round(value, 5) for name, value in asdict(self).items()}


def by_person(found: pl.DataFrame, people: pl.DataFrame, seed: int, *, tuning: bool) -> Quality:
    """The quality on one half of the families.

    Args:
        found: cluster, family, over all persons of the county.
        people: cluster, family, home: the truth.
        seed: of the split, by family.
        tuning: the half to tune on; else the half to report on.

    A pair belongs to a half by each of its two persons, so that a family of one half that was joined with a family of
    the other counts in both.
    """
    both = people.select("cluster", "home", true="family").join(found, on="cluster")
    both = both.join(_halves(people, seed), on="true").with_columns(
        *(
            pl.len().over(by).cast(pl.Int64).alias(name)
            for name, by in (("real", "true"), ("found", "family"), ("agreed", ["true", "family"]))
        ),
    )
    half = both.filter(pl.col("tuning") == tuning)
    agreed, real, made = (int((half[name] - 1).sum()) for name in ("agreed", "real", "found"))
    # A found family counts in a half by the share of its persons who are of that half.
    weight = half.group_by("family").len("persons")
    merged = _merges(both).join(weight, on="family")
    merged = merged.with_columns(pl.col("persons") / pl.col("size"))
    whole = half.group_by("true").agg(
        ((pl.col("agreed") == pl.col("real")) & (pl.col("agreed") == pl.col("found"))).all()
    )
    return Quality(
        precision=agreed / made if made else 1.0,
        recall=agreed / real if real else 1.0,
        f1=2 * agreed / (made + real) if made + real else 1.0,
        exact=_share(whole["agreed"]),
        wrong_merges=_weighted(merged["wrong"], merged["persons"]),
        wrong_merges_apart=_weighted(merged["wrong"] & ~merged["shared"], merged["persons"]),
    )


def by_home(found: pl.DataFrame, people: pl.DataFrame, day: date) -> float:
    """Pair F1 with who of a family lived in one home on the day, among `people`."""
    moved = (pl.col("moved_on") <= day).fill_null(value=False)
    lived = people.select(
        "cluster",
        home=pl.struct("family", pl.when(moved).then("next_home").otherwise("home")).hash(1),
    )
    seen = found.rename({"family": "home"})
    return round(pair_quality(seen, lived, item="cluster", group="home").f1, 5)


def _halves(people: pl.DataFrame, seed: int) -> pl.DataFrame:
    families = people["family"].unique().sort()
    drawn = np.random.default_rng(seed).random(len(families)) < 0.5
    return pl.DataFrame({"true": families, "tuning": drawn})


def _merges(both: pl.DataFrame) -> pl.DataFrame:
    """family, size, wrong (joins two true ones), shared (each of which shared a home with one)."""
    homes = both.select("home", "true").unique().filter(pl.len().over("home") > 1)
    sharing = pl.col("true").is_in(homes["true"].unique().implode())
    return both.group_by("family").agg(
        (pl.col("true").n_unique() > 1).alias("wrong"),
        sharing.all().alias("shared"),
        pl.len().alias("size"),
    )


def _share(of: pl.Series) -> float:
    return int(of.sum()) / len(of) if len(of) else 0.0


def _weighted(of: pl.Series, weights: pl.Series) -> float:
    return float(weights.filter(of).sum()) / float(weights.sum()) if len(of) else 0.0
