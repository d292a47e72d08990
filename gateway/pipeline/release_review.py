"""What an officer sees of a release: table, rules, what is withheld, its relatives, audit margins, expected errors.

In: a release's number. Out: one document of a form that is kept stable. It holds released figures and the margins that the
ledger noted; never a figure that was withheld, nor why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from gateway.access import Access
from gateway.disclosure import ProtectedTable, Rules
from gateway.disclosure.quality import QUALITIES, count_error
from gateway.pipeline.relatives import nearest_relatives, read_question
from gateway.pipeline.wiring import Wiring
from gateway.store.releases import Release

SCHEMA: Final = "release-review/1"
# Rules by the name they are stored under; one that is not here is shown under its own name.
SAYS: Final[Mapping[str, str]] = {
    "min_cell": "Families behind a shown figure, at least",
    "rounding": "Counts are rounded to",
    "cost_rounding_gbp": "Costs are rounded to, in pounds",
    "noise_sd": "Noise of a count, standard deviation",
    "noise_limit": "Noise of a count, at most",
    "max_dimensions": "Dimensions of a table, at most",
    "max_cells": "Cells of a measure, at most",
    "secondary": "Lines with a withheld cell lose a second one, for",
}
PROSE: Final = ("method", "explained")


def release_review(access: Access, number: int, wiring: Wiring) -> dict[str, Any]:
    """The review of a release. Raises NotFound."""
    release = wiring.store.releases.get(access, number)
    others = wiring.store.releases.of_vintage(access, release.vintage)
    table = ProtectedTable.from_dict(release.table)
    question = read_question(release.question, wiring.catalogue)
    apart = [other for other in others if other.number != release.number]
    cells = [cell.keys for cell in table.cells if cell.measure == table.measures[0]]
    near = nearest_relatives(question, cells, apart, wiring.catalogue) if question else []
    return {
        "schema": SCHEMA,
        "release": _release(release),
        "question": dict(release.question),
        "table": table.to_dict(),
        "measures": [_measure(name, table) for name in table.measures],
        "method": _method(release.table["rules"]),
        "relatives": {
            "looked_at": len(apart),
            "nearest": near,
        },
        "audit": None if release.audit is None else dict(release.audit),
        "coarser": release.coarser,
    }


def _release(release: Release) -> dict[str, Any]:
    apart = ("question", "table", "coarser", "audit")
    return {name: value for name, value in asdict(release).items() if name not in apart}


def _measure(name: str, table: ProtectedTable) -> dict[str, Any]:
    """Cells, how many are withheld, how many of each quality, and what error to expect of a figure."""
    cells = [cell for cell in table.cells if cell.measure == name]
    bands = [cell.quality for cell in cells]
    return {
        "measure": name,
        "cells": len(cells),
        "withheld": table.withheld[name],
        "quality": {band: bands.count(band) for band in QUALITIES},
        "error": _error(name, table.rules),
    }


def _error(measure: str, rules: Mapping[str, object]) -> str:
    """The error of a count is the same in every cell; of any other figure the band says what is known."""
    # Other methods have other rules; of their counts no error is worked out here.
    if measure not in ("families", "people") or "noise_sd" not in rules:
        return "as the band of each figure says"
    error = count_error(Rules.from_dict(rules))
    return f"about {error:.1f} either way, by noise and rounding"


def _method(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The method's name, what it says of itself, and each rule with its number."""
    explained = rules.get("explained", ())
    return {
        "name": rules.get("method", "keyed_noise"),
        "explained": [explained] if isinstance(explained, str) else list(explained),
        "rules": [
            {"rule": name, "says": SAYS.get(name, name.replace("_", " ")), "value": value}
            for name, value in rules.items()
            if name not in PROSE
        ],
    }
