"""How good a linkage run is, against rows whose truth is known. In: a labelled sample; out: rates, rounded.

Never tells of one pair: the sample has to be large, and the rates have three decimals.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Annotated, Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.access import Access
from gateway.pipeline.measured import by_agency_pair, by_group
from gateway.pipeline.rows import kept_rows
from gateway.pipeline.wiring import Wiring
from linkage.evaluate import cluster_exact_match, pair_quality

LEAST_ROWS = 1000
DECIMALS = 3
MOST_KINDS = 5
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,30}$")]


class SampleTooSmall(Exception):
    """Too few of the labelled rows are in the run to say anything without saying it of somebody."""


class LabelledSample(BaseModel):
    """Rows whose person and family are known, in columns of one length."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    submission: list[str]
    row: list[int]
    person: list[str | int]
    family: list[str | int] | None = None
    # Kind of group -> the group of each row, so that a bias shows.
    groups: dict[Kind, list[str | None]] = Field(default={}, max_length=MOST_KINDS)

    @model_validator(mode="after")
    def _of_one_length(self) -> LabelledSample:
        columns: list[Sized] = [self.submission, self.row, self.person, *self.groups.values()]
        if self.family is not None:
            columns.append(self.family)
        if len({len(column) for column in columns}) != 1:
            raise ValueError("the columns of a sample have one length")
        return self


def measure_quality(
    access: Access, run: int, sample: LabelledSample, wiring: Wiring
) -> dict[str, Any]:
    """Precision, recall and F1 over pairs of registrations, also by agency pair and group; families found exactly.

    A registration is one person as one agency's clean list knows it: its repeated rows count once, because the
    agency's own id links them for nothing. In any other list each row is one. Raises SampleTooSmall.
    """
    links = wiring.store.runs.read_links(access, run)
    both = links.join(_labels(access, sample, wiring), on="record")
    if both.height < LEAST_ROWS:
        raise SampleTooSmall(f"a sample needs at least {LEAST_ROWS:,} rows that are in the run")
    items = _registrations(access, both, wiring).with_row_index("item")
    measured: dict[str, Any] = {
        "persons": _measured(items, "person"),
        "by_agency_pair": by_agency_pair(items),
        "by_group": by_group(items, sample.groups),
    }
    if sample.family is not None:
        measured["families"] = _families(both)
    return measured


def _registrations(access: Access, both: pl.DataFrame, wiring: Wiring) -> pl.DataFrame:
    """The labelled rows, those of one person in one agency's clean list as one."""
    sent = wiring.store.submissions.stored(access)
    agencies = {each.id: each.agency for each in sent}
    clean = {
        each.id: wiring.register.dataset(each.agency, each.dataset).clean_list for each in sent
    }
    submission = pl.col("record").str.split(":").list.first()
    listed = both.with_columns(
        agency=submission.replace_strict(agencies, default="withdrawn"),
        clean=submission.replace_strict(clean, default=True),
    )
    once = listed.filter("clean").unique(["agency", "person", "true_person"])
    return pl.concat([once, listed.filter(~pl.col("clean"))])


def _labels(access: Access, sample: LabelledSample, wiring: Wiring) -> pl.DataFrame:
    families = sample.family if sample.family is not None else [""] * len(sample.row)
    said = pl.DataFrame(
        {
            "submission": sample.submission,
            "row": pl.Series(sample.row, dtype=pl.UInt32, strict=False),
            "true_person": [str(each) for each in sample.person],
            "true_family": [str(each) for each in families],
            **{
                f"group_{kind}": pl.Series(labels, dtype=pl.String)
                for kind, labels in sample.groups.items()
            },
        }
    ).drop_nulls("row")
    fingerprints = {each.id: each.fingerprint for each in wiring.store.submissions.stored(access)}
    kept = [
        rows.with_columns(kept_rows(wiring, fingerprints[str(submission)], rows["row"]))
        for (submission,), rows in said.group_by("submission", maintain_order=True)
        if submission in fingerprints
    ]
    labels = pl.concat([said.clear(), *kept])
    return labels.select(
        pl.format("{}:{}", "submission", "row").alias("record"), "^(true|group)_.*$"
    )


def _families(both: pl.DataFrame) -> dict[str, Any]:
    items = both.unique(["person", "true_person"]).with_row_index("item")
    exact = cluster_exact_match(*_sides(items, "family"), item="item", group="family")
    return {**_measured(items, "family"), "exact_match": round(exact, DECIMALS)}


def _measured(items: pl.DataFrame, unit: str) -> dict[str, Any]:
    quality = pair_quality(*_sides(items, unit), item="item", group=unit)
    rates = {name: round(rate, DECIMALS) for name, rate in quality.rates().items()}
    # An exact number of groups would tell of one pair: it falls by one where two rows are linked.
    counts = {"found": items[unit].n_unique(), "true": items[f"true_{unit}"].n_unique()}
    return {name: round(count, -1) for name, count in counts.items()} | rates


def _sides(items: pl.DataFrame, unit: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The found and the true grouping of the same items."""
    truth = items.select("item", pl.col(f"true_{unit}").alias(unit))
    return items.select("item", unit), truth
