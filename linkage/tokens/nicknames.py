"""Which forenames are forms of one another, read from `nicknames.txt` beside this file."""

from functools import cache
from importlib.resources import files


def nickname_groups(name: str) -> tuple[str, ...]:
    """The full forms a standard forename may stand for, sorted; empty for a name not listed."""
    return _groups().get(name, ())


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    listed = files("linkage.tokens").joinpath("nicknames.txt").read_text(encoding="utf-8")
    groups: dict[str, set[str]] = {}
    for line in listed.splitlines():
        if line and not line.startswith("#"):
            full, *forms = line.split()
            for form in (full, *forms):
                groups.setdefault(form, set()).add(full)
    return {form: tuple(sorted(full)) for form, full in groups.items()}
