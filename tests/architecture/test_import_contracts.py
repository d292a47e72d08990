"""The floors hold, and each wall of pyproject.toml notices the import that would go through it.

Every row of `PLANTED` puts one import (or one file) into a copy of the five packages and runs the real
lint-imports on the copy; exactly the walls named in the last column must fall.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

title = "The floors are a test, not a drawing"

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "agencies", "linkage", "policies", "audit")

WALLS = {
    "house": "One application on four libraries that do not know one another",
    "floors": "Floors inside the gateway",
    "circles": "No circles",
    "identifiers": "Raw identifiers: agency intake, token making and the ingest step only",
    "figures": "Exact figures: the answer step and what stands beside it only",
    "settings": "Settings are read once, at the entrance",
    "pure": "Policy decisions are pure",
    "verifier": "The audit verifier stands alone",
    "web": "The web framework stays at the edge",
}

PLANTED = """
why it must not be                    | file                          | line put in                       | walls that fall
a library that knows another          | linkage/planted.py            | import agencies                   | house
a library that knows another          | audit/planted.py              | import policies                   | house
a library that knows another          | policies/planted.py           | from linkage import evaluate      | house pure
a library that knows the application  | agencies/planted.py           | import gateway.questions          | house
the store calls a use case            | gateway/store/planted.py      | import gateway.pipeline           | floors circles
the door opens the store              | gateway/access.py             | import gateway.store              | floors circles
two rooms of one floor                | gateway/disclosure/planted.py | import gateway.store              | floors
a module on no floor                  | gateway/utils.py              | FEW = 3                           | floors
two files that need each other        | linkage/planted_red.py        | import linkage.planted_blue       | circles
a circle that only types see          | linkage/planted_red.py        | if TYPE_CHECKING: import linkage.planted_blue | circles
raw identifiers in the link step      | gateway/pipeline/planted.py   | import agencies.intake            | identifiers
raw identifiers in the bundle's checks | gateway/pipeline/bundle.py  | import agencies.intake            | identifiers
raw identifiers in another command    | gateway/cli/planted.py        | import linkage.tokens             | identifiers
raw identifiers on a page             | gateway/web/planted.py        | from agencies import intake       | identifiers
token making beside the figures       | gateway/evaluation/planted.py | import linkage.tokens             | identifiers
exact figures in a route              | gateway/api/planted.py        | import gateway.evaluation         | figures
exact figures in the release step     | gateway/pipeline/planted.py   | from gateway import evaluation    | figures
an import hidden in a function        | gateway/web/planted.py        | def f(): import gateway.evaluation | figures
settings read below the entrance      | gateway/store/planted.py      | from gateway.config import Settings | settings
a decision that asks a database       | policies/planted.py           | import sqlalchemy                 | pure
a decision that computes on data      | policies/planted.py           | import duckdb                     | pure
a decision that knows the web         | policies/planted.py           | import fastapi                    | pure web
a verifier that trusts the log's code | audit/verify.py               | from audit import log             | verifier
a verifier that needs a database      | audit/verify.py               | import sqlalchemy                 | verifier
disclosure control that knows the web | gateway/disclosure/planted.py | import fastapi                    | web
a library that knows the web          | agencies/planted.py           | import starlette                  | web
"""

THE_OTHER_HALF_OF_A_CIRCLE = ("linkage/planted_blue.py", "import linkage.planted_red")


def rows(table: str) -> Iterator[tuple[str, ...]]:
    """The lines of a table, without its heading."""
    for line in table.strip().splitlines()[1:]:
        yield tuple(cell.strip() for cell in line.split("|"))


def fallen(folder: Path) -> set[str]:
    """Run lint-imports in `folder`; the short names of the broken walls."""
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [command, "--no-logo", "--no-cache"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)", done.stdout, flags=re.MULTILINE))
    if set(verdicts) != set(WALLS.values()):
        pytest.fail(
            f"lint-imports did not come to a verdict on every wall:\n{done.stdout}{done.stderr}"
        )
    return {short for short, name in WALLS.items() if verdicts[name] == "BROKEN"}


@pytest.fixture(scope="module")
def copy_of_the_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python files of the five packages and the contracts, in a folder of their own."""
    folder = tmp_path_factory.mktemp("floors")
    shutil.copy(PROJECT / "pyproject.toml", folder)
    for package in PACKAGES:
        for source in (PROJECT / package).rglob("*.py"):
            target = folder / source.relative_to(PROJECT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return folder


@pytest.fixture
def planted(copy_of_the_packages: Path) -> Iterator[Callable[[str, str], Path]]:
    """Append a line to a file of the copy (made if absent); afterwards the copy is as it was."""
    before: dict[Path, str | None] = {}

    def plant(name: str, line: str) -> Path:
        file = copy_of_the_packages / name
        # A floor that may be empty, such as the pages, is begun with the file.
        opening = file.with_name("__init__.py")
        if not opening.exists():
            opening.parent.mkdir(exist_ok=True)
            opening.touch()
            before[opening] = None
        before[file] = file.read_text(encoding="utf-8") if file.exists() else None
        if "TYPE_CHECKING" in line:
            line = f"from typing import TYPE_CHECKING\n{line}"
        file.write_text(f"{before[file] or ''}\n{line}\n", encoding="utf-8")
        return copy_of_the_packages

    yield plant
    for file, text in before.items():
        file.unlink() if text is None else file.write_text(text, encoding="utf-8")


def test_every_wall_stands() -> None:
    assert fallen(PROJECT) == set()


def test_every_contract_of_pyproject_is_a_wall_with_a_row() -> None:
    declared = re.findall(
        r'^name = "(.+)"',
        (PROJECT / "pyproject.toml").read_text().split("[tool.importlinter]")[1],
        re.M,
    )
    named = {wall for *_, walls in rows(PLANTED) for wall in walls.split()}

    assert set(declared) == set(WALLS.values())
    assert named == set(WALLS)


@pytest.mark.parametrize(
    ("file", "line", "walls"),
    [pytest.param(*row[1:], id=f"{row[0]}: {row[2]}") for row in rows(PLANTED)],
)
def test_exactly_the_named_walls_fall(
    planted: Callable[[str, str], Path], file: str, line: str, walls: str
) -> None:
    folder = planted(file, line)
    if "circle" in walls and "planted_blue" in line:
        planted(*THE_OTHER_HALF_OF_A_CIRCLE)

    assert fallen(folder) == set(walls.split())
