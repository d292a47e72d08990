"""What a linkage run says of itself: kept when it ends, told when a linkage officer asks.

In: a run's result and the facts of its records; later the run's number. Out: one document, counts to ten, small groups
withheld. Scores, pairs and ids of persons stay in the memory of the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.access import Access
from gateway.pipeline.groups import quality_by_group
from gateway.pipeline.vintage import Facts
from gateway.pipeline.wiring import Wiring
from linkage import LinkageResult
from linkage.quality import to_ten
from linkage.report import report_document
from linkage.review import ReviewSample
from linkage.verdicts import Verdict, estimate_review


def keep_report(
    access: Access,
    wiring: Wiring,
    run: int,
    result: LinkageResult,
    facts: Sequence[Facts],
    counts: Mapping[str, int],
) -> None:
    """Keep the figures and the review sample of a run. `counts`: records, persons, families."""
    evidence = result.evidence
    figures = {
        **evidence.figures,
        "counts": {name: to_ten(counts[name]) for name in ("records", "persons", "families")},
        "groups": quality_by_group(evidence.persons, facts),
    }
    wiring.store.linkage_reports.keep(access, run, figures, evidence.review.to_dict())


def run_report(access: Access, number: int, wiring: Wiring) -> dict[str, Any]:
    """The report of a run, with what verdicts say of it so far. Raises NotFound."""
    run = wiring.store.runs.get(access, number)
    kept = wiring.store.linkage_reports.get(access, number)
    said = wiring.store.linkage_reports.verdicts(access, number)
    verdicts = {each: Verdict(verdict) for each, verdict in said.items()}
    sample = ReviewSample.from_dict(kept.sample)
    ended = run.ended_at.isoformat() if run.ended_at else None
    access.note("run_number", number)
    access.note("kind", "report")
    return report_document(
        run={"number": number, "ended_at": ended, **kept.figures["counts"]},
        parameters=run.parameters,
        figures=kept.figures,
        groups=kept.figures["groups"],
        review=estimate_review(sample, verdicts).to_dict() if verdicts else None,
    )


def list_runs(
    access: Access, after: int | None, limit: int, wiring: Wiring
) -> list[dict[str, Any]]:
    """Runs, latest first: number, status, mode, when it began and ended."""
    return [
        {
            "run": run.number,
            "status": run.status,
            "mode": run.parameters.get("mode"),
            "started_at": run.started_at,
            "ended_at": run.ended_at,
        }
        for run in wiring.store.runs.list(access, after=after, limit=limit)
    ]
