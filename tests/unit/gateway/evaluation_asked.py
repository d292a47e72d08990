"""What the tests of evaluation ask: a question with its usual parts, and a table of a vintage as a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from gateway.questions import Question

PERIOD = {"from": "2024-04", "to": "2026-03"}


def question(**changed: Any) -> Question:
    body = {
        "purpose": "sf-evaluation",
        "cohort": "all-families",
        "unit": "family",
        "measures": ["families"],
    }
    return Question.from_mapping(body | changed)


def frame(vintage: Mapping[str, pa.Table], name: str) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(vintage[name]))
