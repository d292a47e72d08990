"""Each tool has one job and one place: who may import what, beyond what the import contracts can say.

In: the syntax trees of the five packages; the tables name places as module prefixes.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

title = "A tool with one job is imported in one place"

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "agencies", "linkage", "policies", "audit")

ONLY_IN = """
tool              | places that may import it
splink            | linkage
polars_hash       | linkage.tokens
cedarpy           | policies
presidio_analyzer | agencies.intake
ahocorasick_rs    | agencies.intake
fastexcel         | agencies
faker             | agencies.county
highspy           | gateway.disclosure
sqlalchemy        | gateway.store
alembic           | gateway.store
fastapi           | gateway.api gateway.web gateway.auth gateway.app
starlette         | gateway.api gateway.web gateway.auth gateway.app
jinja2            | gateway.web gateway.app
uvicorn           | gateway.app gateway.cli gateway.__main__
typer             | gateway.cli gateway.__main__
opentelemetry     | gateway.app gateway.jobs
pydantic_settings | gateway.config
"""

NEVER_IN = """
place                   | tools it may never import
policies                | polars pandas pyarrow duckdb ibis sqlalchemy alembic starlette fastapi
audit                   | polars pandas pyarrow duckdb ibis sqlalchemy alembic starlette
agencies.intake         | tempfile logging shelve pickle
linkage                 | tempfile logging shelve pickle
gateway.pipeline        | tempfile logging shelve pickle
gateway.disclosure      | tempfile pickle duckdb sqlalchemy
"""


def rows(table: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """First cell and the words of the second, for each line below the heading."""
    for line in table.strip().splitlines()[1:]:
        first, second = line.split("|")
        yield first.strip(), tuple(second.split())


def imports() -> dict[str, set[str]]:
    """Module -> first parts of everything it imports, imports inside functions too."""
    found: dict[str, set[str]] = {}
    for package in PACKAGES:
        for file in sorted((PROJECT / package).rglob("*.py")):
            module = ".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(
                ".__init__"
            )
            found[module] = set(imported(ast.parse(file.read_text(encoding="utf-8"))))
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    """First part of every absolute import in a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def is_within(module: str, places: tuple[str, ...]) -> bool:
    """Whether `module` is one of `places` or below one."""
    return any(module == place or module.startswith(place + ".") for place in places)


IMPORTS = imports()


@pytest.mark.parametrize(
    ("tool", "places"), list(rows(ONLY_IN)), ids=lambda cell: cell if isinstance(cell, str) else ""
)
def test_a_tool_stays_in_its_place(tool: str, places: tuple[str, ...]) -> None:
    strangers = [m for m, tools in IMPORTS.items() if tool in tools and not is_within(m, places)]

    assert strangers == []


@pytest.mark.parametrize(
    ("place", "tools"), list(rows(NEVER_IN)), ids=lambda cell: cell if isinstance(cell, str) else ""
)
def test_a_place_never_holds_a_tool_that_could_leak(place: str, tools: tuple[str, ...]) -> None:
    inside = {m: found & set(tools) for m, found in IMPORTS.items() if is_within(m, (place,))}

    assert inside, f"{place} does not exist"
    assert {m: found for m, found in inside.items() if found} == {}


def test_every_place_of_the_table_exists() -> None:
    places = {place for _, row in rows(ONLY_IN) for place in row}

    assert sorted(place for place in places if place not in IMPORTS) == []
