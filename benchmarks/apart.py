"""Runs one side of a benchmark in a process of its own, so that its peak memory is nobody else's.

In: a function of a module and plain arguments. Out: what it returns. The process is started anew, never forked.
"""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Figures = TypeVar("Figures", bound=Mapping[str, Any])


def run_apart(run: Callable[..., Figures], *arguments: object) -> Figures:
    """What `run(*arguments)` returns, from a fresh interpreter."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(run, arguments)


def peak_gb() -> float:
    """Most memory this process ever held, in GB (10^9 bytes; ru_maxrss counts KiB on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
