"""Described: what linkage is made of, as tables of Markdown, from the very declarations it runs on.

Nothing goes in. Come out: the fields with their tokens, the comparisons with their levels, the blocking rules. The guide
`docs/linkage.md` holds them, and a test holds the guide to them.
"""

from linkage.model import model_for, rule_name
from linkage.tokens.fields import EXACT, FIELDS, OTHER_PREFIX

_ANY_OTHER = f"{OTHER_PREFIX}..."
# Stands in for any name while the model is asked; no name has dots.
_OTHER = f"{OTHER_PREFIX}name"
# Columns that `profiles` makes of tokens, for rules and comparisons to use.
_MADE = (
    *("forename_group", "forename_sound", "forename_other_sound"),
    *("surname_sound", "surname_other_sound", "reference_exact"),
)


def describe() -> str:
    """All tables, one after another."""
    return "\n\n".join((tokens_table(), comparisons_table(), rules_table()))


def tokens_table() -> str:
    """Each identifier role with the tokens made of it; a star marks a set."""
    rows = [
        (
            field.role,
            ", ".join(level.name + "*" * level.is_set for level in field.levels),
            field.key.replace("_", " ") + (", within its frame" if field.in_namespace else ""),
        )
        for field in FIELDS
    ]
    return _table(("role", "tokens", "key"), [*rows, (_ANY_OTHER, EXACT, "its own")])


def comparisons_table() -> str:
    """Each comparison with its levels, best first; a star marks one that a frequency adjusts."""
    return _table(
        ("comparison", "levels, best first"),
        [
            (each.name, "; ".join(level.label + "*" * bool(level.tf) for level in each.levels))
            for each in model_for(_columns()).comparisons
        ],
    )


def rules_table() -> str:
    """Each blocking rule, and whether it only brings small blocks together."""
    model = model_for(_columns())
    return _table(
        ("equal in both records", "blocks"),
        [(rule_name(rule), "small" if rule in model.wide else "all") for rule in model.blocking],
    )


def _columns() -> list[str]:
    made = [field.column(level) for field in FIELDS for level in field.levels]
    return [*made, *_MADE, f"{_OTHER}_{EXACT}"]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return table.replace(_OTHER, _ANY_OTHER)
