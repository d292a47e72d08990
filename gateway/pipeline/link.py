"""A linkage run: tokens of all stored submissions become persons and families, and a frozen vintage where one is due.

In: an Access to link; out: counts and estimates of quality. Tokens are opened here, in memory, and only ids remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import polars as pl

from agencies.facts import derive_facts
from audit.detail import band
from gateway.access import Access
from gateway.pipeline.linking import Plan, links_of, open_tokens, plan_run, record_of
from gateway.pipeline.opening import next_opening, opens
from gateway.pipeline.report import keep_report
from gateway.pipeline.traces import names_of, traces_left, traces_of
from gateway.pipeline.vintage import Facts, VintageKeys, freeze
from gateway.pipeline.wiring import Progress, Wiring
from gateway.store.errors import NotFound, StoreError
from gateway.store.runs import Run
from gateway.store.submission import Submission
from gateway.store.vintages import Vintage
from linkage import LinkageResult
from linkage.history import count_changes
from linkage.identified import identified_persons

# Shares of the whole at which the steps end, for the progress bar.
READ, LINKED, FROZEN = 0.1, 0.7, 0.8
NOISE = "all-vintages"


class NothingToLink(Exception):
    """No submission is stored yet."""


def link(
    access: Access, wiring: Wiring, progress: Progress, *, incremental: bool = False
) -> dict[str, Any]:
    """Run the linkage over everything stored; freeze a vintage of it where one is due (`opening.opens`).

    `incremental`: carry on the last run with its own model (see `linkage.incremental`) instead of linking all anew.

    Raises NothingToLink, NumbersMixed, LinksOutdated.
    """
    submissions = wiring.store.submissions.stored(access)
    if not submissions:
        raise NothingToLink("no extract is stored yet; data officers send them first")
    plan = plan_run(access, wiring, submissions, incremental=incremental)
    run = wiring.store.runs.begin(access, [each.id for each in plan.submissions], {})
    try:
        return _linked(access, wiring, plan, run, progress)
    except Exception as error:
        # On a full disk this fails as well, and a run that is done stays so: neither may hide the error.
        with suppress(StoreError):
            wiring.store.runs.fail(access, run.number, type(error).__name__)
        raise


def _linked(
    access: Access, wiring: Wiring, plan: Plan, run: Run, progress: Progress
) -> dict[str, Any]:
    progress("opening tokens", 0.0)
    tokens = open_tokens(access, wiring, plan.submissions)
    traces, left = traces_of(tokens, wiring.keys.trace_key()), wiring.store.carried.traces(access)
    names = None if plan.last is None else names_of(plan.last.links, traces, left)
    result = links_of(
        *(tokens, wiring, plan, names),
        lambda step, share: progress(step, READ + (LINKED - READ) * share),
    )
    counted = identified_persons(tokens, result.persons)
    del tokens  # from here on only random ids are left
    links = result.persons.join(result.families, on="person")
    run = _finished(access, wiring, plan, run, result)
    in_force = wiring.store.vintages.in_force(access)
    since = run.number if in_force is None else in_force.run
    left = traces_left(traces, links, run.number, left, since)
    wiring.store.carried.write_traces(access, run.number, left)
    progress("reading what is known", LINKED)
    known = links.filter(pl.col("person").is_in(counted.implode()))
    facts = [_facts(access, wiring, each, known) for each in plan.submissions]
    keep_report(access, wiring, run.number, result, facts, _counts(links, known))
    outcome = _outcome(access, run, result, links, known)
    if opens(access, wiring, in_force):
        progress("freezing a vintage", FROZEN)
        return outcome | _opened(access, wiring, facts, run, left)
    return outcome | _stays(access, in_force)


def _finished(
    access: Access,
    wiring: Wiring,
    plan: Plan,
    run: Run,
    result: LinkageResult,
) -> Run:
    """The run with its links and what became of the persons of the last one, all kept or nothing."""
    return wiring.store.runs.finish(
        access,
        run.number,
        result.links(),
        quality=result.quality,
        parameters={**result.parameters, "previous_run": plan.last and plan.last.number},
        changes=result.changes,
    )


def _opened(
    access: Access, wiring: Wiring, facts: Sequence[Facts], run: Run, left: pl.DataFrame
) -> dict[str, Any]:
    """Freeze a vintage, which is in force from now on, and keep what its costs were multiplied with."""
    vintage = wiring.store.vintages.new_id()
    keys = VintageKeys(
        order=wiring.keys.disclosure_key(vintage), noise=wiring.keys.disclosure_key(NOISE)
    )
    kept = wiring.store.carried.multipliers(access)
    frozen = freeze([*facts], keys, kept)
    # Before the vintage: a crash in between leaves multipliers that nothing was multiplied with, never ones that are lost.
    wiring.store.carried.write_multipliers(
        access, run.number, _handed_on(frozen.multipliers, kept, left)
    )
    tables = {name: frame.to_arrow() for name, frame in frozen.tables.items()}
    wiring.store.vintages.write(access, vintage, run.number, tables)
    access.note("vintage", vintage)
    return {"vintage": vintage, "vintage_opened": True, "next_vintage_from": None}


def _handed_on(drawn: pl.DataFrame, kept: pl.DataFrame | None, left: pl.DataFrame) -> pl.DataFrame:
    """The multipliers of this vintage, and those of families that left a trace and may come back."""
    if kept is None:
        return drawn
    may_return = kept.join(left.select("family").unique(), on="family", how="semi")
    absent = may_return.join(drawn, on=["family", "agency"], how="anti")
    return pl.concat([drawn, absent.select(drawn.columns)])


def _stays(access: Access, in_force: Vintage | None) -> dict[str, Any]:
    if in_force is None:
        raise NotFound("no vintage is in force")
    access.note("vintage", in_force.id)
    opening = next_opening(in_force.frozen_at).isoformat()
    return {"vintage": in_force.id, "vintage_opened": False, "next_vintage_from": opening}


def _facts(access: Access, wiring: Wiring, submission: Submission, links: pl.DataFrame) -> Facts:
    """What the submission's rows say, under person and family in place of the row."""
    declared = wiring.register.dataset(submission.agency, submission.dataset)
    records = wiring.store.submissions.read_records(access, submission.id)
    who = (
        records.select("row", record=record_of(submission)).join(links, on="record").drop("record")
    )
    said = derive_facts(records, declared, wiring.register.unit_costs)
    known, events, issues, attributes = (
        frame.join(who, on="row").drop("row")
        for frame in (records.select("row"), said.events, said.issues, said.attributes)
    )
    return Facts(submission.agency, submission.dataset, known, events, issues, attributes)


def _counts(links: pl.DataFrame, known: pl.DataFrame) -> dict[str, int]:
    """Records, and the persons and families that count."""
    return {
        "records": links.height,
        "persons": known["person"].n_unique(),
        "families": known["family"].n_unique(),
    }


def _outcome(
    access: Access,
    run: Run,
    result: LinkageResult,
    links: pl.DataFrame,
    known: pl.DataFrame,
) -> dict[str, Any]:
    counts = _counts(links, known)
    access.note("run_number", run.number)
    access.note("kind", run.parameters["mode"])
    for name, count in counts.items():
        access.note(name, band(count))
    # Records that link to nobody and say too little to be somebody: no person, no family, no cost.
    counts["records_unidentified"] = links.height - known.height
    counts["oversized_persons"] = result.quality["oversized_persons"]
    return {
        "run": run.number,
        "mode": run.parameters["mode"],
        "previous_run": run.parameters["previous_run"],
        "counts": counts,
        "changes": count_changes(result.changes),
        "estimates": result.quality,
    }
