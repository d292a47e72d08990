"""The clinic, a dataset with one column of every kind, and ways to send it a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from agencies.declaration import Dataset
from agencies.intake import Intake, take_in
from agencies.register import Register, load_register

TODAY = date(2026, 1, 31)
Send = Callable[..., Intake]


@pytest.fixture(scope="session")
def register() -> Register:
    return load_register(Path(__file__).parent / "clinic")


@pytest.fixture(scope="session")
def visits(register: Register) -> Dataset:
    return register.dataset("clinic", "visits")


@pytest.fixture(scope="session")
def send(visits: Dataset) -> Send:
    """Send rows given as dicts of header to cell; Ref and Seen are filled in where a row leaves them out."""

    def send_rows(*rows: dict[str, str], **options: object) -> Intake:
        filled = [{"Ref": f"r{n}", "Seen": "05/01/2024"} | row for n, row in enumerate(rows, 1)]
        text = io.StringIO()
        writer = csv.DictWriter(text, [column.header for column in visits.columns.values()])
        writer.writeheader()
        writer.writerows(filled)
        return take_in(text.getvalue().encode(), "visits.csv", visits, today=TODAY, **options)

    return send_rows
