"""Settings come in at the door: below the entrance nobody asks the environment or the user's home."""

import ast
from pathlib import Path

title = "The environment is read once, at the entrance"

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "agencies", "linkage", "policies", "audit")
ENTRANCE = ("gateway/config.py", "gateway/__main__.py", "gateway/cli")
ASKING = ("os.environ", "os.getenv", "os.environb", "Path.home", "os.path.expanduser")


def places_that_ask() -> list[str]:
    """`file:line` of every mention of the environment."""
    found = []
    for package in PACKAGES:
        for file in sorted((PROJECT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and ast.unparse(node) in ASKING:
                    found.append(f"{file.relative_to(PROJECT).as_posix()}:{node.lineno}")
    return found


def test_nobody_below_the_entrance_reads_the_environment() -> None:
    assert [place for place in places_that_ask() if not place.startswith(ENTRANCE)] == []
