"""A million families by a thousand cells: counted, protected and entered in a ledger; seconds and peak memory.

In: how many families. Out: seconds of each step. The frame (a row for each family) and the multipliers of its costs are made before:
multipliers are drawn once, when records are linked. Runs in a process of its own, whose peak memory is told.
"""

from __future__ import annotations

import time

import numpy as np
import polars as pl

from benchmarks.apart import peak_gb, run_apart
from benchmarks.disclosure_families import KEY
from gateway.disclosure import Dimension, Ledger, Rules, protect_table, tabulate
from gateway.disclosure.ledger import served_cells

FAMILIES, CELLS_A_SIDE, SIDES = 1_000_000, 10, 3


def measure_million(families: int = FAMILIES) -> dict[str, float]:
    """Seconds from the frame to the entered release, step by step, and the peak memory in GB."""
    return run_apart(measure_here, families)


def measure_here(families: int) -> dict[str, float]:
    """The same, in this process."""
    frame = make_frame(families)
    before = peak_gb()
    places = tuple(str(place) for place in range(CELLS_A_SIDE))
    dimensions = [Dimension(f"side{n}", f"side{n}", places) for n in range(SIDES)]
    ledger, marks = Ledger(), [time.perf_counter()]
    exact = tabulate(frame, dimensions, ("families", "cost"), key=KEY, cost_pence="perturbed_pence")
    marks.append(time.perf_counter())
    protected = protect_table(exact, Rules(max_cells=CELLS_A_SIDE**SIDES), KEY, ledger)
    marks.append(time.perf_counter())
    ledger.enter(exact, served_cells(exact, protected))
    marks.append(time.perf_counter())
    counted, protecting, entering = np.diff(marks).tolist()
    return {
        "families": families,
        "cells": CELLS_A_SIDE**SIDES,
        "withheld": sum(protected.withheld.values()),
        "tabulate_s": counted,
        "protect_s": protecting,
        "enter_s": entering,
        "seconds": marks[-1] - marks[0],
        "frame_gb": before,
        "peak_gb": peak_gb(),
    }


def make_frame(families: int, seed: int = 0) -> pl.DataFrame:
    """A row for each family: a category on each side, uneven, and what it cost, perturbed."""
    rng = np.random.default_rng(seed)
    weights = np.linspace(2.0, 1.0, CELLS_A_SIDE)
    drawn = {
        f"side{n}": pl.Series(rng.choice(CELLS_A_SIDE, families, p=weights / weights.sum()))
        .cast(pl.String)
        .cast(pl.Categorical)
        for n in range(SIDES)
    }
    off = rng.choice([-1.0, 1.0], families) * (0.2 - 0.1 * np.sqrt(1 - rng.random(families)))
    pence = rng.lognormal(13.5, 0.9, families) * (1 + off)
    return pl.DataFrame(
        {"family": np.arange(families), **drawn, "perturbed_pence": pence.astype(np.int64)}
    )
