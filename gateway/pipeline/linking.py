"""What a linkage run works on: tokens of the stored submissions, and the last run; out of them come links.

In: an Access to link. Out: a `LinkageResult`. Tokens are opened here, in memory; nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from gateway.access import Access
from gateway.pipeline.agreement import family_rule
from gateway.pipeline.numbers import require_one_scheme
from gateway.pipeline.wiring import Progress, Wiring
from gateway.store.submission import Submission
from linkage import LinkageResult, LinkageSettings, link_records, reference_model
from linkage.errors import LinksOutdated, ModelUntrained
from linkage.incremental import link_new_records


@dataclass(frozen=True)
class Last:
    """The last finished run: its links keep the ids, and an incremental run carries them on."""

    number: int
    links: pl.DataFrame
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """What a run reads and how it links: all anew, or only what is new since `last`."""

    submissions: tuple[Submission, ...]
    last: Last | None
    incremental: bool


def plan_run(
    access: Access, wiring: Wiring, submissions: tuple[Submission, ...], *, incremental: bool
) -> Plan:
    """Of these submissions, after the last run. Raises NumbersMixed, LinksOutdated."""
    require_one_scheme(submissions, wiring)
    last = _last_run(access, wiring)
    if incremental and last is None:
        raise LinksOutdated("No run is finished yet; link in full")
    return Plan(submissions, last, incremental)


def links_of(
    tokens: pl.DataFrame, wiring: Wiring, plan: Plan, names: pl.DataFrame | None, tell: Progress
) -> LinkageResult:
    """Persons and families by the plan, called as `names` (record, person, family) says.

    Raises LinksOutdated where the last run cannot be carried on.
    """
    settings = LinkageSettings(
        seed=wiring.linkage.seed,
        engine=wiring.linkage.engine,
        memory_mb=wiring.linkage.memory_mb,
        family=family_rule(wiring.rulebook),
    )
    if plan.incremental and plan.last is not None:
        links, last = plan.last.links, plan.last.parameters
        return link_new_records(
            tokens, settings, previous=links, last=last, names=names, progress=tell
        )
    return _in_full(tokens, settings, names, tell)


def _in_full(
    tokens: pl.DataFrame, settings: LinkageSettings, previous: pl.DataFrame | None, tell: Progress
) -> LinkageResult:
    """The links of these records; too few to train a model on are linked by the reference model."""
    try:
        return link_records(tokens, settings, previous=previous, progress=tell)
    except ModelUntrained:
        # The run's parameters hold the model that was used, so that the quality is read with care.
        known = replace(settings, model=reference_model())
        return link_records(tokens, known, previous=previous, progress=tell)


def _last_run(access: Access, wiring: Wiring) -> Last | None:
    """The last finished run, so that persons and families keep their ids."""
    run = wiring.store.runs.latest(access)
    if run is None:
        return None
    links = wiring.store.runs.read_links(access, run.number)
    return Last(run.number, links, run.parameters)


def open_tokens(access: Access, wiring: Wiring, submissions: Sequence[Submission]) -> pl.DataFrame:
    """The token records of these submissions, what repeats told once, as linkage takes them."""
    frames = [_tokens(access, wiring, each) for each in submissions]
    return pl.concat(frames, how="diagonal_relaxed")


def record_of(submission: Submission) -> pl.Expr:
    """What a row of a submission is called in links: the submission's id and the row."""
    return pl.format("{}:{}", pl.lit(submission.id), pl.col("row"))


def _tokens(access: Access, wiring: Wiring, submission: Submission) -> pl.DataFrame:
    declared = wiring.register.dataset(submission.agency, submission.dataset)
    frame = wiring.store.submissions.read_tokens(access, submission.id)
    return frame.with_columns(
        record=record_of(submission),
        agency=pl.lit(submission.agency),
        dataset=pl.lit(submission.dataset),
        clean_list=pl.lit(declared.clean_list),
    ).drop("row")
