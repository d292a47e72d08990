"""How measurements are written down: one table a benchmark, a miss called a miss.

In: sections of lines, and what they were measured on. Out: Markdown. Never names a machine or a folder of it.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

LIBRARIES = (
    *("polars", "duckdb", "pyarrow", "splink", "ibis-framework", "numpy"),
    *("cryptography", "sqlalchemy", "cedarpy"),
)
HEAD = ("what", "ours", "beside", "ratio", "target", "")
VERDICTS = {True: "met", False: "**missed**", None: ""}


@dataclass(frozen=True)
class Line:
    """One measured thing. `ratio` is ours over what stands beside it; `met` is None where there is no target."""

    what: str
    ours: str
    beside: str = ""
    ratio: float | None = None
    target: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The line as a row of the table."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}x"
        return (self.what, self.ours, self.beside, ratio, self.target, VERDICTS[self.met])


@dataclass(frozen=True)
class Section:
    """One benchmark: what it is, how it was measured, its lines."""

    name: str
    title: str
    says: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Machine:
    """What a measurement depends on, without the machine's name."""

    day: str
    processor: str
    cores: int
    memory_gb: float
    load: float
    python: str
    versions: tuple[tuple[str, str], ...]


def this_machine() -> Machine:
    """The machine as it is now; `load` is how many others wanted the processor in the last minute."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return Machine(
        day=datetime.now(UTC).date().isoformat(),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=pages * size / 1e9,
        load=os.getloadavg()[0],
        python=platform.python_version(),
        versions=tuple((name, version(name)) for name in LIBRARIES),
    )


def markdown(
    sections: Sequence[Section], machine: Machine, seconds: float, unmeasured: Sequence[str] = ()
) -> str:
    """The whole document; `unmeasured` names the benchmarks that failed."""
    judged = [line for section in sections for line in section.lines if line.met is not None]
    missed = [line for line in judged if not line.met]
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions)
    parts = [
        "# Benchmarks",
        "Written by `make bench` or `make bench-linkage` (`python -m benchmarks`); do not edit. Each figure stands beside a peer or a floor "
        "that was measured in the same run. A miss is called a miss.",
        f"{machine.day}, {machine.cores} cores ({machine.processor}), {machine.memory_gb:.0f} GB, load "
        f"{machine.load:.1f} at the start, {seconds:.0f} s in all. Python {machine.python}, {versions}.",
        f"{len(judged) - len(missed)} of {len(judged)} targets met"
        + (
            ": all." if not missed else ". Missed: " + "; ".join(line.what for line in missed) + "."
        ),
        *(["Could not be measured: " + ", ".join(unmeasured) + "."] if unmeasured else []),
        *(_section(section) for section in sections),
    ]
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> str:
    rows = [HEAD, tuple("---" for _ in HEAD), *(line.cells() for line in section.lines)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    again = f"Again: `python -m benchmarks {section.name}`."
    return f"## {section.title}\n\n{section.says} {again}\n\n{table}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
