"""The digest of a dataset's declaration: two programs that agree on it read an extract alike.

In: a declared dataset. Out: SHA-256 in hex over everything that decides how a row is read; titles and help are for people
and are left out.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from agencies.declaration import Dataset

_FOR_PEOPLE = {"title", "help"}


def digest_of(dataset: Dataset) -> str:
    """The digest of one declaration."""
    stated = _without_words(dataset.model_dump(mode="json"))
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def _without_words(stated: dict[str, Any]) -> dict[str, Any]:
    columns = {name: _bare(column) for name, column in stated["columns"].items()}
    return {**_bare(stated), "columns": columns}


def _bare(stated: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stated.items() if name not in _FOR_PEOPLE}
