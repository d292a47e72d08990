"""The people that are attacked: a synthetic county of families, as facts before they are frozen.

In: a size and a seed. Out: frames of facts, and the vintage that the gateway's own code makes of them. Costs are skewed and a
few families pay for most of a district, as in life; some families meet an agency once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa

from gateway.pipeline.vintage import Facts, Frozen, VintageKeys, freeze
from gateway.questions import shipped_catalogue

FIRST_DAY, DAYS = np.datetime64("2024-04-01"), 730
SHARES = {
    **{"blaby": 0.145, "charnwood": 0.255, "harborough": 0.13, "hinckley_bosworth": 0.16},
    **{"melton": 0.08, "north_west": 0.14, "oadby_wigston": 0.09},
}
# Share of families that an agency meets, and the median of one contact in pounds.
AGENCIES = {
    **{"council": (0.45, 900), "dwp": (0.5, 1500), "health": (0.6, 250)},
    **{"housing": (0.25, 600), "police": (0.35, 400), "schools": (0.55, 120)},
}
NOISE = b"the red team's own noise key, no secret"
AGE_BANDS = ("25-64", "18-24", "11-15", "5-10", "0-4")
# Families with a child in secure care, whose cost is most of their group's.
COSTLY, TIMES = 0.02, 150
# The issue that all families with ten or more have, and the one that none with fewer than two has.
EVERYBODYS, NOBODYS = 4, 8


@dataclass(frozen=True)
class Population:
    """Facts of all agencies. known: person, family, agency; events: with on, cost_pence; issues; attributes."""

    known: pl.DataFrame
    events: pl.DataFrame
    issues: pl.DataFrame
    attributes: pl.DataFrame

    def frozen(
        self, order: bytes, noise: bytes = NOISE, kept: pl.DataFrame | None = None
    ) -> Frozen:
        """The four tables that questions are asked of, frozen by the gateway's own code; `kept` from the vintage before."""
        facts = [self._facts(agency) for agency in AGENCIES]
        return freeze(facts, VintageKeys(order=order, noise=noise), kept)

    def without(self, families: list[str]) -> Population:
        """The same people but these families, as after an objection."""
        kept = {
            name: getattr(self, name).filter(~pl.col("family").is_in(families))
            for name in ("known", "events", "issues", "attributes")
        }
        return replace(self, **kept)

    def _facts(self, agency: str) -> Facts:
        own = pl.col("agency") == agency
        first = agency == next(iter(AGENCIES))
        none = pl.lit(first)
        return Facts(
            agency,
            "extract",
            known=self.known.filter(own).drop("agency"),
            events=self.events.filter(own).drop("agency"),
            # Whoever sent them: difficulties and attributes are not told by agency.
            issues=self.issues.filter(none),
            attributes=self.attributes.filter(none),
        )


def make_population(families: int = 1000, seed: int = 0) -> Population:
    """Families with people, contacts over eight quarters and difficulties; determined by the seed."""
    rng = np.random.default_rng(seed)
    names = np.array([f"f{seed}-{i}" for i in range(families)])
    size = rng.integers(1, 6, families)
    owner = np.repeat(np.arange(families), size)
    severity = rng.gamma(2.0, 0.5, families)
    people = pl.DataFrame(
        {
            "person": [f"{names[f]}-{i}" for i, f in enumerate(owner)],
            "family": names[owner],
            "age_band": np.array(AGE_BANDS)[_position(size)],
        }
    )
    met = _met(rng, severity)
    return Population(
        known=_known(rng, people, owner, met),
        events=_events(rng, people, owner, met, severity),
        issues=_issues(rng, people, owner, severity),
        attributes=_attributes(rng, people, names, families),
    )


def as_arrow(vintage: Mapping[str, pl.DataFrame]) -> dict[str, pa.Table]:
    """The tables as the store keeps them."""
    return {name: frame.to_arrow() for name, frame in vintage.items()}


def order_key(seed: int) -> bytes:
    """A key for the order of a vintage's numbers."""
    return hashlib.sha256(f"order:{seed}".encode()).digest()


def _position(size: np.ndarray) -> np.ndarray:
    """0 for the first person of each family, 1 for the second, ..."""
    return np.concatenate([np.arange(n) for n in size])


def _met(rng: np.random.Generator, severity: np.ndarray) -> np.ndarray:
    """Which family meets which agency; at least one."""
    shares = np.array([share for share, _ in AGENCIES.values()])
    met = rng.random((len(severity), len(shares))) < shares * (0.4 + 0.6 * severity[:, None])
    met[~met.any(axis=1), 2] = True
    return met


def _known(
    rng: np.random.Generator, people: pl.DataFrame, owner: np.ndarray, met: np.ndarray
) -> pl.DataFrame:
    """Each agency that meets a family knows its first person and some of the others."""
    frames = []
    first = np.r_[True, owner[1:] != owner[:-1]]
    for column, agency in enumerate(AGENCIES):
        knows = met[owner, column] & (first | (rng.random(len(owner)) < 0.4))
        frames.append(
            people.select("person", "family").filter(knows).with_columns(agency=pl.lit(agency))
        )
    return pl.concat(frames)


def _events(
    rng: np.random.Generator,
    people: pl.DataFrame,
    owner: np.ndarray,
    met: np.ndarray,
    severity: np.ndarray,
) -> pl.DataFrame:
    first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    costly = np.where(rng.random(len(severity)) < COSTLY, TIMES, 1)
    frames = []
    for column, (agency, (_, median)) in enumerate(AGENCIES.items()):
        often = np.where(met[:, column], 1 + rng.poisson(2.5 * severity), 0)
        who = np.repeat(np.arange(len(severity)), often)
        pounds = rng.lognormal(np.log(median), 1.0, len(who))
        if agency == "council":
            pounds = pounds * costly[who]
        frames.append(
            people[first[who]]
            .select("person", "family")
            .with_columns(
                pl.lit(agency).alias("agency"),
                pl.lit("contact").alias("event"),
                pl.Series("on", FIRST_DAY + rng.integers(0, DAYS, len(who))),
                pl.Series("cost_pence", (pounds * 100).astype(np.int64) + 1),
            )
        )
    return pl.concat(frames).with_columns(pl.col("on").cast(pl.Date))


def _issues(
    rng: np.random.Generator, people: pl.DataFrame, owner: np.ndarray, severity: np.ndarray
) -> pl.DataFrame:
    issues = np.array(shipped_catalogue().issues)
    common = np.linspace(0.28, 0.03, len(issues))
    has = rng.random((len(severity), len(issues))) < np.minimum(common * severity[:, None], 0.95)
    # What everybody in great difficulty has, and what nobody in little difficulty has.
    has[has.sum(axis=1) >= 9, EVERYBODYS] = True
    has[has.sum(axis=1) <= 1, NOBODYS] = False
    family, issue = np.nonzero(has)
    first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    found = people[first[family]].select("person", "family")
    return found.with_columns(
        pl.Series("issue", issues[issue]),
        pl.Series("on", FIRST_DAY + rng.integers(0, DAYS, len(family))).cast(pl.Date),
    )


def _attributes(
    rng: np.random.Generator, people: pl.DataFrame, names: np.ndarray, families: int
) -> pl.DataFrame:
    where = rng.choice(list(SHARES), families, p=np.array(list(SHARES.values())))
    district = pl.DataFrame({"family": names, "district": where})
    joined = people.join(district, on="family", maintain_order="left")
    day = pl.lit(FIRST_DAY).cast(pl.Date).alias("on")
    return pl.concat(
        joined.select(
            "person", "family", day, pl.lit(name).alias("attribute"), pl.col(name).alias("value")
        )
        for name in ("age_band", "district")
    )
