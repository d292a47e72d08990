"""Every attack of the matrix: how it is run against all methods, and how it is scored.

In: a stage and how much effort is made. Out: for each line of the matrix a score by method. Each attack has a fresh vintage, so
that nothing asked before it hinders it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from tests.redteam.disclosure import (
    adaptive,
    cost_pairs,
    cost_windows,
    differencing,
    dominance,
    few_costs,
    group_disclosure,
    linked_tables,
    margins,
    nested_cohorts,
    partial_lines,
    percentages,
    random_questions,
    reconstruction,
    regression_dummy,
    repeats,
    tracker,
    vintage_differencing,
    withheld_groups,
)
from tests.redteam.disclosure.asker import EVALUATION, Asker
from tests.redteam.disclosure.baselines import baseline
from tests.redteam.disclosure.cost_units import CostUnits
from tests.redteam.disclosure.costly import known_costly
from tests.redteam.disclosure.effort import Effort
from tests.redteam.disclosure.frames import frame_askers, make_frame
from tests.redteam.disclosure.game import make_world
from tests.redteam.disclosure.judge import Judge, Score, pool
from tests.redteam.disclosure.population import make_population, order_key
from tests.redteam.disclosure.running import SECOND
from tests.redteam.disclosure.stage import OURS, Stage
from tests.redteam.disclosure.sums import Claim, OneFamily

Scores = dict[str, dict[str, Score]]
COUNTS, COSTS = "counts", "costs"


Run = Callable[[Stage, Effort], Scores]


@dataclass(frozen=True)
class Attack:
    """One attack. `against`: baselines of which at least one must fall, else the test is bad.

    `least`: so many questions of one vintage it needs to be an attack at all.
    """

    name: str
    run: Run
    against: tuple[str, ...] = ("threshold only",)
    least: int = 0

    def scores(self, stage: Stage, effort: Effort) -> Scores:
        """Its lines of the matrix."""
        stage.most_questions = max(effort.each, self.least)
        return self.run(stage, effort)


def _claimed(attack: Callable[[Asker], list[Claim]], stage: Stage, effort: Effort) -> Scores:
    """An attack that claims figures, over several vintages."""
    found: dict[str, dict[str, list[Score]]] = {}
    for scene in stage.scenes(range(effort.vintages)):
        for method, asker in scene.askers.items():
            _keep(found, method, scene.judge, attack(asker))
    return _pooled(found)


def _keep(
    found: dict[str, dict[str, list[Score]]], method: str, judge: Judge, claims: Sequence[Claim]
) -> None:
    counts = [c for c in claims if not _is_cost(c)]
    for line, score in (
        (COUNTS, judge.counts(counts)),
        (COSTS, judge.costs(c for c in claims if _is_cost(c))),
    ):
        found.setdefault(line, {}).setdefault(method, []).append(score)


def _is_cost(claim: Claim) -> bool:
    return isinstance(claim.target, OneFamily) or claim.target[0].measure == "cost"


def _pooled(found: Mapping[str, Mapping[str, list[Score]]]) -> Scores:
    """Lines in which some method was attacked at all."""
    lines = {
        line: {method: pool(scores) for method, scores in methods.items()}
        for line, methods in found.items()
    }
    return {line: each for line, each in lines.items() if any(s.tried for s in each.values())}


def _dominance(stage: Stage, effort: Effort) -> Scores:
    found: dict[str, dict[str, list[Score]]] = {}
    for scene in stage.scenes(range(5 * effort.vintages)):
        costly = known_costly(scene.vintage)
        for method, asker in scene.askers.items():
            _keep(found, method, scene.judge, dominance.attack(asker, costly))
    return _pooled(found)


def _cost_pairs(stage: Stage, effort: Effort) -> Scores:
    found: dict[str, dict[str, list[Score]]] = {}
    for seed in range(effort.vintages):
        scene = stage.scene(seed)
        world = make_world(scene.vintage, seed)
        tables = world.tables(scene.vintage)
        judge = Judge(tables)
        alone = [t for t in world.trials if t.kind in cost_pairs.COHORT and t.is_in]
        for method, asker in stage.staged(tables, seed).items():
            _keep(found, method, judge, cost_pairs.attack(asker, alone))
    return _pooled(found)


def _groups(stage: Stage, effort: Effort) -> Scores:
    found: dict[str, list[Score]] = {}
    for scene in stage.scenes(range(effort.vintages)):
        for method, asker in scene.askers.items():
            score = group_disclosure.judged(scene.judge, group_disclosure.attack(asker))
            found.setdefault(method, []).append(score)
    return {"groups": {method: pool(scores) for method, scores in found.items()}}


def _differencing(smaller_first: bool, stage: Stage, effort: Effort) -> Scores:
    games: dict[str, list[differencing.Seen]] = {}
    for seed in range(effort.own_games):
        scene = stage.scene(seed)
        world = make_world(scene.vintage, seed)
        for method, asker in stage.staged(world.tables(scene.vintage), seed).items():
            if method != OURS and seed >= effort.games:
                continue
            seen = differencing.attack(asker, world.trials, smaller_first=smaller_first)
            games.setdefault(method, []).append(seen)
    return {"families": {method: differencing.across(seen) for method, seen in games.items()}}


def _objections(later: bool, other_words: bool, stage: Stage, effort: Effort) -> Scores:
    games: dict[str, list[differencing.Seen]] = {}
    for seed in range(min(2 * effort.games, 8)):
        said = vintage_differencing.make_objection(make_population(stage.families, seed), seed)
        for method in stage.methods:
            attack = _ours_after if method == OURS else _baseline_after
            seen = attack(stage, said, Ask(method, seed, later, other_words))
            games.setdefault(method, []).append(seen)
    return {"families": {method: differencing.across(seen) for method, seen in games.items()}}


@dataclass(frozen=True)
class Ask:
    """Of whom an objection's two vintages are asked, and how."""

    method: str
    seed: int
    later: bool
    other_words: bool


def _ours_after(stage: Stage, said: vintage_differencing.Objection, ask: Ask) -> differencing.Seen:
    stage.open().freeze(said.before)

    def refresh() -> Asker:
        if ask.later:
            stage.running.advance()
        stage.running.refresh(said.after)
        return stage.ours()

    return vintage_differencing.attack(
        stage.ours(), refresh, said.bits, other_words=ask.other_words
    )


def _baseline_after(
    stage: Stage, said: vintage_differencing.Objection, ask: Ask
) -> differencing.Seen:
    one, two = (
        baseline(ask.method, each.frozen(order_key(ask.seed)).tables, 2 * ask.seed + number)
        for number, each in enumerate((said.before, said.after))
    )
    return vintage_differencing.attack(one, lambda: two, said.bits, other_words=ask.other_words)


def _reconstruction(stage: Stage, effort: Effort) -> Scores:
    lines: dict[str, dict[str, list[Score]]] = {}
    for seed in range(effort.vintages):
        frame = make_frame(stage.families, seed)
        for number in effort.tables:
            tables = reconstruction.random_tables(number, seed)
            askers = frame_askers(frame, seed)
            for method in stage.methods:
                told = reconstruction.attack(askers[method], frame, tables)
                for name, solve in reconstruction.SOLVERS.items():
                    score = reconstruction.judged(frame, solve(told))
                    line = lines.setdefault(f"{number} tables, {name}", {})
                    line.setdefault(method, []).append(score)
    return {line: {m: pool(s) for m, s in each.items()} for line, each in lines.items()}


def _few_costs(stage: Stage, effort: Effort) -> Scores:
    lines: dict[str, dict[str, list[Score]]] = {}
    for seed in range(effort.vintages):
        frame = regression_dummy.with_costs(make_frame(stage.families, seed), seed)
        for number in effort.tables:
            tables = few_costs.random_tables(number, seed)
            askers = frame_askers(frame, seed)
            for method in stage.methods:
                guesses = few_costs.attack(askers[method], frame, tables)
                line = lines.setdefault(f"{number} tables", {})
                line.setdefault(method, []).append(few_costs.judged(frame, guesses))
    return {line: {m: pool(s) for m, s in each.items()} for line, each in lines.items()}


def _random_questions(stage: Stage, effort: Effort) -> Scores:
    lines: dict[str, dict[str, list[Score]]] = {}
    stage.most_questions = effort.at_random
    for seed, scene in enumerate(stage.scenes(range(effort.vintages))):
        questions = list(islice(random_questions.questions_of(seed), effort.at_random))
        units = CostUnits.of(scene.vintage)
        for method, asker in scene.askers.items():
            if asker.method.has_costs:
                collected = random_questions.attack(asker, units, questions)
                for kind, score in random_questions.judged(units, collected, asker.method).items():
                    lines.setdefault(kind, {}).setdefault(method, []).append(score)
    return {line: {m: pool(s) for m, s in each.items()} for line, each in lines.items()}


def _dummies(stage: Stage, effort: Effort) -> Scores:
    frame = regression_dummy.with_costs(make_frame(stage.families, 1), 1)
    targets = list(range(effort.dummies))
    scores = {}
    for method, (fit, multiplies) in regression_dummy.METHODS.items():
        guesses = regression_dummy.attack(fit, frame, targets, multiplies=multiplies)
        scores[method] = regression_dummy.judged(frame, targets, guesses)
    return {COSTS: scores}


def _adaptive(stage: Stage, effort: Effort) -> Scores:
    """One vintage: it is the number of questions that counts."""
    found: dict[str, dict[str, list[Score]]] = {}
    stage.most_questions = effort.questions
    scene = stage.scene(5)
    for method, asker in scene.askers.items():
        claims = adaptive.attack(asker, effort.questions)
        _keep(found, method, scene.judge, claims)
    return _pooled(found)


def _claiming(attack: Callable[[Asker], list[Claim]]) -> Run:
    return partial(_claimed, attack)


ATTACKS: tuple[Attack, ...] = (
    Attack("margins", _claiming(margins.attack)),
    Attack("one-family differencing", partial(_differencing, False)),
    Attack("one family, smaller set first", partial(_differencing, True)),
    Attack(
        "repeats",
        _claiming(repeats.attack),
        ("drawn anew", "threshold only"),
        least=repeats.TIMES * repeats.SETS,
    ),
    Attack(
        "other words",
        _claiming(partial(repeats.attack, phrasing=repeats.other_words)),
        ("drawn anew", "threshold only"),
        least=repeats.FORMS * repeats.SETS,
    ),
    Attack("general tracker", _claiming(tracker.attack)),
    Attack("linked tables", _claiming(linked_tables.attack)),
    Attack("group disclosure", _groups),
    Attack("dominance", _dominance),
    Attack("percentages", _claiming(percentages.attack)),
    Attack("regression dummy", _dummies),
    Attack("nested cohorts", _claiming(nested_cohorts.attack)),
    Attack("pieces of a line", _claiming(partial_lines.attack), least=partial_lines.QUESTIONS),
    Attack("overlapping windows", _claiming(cost_windows.attack), least=cost_windows.QUESTIONS),
    Attack(
        "two purposes",
        _claiming(partial(nested_cohorts.attack, purposes=(EVALUATION, SECOND))),
    ),
    Attack("objection, same quarter", partial(_objections, False, False)),
    Attack("objection, next quarter", partial(_objections, True, False)),
    Attack("objection, in other words", partial(_objections, True, True)),
    Attack("reconstruction", _reconstruction),
    Attack("costs of few", _few_costs),
    Attack("cost of one family by pairs", _cost_pairs),
    Attack("cost of withheld groups", _claiming(withheld_groups.attack)),
    Attack("random questions", _random_questions),
    Attack("adaptive", _adaptive),
)


def lines_of(attack: Attack, scores: Scores) -> Iterator[tuple[str, Mapping[str, Score]]]:
    """Name of each line of the matrix, and its scores by method."""
    for line, methods in scores.items():
        yield f"{attack.name}: {line}", methods
