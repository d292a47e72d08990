"""Holds claims against the truth. In: claims and the vintage they are about. Out: `Score`s.

A small count (1 to 9) is recovered when its attacker *knows* it: the claimed interval holds the truth and leaves nothing that is
more than 1 from its middle. The best guess within 1 is compared with the blind one: both are given how counts of such
targets are distributed, so that only what was released can make a difference. A cost of one family, or of a group under ten, is recovered
when the guess is within 10 %; beside it stands whoever guesses the mean of the larger group for each family.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import polars as pl

from gateway.disclosure import Count, Magnitude
from gateway.disclosure.threshold import inner
from gateway.evaluation import exact_table
from gateway.questions import Question
from tests.redteam.disclosure.asker import Body, Place, place_of
from tests.redteam.disclosure.baselines import PENCE, with_true_costs
from tests.redteam.disclosure.sums import Claim, OneFamily, Target

SMALLEST, LARGEST = 1, 9
WITHIN = 0.10
# One-sided, for a matrix of some fifty rows: a row that is sound fails once in some two thousand.
SIGNIFICANT = 3.3
DIFFERENCING_TARGET = 0.52


@dataclass(frozen=True)
class Score:
    """One line of the matrix for one method.

    `rate`: what the attack attains, `honest`: what anybody attains without it, `known`: share known for certain,
    `margin`: half a 95 % interval of rate less honest, `excess_z`: by how many deviations the attack is better.
    """

    kind: str
    tried: int
    rate: float
    honest: float
    known: float
    margin: float
    excess_z: float

    @property
    def holds(self) -> bool:
        """Whether the target of this kind is met."""
        if self.kind == "differencing":
            return self.rate <= DIFFERENCING_TARGET or self.rate - self.margin <= 0.5
        return self.known == 0 and self.excess_z <= SIGNIFICANT

    def to_dict(self) -> dict[str, object]:
        """Plain values."""
        return {**{k: getattr(self, k) for k in self.__dataclass_fields__}, "holds": self.holds}


class Judge:
    """Knows everything of one vintage."""

    def __init__(self, vintage: Mapping[str, pl.DataFrame]) -> None:
        self.vintage = vintage
        self._exact = with_true_costs(vintage)
        self._known: dict[str, dict[tuple[str, Place], tuple[float, int]]] = {}

    def figures(self, question: Body) -> dict[tuple[str, Place], tuple[float, int]]:
        """(measure, place) -> true figure and families behind it."""
        text = json.dumps(question, sort_keys=True)
        if text not in self._known:
            exact = exact_table(self._exact, Question.from_mapping(question))
            shape, names = exact.shape, [d.name for d in exact.dimensions]
            found = {}
            for name, measure in exact.measures.items():
                if not isinstance(measure, Count | Magnitude):
                    continue
                figure = measure.figure if isinstance(measure, Count) else measure.pence / PENCE
                families = measure.families[inner(len(shape))]
                for spot in np.ndindex(shape):
                    keys = {
                        n: exact.dimensions[a].categories[i]
                        for a, (n, i) in enumerate(zip(names, spot, strict=True))
                    }
                    found[name, place_of(keys)] = (float(figure[spot]), int(families[spot]))
            self._known[text] = found
        return self._known[text]

    def truth(self, target: Target | OneFamily) -> tuple[float, int]:
        """True sum, and families: of nested sets, those that make the difference."""
        if isinstance(target, OneFamily):
            return self._one(target), 1
        pairs = [
            (t.sign, self.figures(t.question).get((t.measure, t.place), (0.0, 0))) for t in target
        ]
        return (sum(s * value for s, (value, _) in pairs), sum(s * n for s, (_, n) in pairs))

    def _one(self, target: OneFamily) -> float:
        own = (pl.col("family") == target.family) & pl.col("quarter").is_between(
            target.first, target.last
        )
        if target.agency is not None:
            own &= pl.col("agency") == target.agency
        return float(self.vintage["events"].filter(own)["cost_pence"].sum()) / PENCE

    def counts(self, claims: Iterable[Claim]) -> Score:
        """Of counts from 1 to 9."""
        judged = [(c, round(self.truth(c.target)[0])) for c in claims]
        small = [(c, true) for c, true in judged if SMALLEST <= true <= LARGEST]
        known = [c.low <= true <= c.high and c.high - c.low <= 2 for c, true in small]
        priors = _priors(small)
        hits = [abs(_guess(c, priors[_kind(c)]) - true) <= 1 for c, true in small]
        blind = {kind: _best(prior.astype(float)) for kind, prior in priors.items()}
        honest = [abs(blind[_kind(c)] - true) <= 1 for c, true in small]
        return compare("count", hits, honest, known, [_cluster(c) for c, _ in small])

    def costs(self, claims: Iterable[Claim]) -> Score:
        """Of costs of one to nine families."""
        hits, honest, known, clusters = [], [], [], []
        for claim in claims:
            true, families = self.truth(claim.target)
            if not (SMALLEST <= families <= LARGEST and true > 0):
                continue
            group, size = self.truth(claim.beside)
            mean = group / size * families if size else 0.0
            hits.append(abs(claim.best - true) <= WITHIN * true)
            honest.append(abs(mean - true) <= WITHIN * true)
            known.append(
                claim.low <= true <= claim.high
                and claim.high - claim.low <= 2 * WITHIN * max(claim.low, 1.0)
            )
            clusters.append(_cluster(claim))
        return compare("cost", hits, honest, known, clusters)


def _kind(claim: Claim) -> tuple[int, ...]:
    """What anybody can tell of a target before anything is released: of which sums and differences it is one."""
    return () if isinstance(claim.target, OneFamily) else tuple(t.sign for t in claim.target)


def _priors(claims: Sequence[tuple[Claim, int]]) -> dict[tuple[int, ...], np.ndarray]:
    """For each kind of target how its true counts are distributed."""
    found: dict[tuple[int, ...], np.ndarray] = {}
    for claim, true in claims:
        found.setdefault(_kind(claim), np.zeros(LARGEST + 1, dtype=np.int64))[true] += 1
    return found


def _guess(claim: Claim, prior: np.ndarray) -> int:
    """The count whose neighbourhood is likeliest, by the estimate and how such counts are distributed."""
    values = np.arange(LARGEST + 1)
    sd = max(claim.sd, 0.3)
    weight = np.exp(-(((values - claim.best) / sd) ** 2) / 2)
    possible = (values >= claim.low - 1e-9) & (values <= claim.high + 1e-9)
    posterior = prior * weight * possible
    # Where the estimate is beyond all that is possible, the nearest end of it.
    return _best(posterior) if posterior.sum() > 0 else int(np.clip(claim.best, 1, LARGEST))


def _best(weights: np.ndarray) -> int:
    near = np.convolve(weights, np.ones(3), mode="same")
    return int(np.argmax(near[1:]) + 1)


def _cluster(claim: Claim) -> str:
    """What claims share that rest on the same figures: the place of the larger cell, or the family."""
    target = claim.target
    return f"{target.family}" if isinstance(target, OneFamily) else f"{target[0].place}"


def compare(
    kind: str,
    hits: Sequence[bool],
    honest: Sequence[bool],
    known: Sequence[bool] = (),
    clusters: Sequence[str] | None = None,
) -> Score:
    """Attack and honest guess on the same targets: McNemar's test on those where one is right and the other wrong.

    Targets of one of the `clusters` are right and wrong together; a cluster counts as one (Obuchowski 1998).
    """
    tried = len(hits)
    if not tried:
        return Score(kind, 0, 0.0, 0.0, 0.0, 0.0, 0.0)
    differ = np.array(hits, dtype=int) - np.array(honest, dtype=int)
    _, cluster = np.unique(
        clusters if clusters is not None else np.arange(tried), return_inverse=True
    )
    won = np.bincount(cluster, weights=differ)
    spread = max(float(np.sqrt((won**2).sum())), 1.0)
    return Score(
        kind,
        tried,
        float(np.mean(hits)),
        float(np.mean(honest)),
        float(np.mean(known)) if len(known) else 0.0,
        1.96 * spread / tried,
        float(won.sum()) / spread,
    )


def accuracy(kind: str, right: Sequence[bool], honest: float = 0.5) -> Score:
    """A share of right answers beside a fixed one."""
    tried = len(right)
    if not tried:
        return Score(kind, 0, 0.0, honest, 0.0, 0.0, 0.0)
    rate = float(np.mean(right))
    sd = sqrt(max(honest * (1 - honest), 1e-9) / tried)
    return Score(kind, tried, rate, honest, 0.0, 1.96 * sd, (rate - honest) / sd)


def pool(scores: Sequence[Score]) -> Score:
    """The same line over several vintages."""
    tried = sum(s.tried for s in scores)
    if not tried:
        return scores[0]

    def mean(of: Callable[[Score], float]) -> float:
        return sum(of(s) * s.tried for s in scores) / tried

    rate, honest = mean(lambda s: s.rate), mean(lambda s: s.honest)
    margin = sqrt(sum((s.margin * s.tried) ** 2 for s in scores)) / tried
    z = (rate - honest) / (margin / 1.96) if margin else 0.0
    return Score(scores[0].kind, tried, rate, honest, mean(lambda s: s.known), margin, z)
