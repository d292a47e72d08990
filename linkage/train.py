"""Train: estimate the model's parameters from the records themselves, reproducibly.

Goes in: profiles in the engine and the model. Come out: Splink settings with every m and u filled
in, and notes on what could not be observed. Nothing falls back to Splink's defaults unseen.
"""

import json
from dataclasses import dataclass, replace
from importlib.resources import files
from random import Random
from typing import Any

from linkage.engine import Engine
from linkage.engine.words import spoken
from linkage.errors import ModelUntrained
from linkage.model import Model, ModelComparison, ModelLevel
from linkage.sessions import sessions
from linkage.settings import LinkageSettings

PROFILES = "profiles"
PRIOR = "probability_two_random_records_match"
_SAMPLE = "sample_of_profiles"
# EM drives the m of a level that no match shows towards nothing, and one such field would then veto
# every other. No error is rarer than this among matches, and at chance level it says nothing.
_RAREST_ERROR = 1e-3
# Where two lists are copies of one another, an m shrinks past what Splink accepts (1e-300) long before
# the last iteration; it is bounded afterwards in any case, so fewer do as well.
_ITERATIONS = (50, 12, 3)
_DIGITS = 6


@dataclass(frozen=True)
class Trained:
    """Splink settings ready to score with, and the levels whose m or u had to be bounded."""

    settings: dict[str, Any]
    bounded: tuple[str, ...]


def train(engine: Engine, model: Model, settings: LinkageSettings) -> Trained:
    """Estimate u on random pairs, the prior from strict rules, m by EM in two sessions.

    EM sessions are blocked on the very columns the comparisons use, because Splink switches off
    only comparisons on the same columns; blocking on a derived token would bias m unseen.

    Raises:
        ModelUntrained: a whole comparison has no trained level, or there is nothing to train on.
    """
    model = spoken(model, engine.dialect)
    if settings.model is not None:
        return Trained(_with_parameters(model, settings.model, engine.dialect), ())
    seen = _with_chance(engine, model, settings)
    bounded = _bound_u(seen, settings.u_pairs)
    model = replace(model, training=sessions(engine, PROFILES, model))
    fitted = _with_matches(engine, seen, model)
    _require_trained(fitted)
    bounded += _bound_m(fitted)
    _round(fitted)
    return Trained(fitted, bounded)


def splink_settings(model: Model, dialect: str) -> dict[str, Any]:
    """The model in Splink's words, untrained."""
    return {
        "link_type": "dedupe_only",
        "comparisons": [_comparison(c) for c in model.comparisons],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": rule, "sql_dialect": dialect} for rule in model.blocking
        ],
        # Keeps tokens out of the predictions.
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "max_iterations": _ITERATIONS[0],
        "linker_uid": "linkage",
    }


def _comparison(comparison: ModelComparison) -> dict[str, Any]:
    silent = {"sql_condition": comparison.silent, "is_null_level": True}
    silent["label_for_charts"] = "silent"
    levels = [silent, *(_level(level) for level in comparison.levels)]
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _level(level: ModelLevel) -> dict[str, Any]:
    written: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.label}
    if level.tf:
        written["tf_adjustment_column"] = level.tf
    if level.fixed_u:
        written |= {"u_probability": level.fixed_u, "fix_u_probability": True}
    return written


def _with_chance(engine: Engine, model: Model, settings: LinkageSettings) -> dict[str, Any]:
    from splink import Linker

    if not model.strict:
        raise ModelUntrained("No strict rule can be used: names, dates or postcodes are missing")
    _draw_sample(engine, settings)
    sample = engine.registered(_SAMPLE)
    linker = Linker(sample, splink_settings(model, engine.dialect), log_level=None)
    # One pass over all pairs: Splink's early stopping waits in vain for impossible levels.
    linker.training.estimate_u_using_random_sampling(
        max_pairs=2 * settings.u_pairs, min_count_per_level=None, num_chunks=1
    )
    by_chance = _saved(linker)
    engine.forget()
    profiles = engine.registered(PROFILES)
    linker = Linker(profiles, by_chance, log_level=None, validate_settings=False)
    try:
        linker.training.estimate_probability_two_random_records_match(
            list(model.strict), recall=settings.assumed_recall
        )
    except ValueError:
        # More pairs agree than there are pairs of records: every record says the same.
        raise ModelUntrained("Nearly all records agree on a strict rule") from None
    seen = _saved(linker)
    engine.forget()
    if not seen[PRIOR]:
        raise ModelUntrained("No two records agree on any strict rule; give a trained model")
    return seen


def _draw_sample(engine: Engine, settings: LinkageSettings) -> None:
    """So many profiles that their pairs are `u_pairs`, the same ones whatever the engine.

    Splink's own sample is drawn by a hash function of the engine, and another engine's would give
    another u, and at the threshold another link.
    """
    profiles = int(engine.fetch(f"SELECT count(*) AS n FROM {PROFILES}")["n"][0])
    wanted = min(profiles, round((2 * settings.u_pairs) ** 0.5) + 1)
    chosen = Random(settings.seed).sample(range(profiles), wanted)  # noqa: S311 - not a secret
    listed = ", ".join(map(str, chosen))
    engine.keep(_SAMPLE, f"SELECT * FROM {PROFILES} WHERE unique_id IN ({listed})")


def _with_matches(engine: Engine, seen: dict[str, Any], model: Model) -> dict[str, Any]:
    for iterations in _ITERATIONS:
        try:
            return _fitted(engine, {**seen, "max_iterations": iterations}, model)
        except ValueError:
            continue
    raise ModelUntrained("Training did not settle; give a trained model")


def _fitted(engine: Engine, seen: dict[str, Any], model: Model) -> dict[str, Any]:
    from splink import Linker
    from splink.internals.exceptions import EMTrainingException

    profiles = engine.registered(PROFILES)
    linker = Linker(profiles, seen, log_level=None, validate_settings=False)
    for rule in model.training:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=True
            )
        except EMTrainingException:
            # No pair satisfies the rule; `_require_trained` names what stays untrained for it.
            continue
    fitted = _saved(linker)
    engine.forget()
    return fitted


def _saved(linker: Any) -> dict[str, Any]:
    saved: dict[str, Any] = linker.misc.save_model_to_json()
    for rule in saved["blocking_rules_to_generate_predictions"]:
        rule.setdefault("sql_dialect", saved["sql_dialect"])
    return saved


def _levels(settings: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (comparison["output_column_name"], level)
        for comparison in settings["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]


def _bound_u(settings: dict[str, Any], pairs: int) -> tuple[str, ...]:
    """A level that no random pair shows happens by chance less than once in those pairs."""
    unseen = [(name, level) for name, level in _levels(settings) if "u_probability" not in level]
    for _, level in unseen:
        level["u_probability"] = 1 / (pairs + 1)
    return tuple(f"u of {name}: {level['label_for_charts']}" for name, level in unseen)


def _bound_m(settings: dict[str, Any]) -> tuple[str, ...]:
    bounded = []
    for name, level in _levels(settings):
        least = min(_RAREST_ERROR, level["u_probability"])
        if level.get("m_probability", 0.0) < least:
            level["m_probability"] = least
            bounded.append(f"m of {name}: {level['label_for_charts']}")
    return tuple(bounded)


def _round(settings: dict[str, Any]) -> None:
    """Threads add up in any order; without the last digits a run repeats itself exactly."""
    settings[PRIOR] = significant(settings[PRIOR])
    for _, level in _levels(settings):
        for parameter in ("m_probability", "u_probability"):
            level[parameter] = significant(level[parameter])


def significant(value: float) -> float:
    """A parameter without the last digits."""
    return float(f"{value:.{_DIGITS}g}")


def _require_trained(settings: dict[str, Any]) -> None:
    trained = {name for name, level in _levels(settings) if "m_probability" in level}
    untrained = sorted({name for name, _ in _levels(settings)} - trained)
    if untrained:
        raise ModelUntrained(
            f"Too few agreeing records to train: {', '.join(untrained)}; "
            "give a model trained on more records"
        )


def parameters_of(settings: dict[str, Any]) -> dict[str, Any]:
    """The trained parameters alone, JSON-able: prior, and m and u per comparison and level."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, level in _levels(settings):
        pair = {"m": level["m_probability"], "u": level["u_probability"]}
        found.setdefault(name, {})[level["label_for_charts"]] = pair
    return {"prior": settings[PRIOR], "levels": found}


def reference_model() -> dict[str, Any]:
    """Parameters trained on the synthetic county, for records too few to train on.

    National numbers all have the parameters of the NHS number.
    """
    text = files("linkage").joinpath("reference_model.json").read_text(encoding="utf-8")
    model: dict[str, Any] = json.loads(text)
    return model


def _with_parameters(model: Model, trained: Any, dialect: str) -> dict[str, Any]:
    settings = splink_settings(model, dialect)
    settings[PRIOR] = trained["prior"]
    missing = []
    for name, level in _levels(settings):
        pair = trained["levels"].get(name, {}).get(level["label_for_charts"])
        if pair is None:
            missing.append(f"{name}: {level['label_for_charts']}")
        else:
            level |= {"m_probability": pair["m"], "u_probability": pair["u"]}
    if missing:
        raise ModelUntrained(f"The given model lacks: {', '.join(missing)}")
    return settings
