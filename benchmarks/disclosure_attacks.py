"""What the attacks of the red team attain, as rows of a benchmark.

In: whether the quick form will do. Out: of each attack the lines of ours (`python -m tests.redteam.disclosure`, each attack in a
process of its own, two at a time), and sums by kind of attack. An attack that could not be judged is named, never left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
MODULE = "tests.redteam.disclosure"
OURS, AT_ONCE = "ours", 2
Lines = Mapping[str, Mapping[str, Any]]


# Quick enough, and its target is about many tables.
ALWAYS_IN_FULL = ("reconstruction",)


def measure_attacks(*, quick: bool = False, only: Iterable[str] = ()) -> dict[str, Any]:
    """`lines` of ours by name, `beside`: the best that the line's attack attains elsewhere, sums by kind, `not_judged`."""
    names = list(only) or attack_names()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(
            pool.map(lambda name: _run(name, quick=quick and name not in ALWAYS_IN_FULL), names)
        )
    matrix = {line: methods for each in told for line, methods in each["lines"].items()}
    ours = {line: methods[OURS] for line, methods in matrix.items() if OURS in methods}
    judged = {line.partition(":")[0] for line in ours}
    return {
        "quick": quick,
        "attacks": len(names),
        "not_judged": [name for name in names if name not in judged],
        "lines": ours,
        "elsewhere": {line: _most(methods) for line, methods in matrix.items()},
        "served": {name: share for each in told for name, share in each["served"].items()},
        "kinds": {kind: of_kind(ours, kind) for kind in sorted({s["kind"] for s in ours.values()})},
    }


def attack_names() -> list[str]:
    """Every attack of the matrix."""
    from tests.redteam.disclosure.attacks import ATTACKS

    return [attack.name for attack in ATTACKS]


def of_kind(lines: Lines, kind: str) -> dict[str, Any]:
    """Targets tried, those known for certain, right answers and those of the honest guess; lines that do not hold."""
    chosen = {name: score for name, score in lines.items() if score["kind"] == kind}
    tried = sum(score["tried"] for score in chosen.values())

    def sum_of(rate: str) -> int:
        return round(sum(float(score[rate]) * int(score["tried"]) for score in chosen.values()))

    return {
        "lines": len(chosen),
        "tried": tried,
        "known": sum_of("known"),
        "right": sum_of("rate"),
        "honest": sum_of("honest"),
        "broken": [name for name, score in chosen.items() if not score["holds"]],
    }


def _most(methods: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """The method, beside ours, at which the attack is best."""
    others = {name: score for name, score in methods.items() if name != OURS and score["tried"]}
    if not others:
        return None
    name = max(others, key=lambda each: (others[each]["known"], others[each]["rate"]))
    return {"method": name, **others[name]}


def _run(name: str, *, quick: bool) -> dict[str, Any]:
    """The matrix of one attack; nothing of it where nothing was told."""
    command = [sys.executable, "-m", MODULE, "--json", "--only", name]
    ran = subprocess.run(
        command + ["--quick"] * quick, capture_output=True, text=True, cwd=PROJECT, check=False
    )
    # 1 says that a target is missed, which is told line by line.
    if ran.returncode not in (0, 1) or not ran.stdout.strip():
        print(f"{name} was not judged: {ran.stderr[-300:]}", file=sys.stderr)
        return {"lines": {}, "served": {}}
    told: dict[str, Any] = json.loads(ran.stdout)
    own = [line for line in told["lines"] if line.partition(":")[0] == name]
    return {"lines": {line: told["lines"][line] for line in own}, "served": told["served"]}
