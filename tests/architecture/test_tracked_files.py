"""What is committed names no machine and no package registry, so that a clone works anywhere.

In: the files git tracks; where there is no git, every file but those of `NOT_OURS`.
"""

import re
import shutil
import subprocess
from pathlib import Path

title = "A clone of this tree carries no trace of the machine it was written on"

PROJECT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", ".uv", "demo-home", "gateway-home"}

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|work|Users|home/\w+)/")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|index[-_]url|find-links|npmjs\.(?:com|org)", re.IGNORECASE
)
SECRET = re.compile(r"-----BEGIN (?:\w+ )*PRIVATE KEY-----")


def tracked() -> list[Path]:
    """Files of the tree, by their path below the project."""
    git = shutil.which("git")
    if git and (PROJECT / ".git").exists():
        done = subprocess.run(
            [git, "-c", "safe.directory=*", "ls-files", "-z"],
            cwd=PROJECT,
            capture_output=True,
            check=True,
        )
        names = [Path(name) for name in done.stdout.decode().split("\0") if name]
    else:
        names = [file.relative_to(PROJECT) for file in PROJECT.rglob("*") if file.is_file()]
    return [name for name in names if not NOT_OURS & set(name.parts) and (PROJECT / name).is_file()]


def places(pattern: re.Pattern[str]) -> list[str]:
    """`file:line` of every hit in a text file, this one left out."""
    found = []
    for name in tracked():
        if (PROJECT / name).samefile(__file__):
            continue
        try:
            lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{name}:{number}" for number, line in enumerate(lines, 1) if pattern.search(line)
        ]
    return found


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert places(MACHINE_PATH) == []


def test_no_file_names_a_package_registry() -> None:
    assert places(REGISTRY) == []


def test_no_file_holds_a_private_key() -> None:
    assert places(SECRET) == []


def test_the_lock_pins_by_digest_and_holds_no_address() -> None:
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==", lock, flags=re.MULTILINE)
    unpinned = [
        block
        for block in re.split(r"\n(?=\w)", lock)
        if "==" in block and "--hash=sha256:" not in block
    ]

    assert len(pins) > 50
    assert unpinned == []
    assert "://" not in lock


def test_nothing_generated_is_tracked() -> None:
    generated = {"__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache"}

    assert [name for name in tracked() if generated & set(name.parts)] == []
