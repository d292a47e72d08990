"""The documents tell the truth: what they name exists, and what exists is named.

In: the Markdown files at the root and in docs/, the settings, the command line, the Makefile.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from gateway.config import Settings
from gateway.jobs.problems import PROBLEMS, problem_of

title = "What the documents name exists"

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
README_CEILING = 150
NOT_SETTINGS = {
    "GATEWAY_PASSPHRASE",
    "GATEWAY_URL",
    "GATEWAY_CREDENTIAL",
    "GATEWAY_CREDENTIAL_FILE",
    "GATEWAY_PACKAGE_PASSPHRASE",
    "GATEWAY_TEST_DATA",
}
A_PATH = re.compile(
    r"`((?:agencies|linkage|policies|audit|gateway|tests|docs|benchmarks|\.ci)/[\w./-]*|\w+\.(?:md|toml|lock))`"
)


def text(name: str) -> str:
    """A document of the project."""
    return (PROJECT / name).read_text(encoding="utf-8")


def section(document: str, heading: str) -> str:
    """The part of a document below one heading."""
    return document.split(f"## {heading}\n")[1].split("\n## ")[0]


def commands(group: TyperGroup, before: str = "gateway") -> Iterator[str]:
    """Every command as it is typed, groups as well: "gateway audit verify"."""
    for name, command in group.commands.items():
        yield f"{before} {name}"
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{before} {name}")


def typed_commands() -> set[str]:
    """What the command line offers."""
    from gateway.cli.run import app

    group = typer.main.get_command(app)
    if not isinstance(group, TyperGroup):
        pytest.fail("the command line has no commands")
    return set(commands(group))


def test_the_readme_is_read_in_five_minutes() -> None:
    assert len(text("README.md").splitlines()) < README_CEILING


def test_each_place_of_the_pipeline_table_exists() -> None:
    table = section(text("README.md"), "How a record becomes a figure")
    places = A_PATH.findall(table)

    assert len(places) >= 10
    assert [place for place in places if not (PROJECT / place).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_a_document_names_exists(document: Path) -> None:
    named = A_PATH.findall(document.read_text(encoding="utf-8"))

    assert [name for name in named if not (PROJECT / name).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link and "NNNN" not in link]

    assert [link for link in inside if not (document.parent / link).exists()] == []


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    settings = {f"GATEWAY_{name.upper()}" for name in Settings.model_fields} | NOT_SETTINGS
    rows = re.findall(r"^\| `(GATEWAY_\w+)` \|", text("docs/configuration.md"), flags=re.MULTILINE)

    assert sorted(rows) == sorted(settings)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_setting_that_is_not_read(document: Path) -> None:
    documented = set(re.findall(r"GATEWAY_[A-Z_]+", text("docs/configuration.md")))
    named = set(re.findall(r"GATEWAY_[A-Z_]+[A-Z]", document.read_text(encoding="utf-8")))

    assert named - documented == set()


def test_a_default_in_the_settings_page_is_the_default_of_the_code() -> None:
    page = text("docs/configuration.md")
    plain = {
        name: field.default
        for name, field in Settings.model_fields.items()
        if isinstance(field.default, str | int | Path)
    }
    wrong = [
        name
        for name, default in plain.items()
        if not re.search(
            rf"^\| `GATEWAY_{name.upper()}` \| `?{re.escape(str(default))}\b", page, re.MULTILINE
        )
    ]

    assert wrong == []


def test_every_command_is_in_the_readme_under_a_role() -> None:
    table = section(text("README.md"), "Who does what")
    first_words = {" ".join(command.split()[:2]) for command in typed_commands()}

    assert sorted(c for c in first_words - {"gateway demo"} if f"`{c}`" not in table) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_a_document_names_can_be_typed(document: Path) -> None:
    body = document.read_text(encoding="utf-8")
    quoted = re.findall(r"`(gateway [a-z][^`]*)`", body)
    quoted += re.findall(
        r"^(?:\$ )?(gateway [a-z].*)$", "\n".join(re.findall(r"```sh\n(.*?)```", body, re.S)), re.M
    )
    known = typed_commands()
    unknown = [
        line
        for line in quoted
        if not any(f"{line} ".startswith(f"{command} ") for command in known)
    ]

    assert unknown == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), flags=re.MULTILINE))
    named = set(
        re.findall(
            r"(?:`|^)make ([a-z-]+)", document.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
    )

    assert named - targets == set()


def test_every_test_that_contributing_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text("CONTRIBUTING.md"))
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (PROJECT / file).exists() or f"def {name}" not in text(file)
    ]

    assert len(named) >= 8
    assert missing == []


def test_every_error_that_operations_explains_is_told_in_these_words() -> None:
    told = {problem.title for _, problem in PROBLEMS} | {str(problem_of(Exception())["title"])}
    rows = section(text("docs/operations.md"), "What the errors mean").split("|---|---|\n")[1]
    explained = {row.split("|")[1].split(":")[0].strip() for row in rows.strip().splitlines()}

    assert explained - told == set()


def test_decision_records_are_numbered_without_a_gap() -> None:
    numbers = sorted(
        int(record.name[:4]) for record in (PROJECT / "docs" / "decisions").glob("*.md")
    )

    assert numbers == list(range(len(numbers)))
