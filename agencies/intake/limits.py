"""How much one extract may ask of the machine. In: nothing. Out: Limits, with defaults for a county."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Ceilings of one extract; sizes in bytes, `ratio` is expanded size over packed size.

    `findings` caps the findings kept in a report; the counts per rule are never capped.
    """

    file_bytes: int = 1 << 30
    expanded_bytes: int = 4 << 30
    ratio: int = 200
    rows: int = 5_000_000
    columns: int = 200
    findings: int = 1000
