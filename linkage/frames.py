"""Link frames: raw identifiers of two or more lists in, the person of every row out.

The front door for whoever has frames (Polars, pandas, Arrow, DuckDB) and no gateway: reads the mapped columns, tokenises
them in memory, links on tokens alone, and forgets the tokens. Writes nothing; never puts a value into an error or a note.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl

from linkage.columns import opened
from linkage.errors import FramesInvalid, ModelUntrained
from linkage.link import link_records
from linkage.lists import TokenList, token_list
from linkage.mapping import Mapped, columns_by_role
from linkage.notes import notes_on
from linkage.result import LinkageResult, Progress
from linkage.settings import LinkageSettings
from linkage.tokens import LinkageKey
from linkage.tokens.fields import OTHER_PREFIX
from linkage.train import reference_model

# Which model told the links: one trained on these records, the one that comes with the library,
# the caller's, or none because no two rows could be compared.
TRAINED, REFERENCE, GIVEN, NONE = "trained", "reference", "given", "none"
# Of parts of FEBRL4 the reference model links those of up to 320 rows as well as or better than
# one that they train themselves, and those of 640 rows worse.
FEWEST_TO_TRAIN = 400


@dataclass(frozen=True)
class LinkedFrames:
    """Who is who.

    Attributes:
        persons: frame, record, person; one line for each row of each frame, in their order.
            `record` is the caller's `record_id`, else the row number from 0; a person is 32
            random hex digits.
        model: 'trained' on these records, the library's 'reference', 'given', or 'none' where no
            two rows could be compared.
        notes: what a reader of the links should know, in sentences: empty or unusable columns, a
            model that is not the records' own, blocking rules left out.
        quality: estimates made without truth. parameters: model, thresholds, seed, versions.
        counts: records, pairs compared, persons and the like.
        largest_person: persons with more rows than this are not written out as pairs.
    """

    persons: pl.DataFrame
    model: str
    notes: tuple[str, ...]
    quality: Mapping[str, Any]
    parameters: Mapping[str, Any]
    counts: Mapping[str, int]
    largest_person: int

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """frame_l, record_l, frame_r, record_r, person: every two rows that are one person.

        Persons with more than `largest_person` rows are left out: they are too large to trust,
        and their pairs too many to write down.
        """
        shared = pl.len().over("person")
        held = self.persons.with_row_index("at")
        held = held.filter((shared > 1) & (shared <= self.largest_person))
        crossed = held.join(held, on="person", suffix="_r").filter(pl.col("at") < pl.col("at_r"))
        return crossed.sort("at", "at_r").select(
            frame_l="frame",
            record_l="record",
            frame_r="frame_r",
            record_r="record_r",
            person="person",
        )

    def to_pandas(self) -> Any:
        """`persons` as a pandas frame."""
        return self.persons.to_pandas()


def link(
    frames: Mapping[str, Any],
    mapping: Mapped,
    key: LinkageKey | bytes,
    *,
    clean_lists: Collection[str] = (),
    threshold: float | None = None,
    date_format: str | None = None,
    settings: LinkageSettings | None = None,
    progress: Progress | None = None,
) -> LinkedFrames:
    """Find out which rows of these frames are one person. `docs/linkage.md` is the guide.

    Args:
        frames: a name for each list, and its frame: Polars, pandas, Arrow or DuckDB.
        mapping: column -> role for all frames, or frame -> column -> role (`mapping.roles()`).
        key: 32 secret bytes, fresh ones will do (no token outlives the call), or a LinkageKey.
        clean_lists: names of frames without duplicates.
        threshold: probability from which two rows are linked; None leaves it to the settings.
        date_format: how text dates are written, '%d/%m/%Y' say; ISO dates when not given.
        settings: everything else; a trained `model` in it is used as it is.
        progress: told the name of each step and the share done (0 to 1).

    Raises:
        FramesInvalid: frames or mapping cannot be used as given.
        SettingsInvalid, ModelUntrained, LinkageFailed: see each; none quotes a value.
    """
    settings = settings or LinkageSettings()
    if threshold is not None:
        settings = replace(settings, link_at=threshold)
    lists = _token_lists(frames, mapping, key, clean_lists, date_format)
    return _linked_frames(lists, settings, progress)


def _linked_frames(
    lists: list[TokenList], settings: LinkageSettings, progress: Progress | None
) -> LinkedFrames:
    tokens = pl.concat([each.tokens for each in lists], how="diagonal_relaxed")
    result, model, reason = _linked(tokens, settings, progress)
    return LinkedFrames(
        _persons(lists, result),
        model,
        notes_on(lists, result, reason),
        result.quality,
        result.parameters,
        result.counts,
        settings.largest_person,
    )


def _token_lists(
    frames: Mapping[str, Any],
    mapping: Mapped,
    key: LinkageKey | bytes,
    clean_lists: Collection[str],
    date_format: str | None,
) -> list[TokenList]:
    if not (isinstance(frames, Mapping) and frames):
        raise FramesInvalid("Frames are given by name: {'police': frame, 'schools': frame}")
    unknown = [name for name in clean_lists if name not in frames]
    if isinstance(clean_lists, str) or unknown:
        raise FramesInvalid("A clean list is not among the frames; give a list of their names")
    tables = {str(name): opened(frame) for name, frame in frames.items()}
    found = columns_by_role(mapping, {name: list(table.columns) for name, table in tables.items()})
    secret = key if isinstance(key, LinkageKey) else LinkageKey(key)
    return [
        token_list(
            name, tables[name], roles, secret, clean=name in clean_lists, date_format=date_format
        )
        for name, roles in found.items()
    ]


def _linked(
    tokens: pl.DataFrame, settings: LinkageSettings, progress: Progress | None
) -> tuple[LinkageResult, str, str | None]:
    """The links, which model told them, and why not one of the records' own."""
    if settings.model is not None:
        result = link_records(tokens, settings, progress=progress)
        return result, _told_by(GIVEN, result), None
    reason = f"fewer than {FEWEST_TO_TRAIN} rows train none that is better"
    if tokens.height >= FEWEST_TO_TRAIN:
        try:
            result = link_records(tokens, settings, progress=progress)
        except ModelUntrained as untrained:
            reason = str(untrained)
        else:
            return result, _told_by(TRAINED, result), None
    known = tokens.select(pl.exclude(f"^{OTHER_PREFIX}.*$"))
    with_reference = replace(settings, model=reference_model())
    result = link_records(known, with_reference, progress=progress)
    return result, _told_by(REFERENCE, result), reason


def _told_by(model: str, result: LinkageResult) -> str:
    return NONE if result.parameters["model"] is None else model


def _persons(lists: list[TokenList], result: LinkageResult) -> pl.DataFrame:
    """frame, record, person, in the order of the frames' rows."""
    records = pl.concat(
        [each.records.select(pl.lit(each.name).alias("frame"), "record", "id") for each in lists],
        how="vertical_relaxed",
    )
    found = records.join(result.persons, on="record", how="left", maintain_order="left")
    return found.select("frame", record="id", person="person")
