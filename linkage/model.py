"""The linkage model as data: comparisons with their levels, and the blocking rules.

Goes in: which token columns hold anything. Comes out: the comparisons and rules that can be used
on them. Names of Splink live only inside `linkage/`. Levels follow Fellegi and Sunter (1969);
every condition is an equality of tokens, or an overlap of token sets looked up as neighbours.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import combinations

from linkage.tokens.fields import OTHER_PREFIX

# Chance that two different persons carry one national number: only through errors of keying.
U_OF_A_NUMBER = 1e-7
NUMBERS = ("nhs_number", "nino", "upn")
# The primary and the alternate metaphone code, each a column of its own (made in `profiles`).
_SOUNDS = ("sound", "other_sound")
# Set levels that profiles hold as neighbours: role, level.
NEIGHBOURED = (
    ("forename", "nickname"),
    ("forename", "near"),
    ("surname", "near"),
    ("date_of_birth", "near"),
    ("postcode", "near"),
)
# Different entries of one clean list are different persons: never compared.
NOT_ONE_LIST = "l.list_no <> r.list_no"


@dataclass(frozen=True)
class ModelLevel:
    """One graded outcome of a comparison; `tf` names the column whose frequency adjusts it."""

    label: str
    sql: str
    tf: str | None = None
    fixed_u: float | None = None


@dataclass(frozen=True)
class ModelComparison:
    """One compared field: the condition under which it says nothing, then levels, best first."""

    name: str
    silent: str
    levels: tuple[ModelLevel, ...]


@dataclass(frozen=True)
class Model:
    """All that Splink is told about the records.

    `blocking` brings pairs together, and `wide` names those of its rules that only do so in small
    blocks (see `crowds`); EM trains on the pairs of `training`, and on those of a rule of `spare` where
    no match shows in them; the prior starts from `strict`.
    """

    comparisons: tuple[ModelComparison, ...]
    blocking: tuple[str, ...]
    training: tuple[str, ...]
    strict: tuple[str, ...]
    wide: frozenset[str] = frozenset()
    spare: tuple[str, ...] = ()


def model_for(columns: Collection[str]) -> Model:
    """The model for profiles in which these columns hold something."""
    names = [c for c in ("forename", "surname") if f"{c}_exact" in columns]
    comparisons = [_name(name, crossed=len(names) == 2) for name in names]
    if "date_of_birth_exact" in columns:
        comparisons.append(_birth_date())
    if "sex_exact" in columns:
        comparisons.append(_equal("sex", tf=False))
    if "postcode_exact" in columns:
        comparisons.append(_postcode())
    comparisons += [_number(name) for name in NUMBERS if f"{name}_exact" in columns]
    if "reference_exact" in columns:
        comparisons.append(_number("reference", "agency_no_l <> agency_no_r"))
    comparisons += [_equal(name, tf=True) for name in _others(columns)]
    wide = _usable(_WIDE + _wide_others(columns), columns)
    return Model(
        tuple(comparisons),
        _usable(_BLOCKING + _other_blocking(columns), columns) + wide,
        _usable(_TRAINING, columns),
        _usable(_STRICT, columns),
        frozenset(wide),
        _usable(_SPARE + tuple((f"{other}_exact",) for other in _others(columns)), columns),
    )


def _alike(name: str, level: str) -> str:
    """The one value is among the neighbours of the other: their sets share a member."""
    listed = f"{name}_{level}"
    ways = (("l", "r"), ("r", "l"))
    return " OR ".join(f"list_contains({listed}_{a}, {name}_exact_{b})" for a, b in ways)


def _same_sound(name: str) -> str:
    either = [f"{name}_{a}_l = {name}_{b}_r" for a in _SOUNDS for b in _SOUNDS]
    return " OR ".join((_same(f"{name}_nysiis"), *either))


def without_frequencies(model: Model) -> Model:
    """The model with no term-frequency adjustment, for records too few to show frequencies."""
    comparisons = tuple(
        replace(c, levels=tuple(replace(level, tf=None) for level in c.levels))
        for c in model.comparisons
    )
    return replace(model, comparisons=comparisons)


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _silent(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _crossed(name: str, other: str) -> str:
    # Either way round: which record of a pair is the left one is an accident of their order.
    return f"{name}_exact_l = {other}_exact_r OR {other}_exact_l = {name}_exact_r"


def _name(name: str, *, crossed: bool) -> ModelComparison:
    other = "surname" if name == "forename" else "forename"
    levels = [
        ModelLevel("exact", _same(f"{name}_exact"), tf=f"{name}_exact"),
        ModelLevel("nickname", _alike(name, "nickname")),
        ModelLevel("one edit", _alike(name, "near")),
        ModelLevel("phonetic", _same_sound(name)),
        ModelLevel("prefix of 4", _same(f"{name}_prefix4")),
        ModelLevel("crossed over", _crossed(name, other)),
        ModelLevel("initial", _same(f"{name}_initial")),
        ModelLevel("else", "ELSE"),
    ]
    absent = {"nickname"} if name == "surname" else set()
    absent |= set() if crossed else {"crossed over"}
    kept = tuple(level for level in levels if level.label not in absent)
    return ModelComparison(name, _silent(f"{name}_exact"), kept)


def _birth_date() -> ModelComparison:
    name = "date_of_birth"
    two_parts = (_same(f"{name}_{pair}") for pair in ("year_month", "month_day", "year_day"))
    return ModelComparison(
        name,
        _silent(f"{name}_exact"),
        (
            ModelLevel("exact", _same(f"{name}_exact"), tf=f"{name}_exact"),
            ModelLevel("one digit or transposed", _alike(name, "near")),
            ModelLevel("day and month swapped", _same(f"{name}_unordered")),
            ModelLevel("two of three parts", " OR ".join(two_parts)),
            ModelLevel("year", _same(f"{name}_year")),
            ModelLevel("else", "ELSE"),
        ),
    )


def _postcode() -> ModelComparison:
    # Premises would tell neighbours apart, but they tie siblings and twins together: on the
    # synthetic county they cost more precision than they gave recall.
    return ModelComparison(
        "postcode",
        _silent("postcode_exact"),
        (
            ModelLevel("exact", _same("postcode_exact"), tf="postcode_exact"),
            ModelLevel("one edit", _alike("postcode", "near")),
            ModelLevel("else", "ELSE"),
        ),
    )


def _equal(name: str, *, tf: bool) -> ModelComparison:
    column = f"{name}_exact"
    exact = ModelLevel("exact", _same(column), tf=column if tf else None)
    return ModelComparison(name, _silent(column), (exact, ModelLevel("else", "ELSE")))


def _number(name: str, *silent: str) -> ModelComparison:
    column = f"{name}_exact"
    return ModelComparison(
        name,
        " OR ".join((_silent(column), *silent)),
        (
            ModelLevel("exact", _same(column), fixed_u=U_OF_A_NUMBER),
            ModelLevel("else", "ELSE", fixed_u=1 - U_OF_A_NUMBER),
        ),
    )


def _others(columns: Collection[str]) -> list[str]:
    return sorted(c.removesuffix("_exact") for c in columns if c.startswith(OTHER_PREFIX))


# Each rule is the set of columns that must be equal. `forename_group` is the first nickname group,
# or the name itself; `forename_sound` the primary metaphone code (both made in `profiles`).
_Rule = tuple[str, ...]
_BLOCKING: tuple[_Rule, ...] = (
    ("nhs_number_exact",),
    ("nino_exact",),
    ("upn_exact",),
    ("reference_exact",),
    ("date_of_birth_exact", "surname_exact"),
    ("date_of_birth_exact", "forename_exact"),
    # Subsumes postcode with forename and postcode with surname.
    ("postcode_exact",),
    ("postcode_outward", "surname_nysiis"),
    ("postcode_outward", "forename_sound"),
    ("surname_nysiis", "date_of_birth_year"),
    ("forename_prefix3", "surname_prefix4"),
    ("postcode_outward", "date_of_birth_year"),
    ("forename_group", "surname_nysiis"),
    ("forename_initial", "date_of_birth_year_month"),
    ("surname_prefix4", "date_of_birth_month_day"),
    # Where a postcode is a crowd.
    ("postcode_exact", "forename_initial"),
    ("postcode_exact", "surname_initial"),
    ("postcode_exact", "date_of_birth_year"),
)
# They say little of a person unless few share them: a rare surname, not Smith.
_WIDE: tuple[_Rule, ...] = (
    ("surname_sound",),
    ("surname_prefix4",),
    ("postcode_sector",),
    ("forename_exact", "surname_initial"),
)
# EM switches off only the comparisons on the very columns it is blocked on.
_TRAINING: tuple[_Rule, ...] = (("forename_exact", "surname_exact"), ("date_of_birth_exact",))
_SPARE: tuple[_Rule, ...] = (("postcode_exact",),)
_STRICT: tuple[_Rule, ...] = (
    ("forename_exact", "surname_exact", "date_of_birth_exact"),
    ("date_of_birth_exact", "postcode_exact", "sex_exact"),
    ("forename_exact", "surname_exact", "postcode_exact"),
)


def _other_blocking(columns: Collection[str]) -> tuple[_Rule, ...]:
    partners = ("surname_nysiis", "forename_group", "date_of_birth_year")
    return tuple((f"{other}_exact", partner) for other in _others(columns) for partner in partners)


def _wide_others(columns: Collection[str]) -> tuple[_Rule, ...]:
    others = [f"{other}_exact" for other in _others(columns)]
    return (*((other,) for other in others), *combinations(others, 2))


def _usable(rules: tuple[_Rule, ...], columns: Collection[str]) -> tuple[str, ...]:
    usable = (rule for rule in rules if set(rule) <= set(columns))
    return tuple(rule_sql(rule) for rule in usable)


def rule_sql(rule: _Rule) -> str:
    """The condition of a rule: its columns equal, and not two entries of one clean list."""
    return " AND ".join((*(f"l.{column} = r.{column}" for column in rule), NOT_ONE_LIST))


_EQUAL = re.compile(r"\bl\.(\w+) = r\.\1\b")


def columns_of(rule: str) -> tuple[str, ...]:
    """The columns that a rule, as `rule_sql` writes it, wants equal."""
    return tuple(_EQUAL.findall(rule))


def rule_name(rule: str) -> str:
    """The name of a rule in parameters and messages: its columns, `date_of_birth + surname`."""
    named = (c.removesuffix("_exact") for c in columns_of(rule) if not c.startswith("uncrowded_"))
    return " + ".join(named)
