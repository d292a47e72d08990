"""A store from outside: what a writer in a program of its own tells, and the names in a folder."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[3]
WRITER = [sys.executable, "-m", "tests.unit.gateway.store_writer"]


def run_writer(command: list[str]) -> list[dict[str, Any]]:
    """The lines it tells, each as JSON; it has to end well."""
    told = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


def names(folder: Path) -> list[str]:
    """What lies in a folder, in order."""
    return sorted(path.name for path in folder.iterdir())
