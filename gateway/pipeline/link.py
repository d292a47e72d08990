"""A linkage run: tokens of all stored submissions become persons, families, and a frozen vintage.

In: an Access to link; out: counts and estimates of quality. Tokens are opened here, in memory, and only ids remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import polars as pl

from agencies.facts import derive_facts
from audit.detail import band
from gateway.access import Access
from gateway.pipeline.agreement import family_rule
from gateway.pipeline.numbers import require_one_scheme
from gateway.pipeline.vintage import Facts, VintageKeys, freeze
from gateway.pipeline.wiring import Progress, Wiring
from gateway.store.errors import StoreError
from gateway.store.runs import Run
from gateway.store.submission import Submission
from linkage import LinkageResult, LinkageSettings, link_records, reference_model
from linkage.errors import ModelUntrained
from linkage.identified import identified_persons

# Shares of the whole at which the steps end, for the progress bar.
READ, LINKED = 0.1, 0.7
NOISE = "all-vintages"


class NothingToLink(Exception):
    """No submission is stored yet."""


def link(access: Access, wiring: Wiring, progress: Progress) -> dict[str, Any]:
    """Run the linkage over everything stored and freeze a vintage of it. Raises NothingToLink, NumbersMixed."""
    submissions = wiring.store.submissions.stored(access)
    if not submissions:
        raise NothingToLink("no extract is stored yet; data officers send them first")
    require_one_scheme(submissions, wiring)
    settings = LinkageSettings(seed=wiring.linkage.seed, family=family_rule(wiring.rulebook))
    run = wiring.store.runs.begin(access, [each.id for each in submissions], {})
    try:
        return _linked(access, wiring, submissions, settings, run, progress)
    except Exception as error:
        # On a full disk this fails as well, and a run that is done stays so: neither may hide the error.
        with suppress(StoreError):
            wiring.store.runs.fail(access, run.number, type(error).__name__)
        raise


def _linked(
    access: Access,
    wiring: Wiring,
    submissions: Sequence[Submission],
    settings: LinkageSettings,
    run: Run,
    progress: Progress,
) -> dict[str, Any]:
    progress("opening tokens", 0.0)
    tokens = pl.concat(
        [_tokens(access, wiring, each) for each in submissions], how="diagonal_relaxed"
    )
    result = _result(
        tokens,
        settings,
        _previous(access, wiring),
        lambda step, share: progress(step, READ + (LINKED - READ) * share),
    )
    counted = identified_persons(tokens, result.persons)
    del tokens  # from here on only random ids are left
    links = result.persons.join(result.families, on="person")
    wiring.store.runs.finish(
        access, run.number, links, quality=result.quality, parameters=result.parameters
    )
    progress("freezing a vintage", LINKED)
    known = links.filter(pl.col("person").is_in(counted.implode()))
    vintage = _vintage(access, wiring, submissions, known, run)
    return _outcome(access, run, vintage, result, links, known)


def _result(
    tokens: pl.DataFrame, settings: LinkageSettings, previous: pl.DataFrame | None, tell: Progress
) -> LinkageResult:
    """The links of these records; too few to train a model on are linked by the reference model."""
    try:
        return link_records(tokens, settings, previous=previous, progress=tell)
    except ModelUntrained:
        # The run's parameters hold the model that was used, so that the quality is read with care.
        known = replace(settings, model=reference_model())
        return link_records(tokens, known, previous=previous, progress=tell)


def _tokens(access: Access, wiring: Wiring, submission: Submission) -> pl.DataFrame:
    declared = wiring.register.dataset(submission.agency, submission.dataset)
    frame = wiring.store.submissions.read_tokens(access, submission.id)
    return frame.with_columns(
        record=_record(submission),
        agency=pl.lit(submission.agency),
        dataset=pl.lit(submission.dataset),
        clean_list=pl.lit(declared.clean_list),
    ).drop("row")


def _record(submission: Submission) -> pl.Expr:
    return pl.format("{}:{}", pl.lit(submission.id), pl.col("row"))


def _previous(access: Access, wiring: Wiring) -> pl.DataFrame | None:
    """The links of the last finished run, so that persons and families keep their ids."""
    last = wiring.store.runs.latest(access)
    return None if last is None else wiring.store.runs.read_links(access, last.number)


def _vintage(
    access: Access,
    wiring: Wiring,
    submissions: Sequence[Submission],
    links: pl.DataFrame,
    run: Run,
) -> str:
    vintage = wiring.store.vintages.new_id()
    facts = [_facts(access, wiring, each, links) for each in submissions]
    keys = VintageKeys(
        order=wiring.keys.disclosure_key(vintage), noise=wiring.keys.disclosure_key(NOISE)
    )
    tables = {name: frame.to_arrow() for name, frame in freeze(facts, keys).items()}
    wiring.store.vintages.write(access, vintage, run.number, tables)
    return vintage


def _facts(access: Access, wiring: Wiring, submission: Submission, links: pl.DataFrame) -> Facts:
    """What the submission's rows say, under person and family in place of the row."""
    declared = wiring.register.dataset(submission.agency, submission.dataset)
    records = wiring.store.submissions.read_records(access, submission.id)
    who = records.select("row", record=_record(submission)).join(links, on="record").drop("record")
    said = derive_facts(records, declared, wiring.register.unit_costs)
    known, events, issues, attributes = (
        frame.join(who, on="row").drop("row")
        for frame in (records.select("row"), said.events, said.issues, said.attributes)
    )
    return Facts(submission.agency, submission.dataset, known, events, issues, attributes)


def _outcome(
    access: Access,
    run: Run,
    vintage: str,
    result: LinkageResult,
    links: pl.DataFrame,
    known: pl.DataFrame,
) -> dict[str, Any]:
    counts = {
        "records": links.height,
        "persons": known["person"].n_unique(),
        "families": known["family"].n_unique(),
    }
    access.note("run_number", run.number)
    access.note("vintage", vintage)
    for name, count in counts.items():
        access.note(name, band(count))
    # Records that link to nobody and say too little to be somebody: no person, no family, no cost.
    counts["records_unidentified"] = links.height - known.height
    return {"run": run.number, "vintage": vintage, "counts": counts, "estimates": result.quality}
