"""Sessions: the rules on whose pairs EM can learn what matches look like.

Goes in: profiles in the engine and the model. Come out: its training rules, without those among whose pairs no match shows, and
with a spare one in their place. EM on nothing but chance pairs would call chance a match, and nobody would see it.
"""

from linkage.engine import Engine
from linkage.model import Model

# So many pairs of a rule have to agree on a strict rule as well.
FEWEST_MATCHES = 5


def sessions(engine: Engine, profiles: str, model: Model) -> tuple[str, ...]:
    """The rules to train on; none where no rule shows matches.

    Every comparison wants a session that is not blocked on its own columns, so there are two. A field
    that one list leaves empty shows no match across lists, whatever it shows by chance inside one.
    """
    telling = [rule for rule in model.training if _shows_matches(engine, profiles, rule, model)]
    if len(telling) == len(model.training) > 1:
        return tuple(telling)
    spare = (rule for rule in model.spare if _shows_matches(engine, profiles, rule, model))
    return (*telling, *(rule for rule, _ in zip(spare, range(2 - len(telling)), strict=False)))


def _shows_matches(engine: Engine, profiles: str, rule: str, model: Model) -> bool:
    return any(
        engine.fetch(
            f"""SELECT count(*) AS n FROM (
                    SELECT 1 AS one FROM {profiles} AS l JOIN {profiles} AS r
                    ON {strict} AND {rule} AND l.unique_id < r.unique_id
                    LIMIT {FEWEST_MATCHES}) AS few"""
        )["n"][0]
        >= FEWEST_MATCHES
        for strict in model.strict
    )
