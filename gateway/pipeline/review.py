"""Clerical review of a linkage run: agreement patterns to a linkage officer, verdicts back, an estimate out.

Shows how two records agree and never what they say: no value, token, record or person. The sample of a run is the same
for whoever asks and however often.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from audit.detail import band
from gateway.access import Access
from gateway.pipeline.wiring import Wiring
from linkage.errors import ReviewInvalid
from linkage.review import ReviewSample
from linkage.verdicts import Verdict, estimate_review

LEGEND: Final = {
    "exact": "both records have the same value",
    "near": "a letter or digit apart, parts swapped, or a known nickname",
    "phonetic": "sounds the same",
    "different": "both have a value, and they hardly agree",
    "missing": "one of the records, or both, have no value",
    "withheld": "not told, because so few pairs look like this",
}


class Verdicts(BaseModel):
    """Verdicts by sample number: match, not or unsure."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    verdicts: dict[int, Verdict] = Field(min_length=1)


def show_review(access: Access, run: int, wiring: Wiring) -> dict[str, Any]:
    """The sample of a run as patterns, the verdicts given so far, and what they say. Raises NotFound."""
    sample, said = _kept(access, run, wiring)
    access.note("run_number", run)
    access.note("kind", "review-sample")
    access.note("results", band(len(sample.pairs)))
    return {
        "run": run,
        "link_at": sample.link_at,
        "legend": LEGEND,
        "sample": [{**pair, "verdict": said.get(pair["number"])} for pair in sample.shown()],
        "estimate": estimate_review(sample, said).to_dict(),
    }


def judge_review(access: Access, run: int, given: Verdicts, wiring: Wiring) -> dict[str, Any]:
    """Keep verdicts and tell the estimate as it is now. Raises NotFound, ReviewInvalid (nothing is kept)."""
    sample, said = _kept(access, run, wiring)
    if not given.verdicts.keys() <= {pair.number for pair in sample.pairs}:
        raise ReviewInvalid("A verdict is about a number that is not in the sample")
    said_now = {number: verdict.value for number, verdict in given.verdicts.items()}
    wiring.store.linkage_reports.judge(access, run, said_now)
    access.note("run_number", run)
    access.note("kind", "review-verdicts")
    access.note("results", band(len(given.verdicts)))
    return {"run": run, "estimate": estimate_review(sample, {**said, **given.verdicts}).to_dict()}


def _kept(access: Access, run: int, wiring: Wiring) -> tuple[ReviewSample, dict[int, Verdict]]:
    sample = ReviewSample.from_dict(wiring.store.linkage_reports.get(access, run).sample)
    said = wiring.store.linkage_reports.verdicts(access, run)
    return sample, {number: Verdict(verdict) for number, verdict in said.items()}
