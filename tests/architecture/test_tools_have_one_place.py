"""Each tool has one job and one place: who may import what, beyond what the import contracts can say.

In: the syntax trees of the five packages and the dependencies of pyproject.toml; the tables name places as module
prefixes.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

title = "A tool with one job is imported in one place"

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "agencies", "linkage", "policies", "audit")

ONLY_IN = """
tool              | places that may import it
splink            | linkage
scipy             | linkage gateway.disclosure gateway.evaluation
highspy           | gateway.disclosure.suppression.programme
statsmodels       | gateway.disclosure.outputs.regression
opendp            | gateway.disclosure.methods.opendp_noise
rbcl              | linkage.oprf.group
opendp            | gateway.disclosure.methods.opendp_noise
pyspark           | linkage.engine.spark
py4j              | linkage.engine.spark
sqlglot           | linkage.engine.words
duckdb            | linkage gateway.evaluation
ibis              | gateway.evaluation
cedarpy           | policies
presidio_analyzer | agencies.intake
ahocorasick_rs    | agencies.intake
fastexcel         | agencies.intake
faker             | agencies.county.names
faker             | agencies.county
xlsxwriter        | agencies.templates
altair            | linkage.report.charts
vl_convert        | linkage.report.charts
jinja2            | linkage.report.page gateway.api.release_page gateway.web
ruamel            | linkage.files agencies.register policies.strict_yaml gateway.questions
rfc8785           | audit policies gateway.keys gateway.pipeline gateway.questions
cryptography      | audit linkage.tokens gateway.keys
sqlalchemy        | gateway.store
alembic           | gateway.store
pyarrow           | agencies.intake agencies.prepared linkage.tokens gateway.store gateway.evaluation
pandas            | gateway.client gateway.disclosure
fastapi           | gateway.api gateway.web gateway.auth gateway.app
starlette         | gateway.api gateway.web gateway.auth gateway.app
httpx             | gateway.client gateway.cli
uvicorn           | gateway.app gateway.cli gateway.__main__
typer             | linkage.__main__ gateway.cli gateway.__main__ agencies.county.__main__
rich              | linkage.evaluation_tables gateway.cli agencies.county.__main__
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

# A floor of the contracts that may be empty: pages.
OPTIONAL = {"gateway.web"}
# Imported, but pinned through the dependency that is nothing without it.
COMES_WITH = {
    "numpy": "pandas",
    "py4j": "pyspark",
    "pydantic": "fastapi",
    "pydantic_core": "fastapi",
    "sqlglot": "splink",
    "starlette": "fastapi",
}


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

    assert sorted(place for place in places - OPTIONAL if place not in IMPORTS) == []


def declared() -> set[str]:
    """The dependencies that pyproject.toml pins for the five packages, by distribution."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    pins = [*project["dependencies"], *(pin for extra in extras for pin in extra)]
    return {normal(re.split(r"[\[=]", pin)[0]) for pin in pins}


def normal(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions() -> dict[str, set[str]]:
    """What is imported from outside -> the distributions that it comes from."""
    outside = set().union(*IMPORTS.values()) - sys.stdlib_module_names - {*PACKAGES}
    installed = packages_distributions()
    # An extra need not be installed: it is then taken for the distribution of its own name.
    return {name: {normal(each) for each in installed.get(name, (name,))} for name in outside}


def test_whatever_is_imported_is_pinned_for_everybody_and_not_for_developers_only() -> None:
    pinned = declared()
    missing = {
        name
        for name, sources in distributions().items()
        if not sources & pinned and COMES_WITH.get(name) not in pinned
    }

    assert missing == set()


def test_whatever_is_pinned_is_imported() -> None:
    assert declared() - set().union(*distributions().values()) == set()


def test_no_import_is_hidden_from_these_tables() -> None:
    """A module asked for by name at run time is missed by every rule here, and by whoever tidies the pins."""
    hiding = [
        file.relative_to(PROJECT).as_posix()
        for package in PACKAGES
        for file in sorted((PROJECT / package).rglob("*.py"))
        if {"import_module", "__import__"} & words(file)
    ]

    assert hiding == []


def words(file: Path) -> set[str]:
    """Every name and attribute a file uses."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute | ast.alias)
    }
