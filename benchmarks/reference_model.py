"""The reference model: trained on a synthetic county, for records too few to train on. Run this to make it anew.

In: nothing. Out: linkage/reference_model.json. Needed when a comparison or one of its levels changes.
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.county_linkage import _tokens_and_truth

FAMILIES, SEED = 6000, 2026
PATH = Path(__file__).resolve().parents[1] / "linkage" / "reference_model.json"
# The county has too few of the other numbers on two lists to train on; all are checked alike.
_NUMBERS = ("nhs_number", "nino", "upn", "reference")


def trained() -> dict[str, Any]:
    """Parameters as `linkage.reference_model` returns them."""
    from linkage import LinkageSettings, link_records

    tokens, _, _ = _tokens_and_truth(FAMILIES, SEED)
    model: dict[str, Any] = link_records(tokens, LinkageSettings(seed=SEED)).parameters["model"]
    numbers = dict.fromkeys(_NUMBERS, model["levels"]["nhs_number"])
    return {"prior": model["prior"], "levels": {**model["levels"], **numbers}}


if __name__ == "__main__":
    PATH.write_text(json.dumps(trained(), indent=2) + "\n", encoding="utf-8")
