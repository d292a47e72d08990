"""All extracts of the county: services' rows joined with each agency's registrations, rendered and partly spoiled.

In: a `Scene` and the register. Out: `Extract` per dataset: canonical rows without errors, cells as sent, and the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from agencies.county.chance import Ints
from agencies.county.faults import spoil
from agencies.county.registration import Registration, register_people
from agencies.county.rendering import content, file_format, render
from agencies.county.scene import Scene
from agencies.county.services import council, dwp, health, housing, police, schools
from agencies.declaration import Dataset
from agencies.register import Register

Rows = dict[tuple[str, str], pl.DataFrame]
_SERVICES: dict[tuple[str, str], Callable[[Scene], pl.DataFrame]] = {
    ("police", "contacts"): police.contacts,
    ("council", "social_care"): council.social_care,
    ("council", "early_help"): council.early_help,
    ("schools", "attendance"): schools.attendance,
    ("schools", "exclusions"): schools.exclusions,
    ("housing", "tenancies"): housing.tenancies,
    ("health", "ecds"): health.ecds,
    ("dwp", "spells"): dwp.spells,
}
_RELATIVES = ("guardian_id", "partner_id")


@dataclass(frozen=True)
class Extract:
    """One dataset's extract: `service` (person, day and error-free service columns), `cells` as sent, `fault` per row."""

    dataset: Dataset
    service: pl.DataFrame
    cells: pl.DataFrame
    fault: pl.Series

    @property
    def filename(self) -> str:
        """agency_dataset with the ending of its format."""
        return f"{self.dataset.agency}_{self.dataset.name}.{file_format(self.dataset)}"

    def content(self) -> bytes:
        """The file as the agency sends it."""
        return content(self.cells, self.dataset)


def make_extracts(scene: Scene, register: Register) -> Iterator[Extract]:
    """Every extract, in the order of the services."""
    rows = _all_rows(scene)
    for agency in dict.fromkeys(agency for agency, _ in rows):
        names = [name for each, name in rows if each == agency]
        datasets = [register.dataset(agency, name) for name in names]
        known = _known(rows, agency)
        registration = register_people(
            scene.config,
            scene.population,
            scene.homes,
            agency,
            known,
            address_required=any(_requires_address(d) for d in datasets),
        )
        for dataset in datasets:
            yield _extract(scene, dataset, rows[agency, dataset.name], registration)


def _all_rows(scene: Scene) -> Rows:
    """Every service's rows; a family that nobody knows is seen once in emergency care, so that all leave a trace."""
    rows = {place: service(scene) for place, service in _SERVICES.items()}
    people = np.concatenate([frame["person"].to_numpy() for frame in rows.values()])
    missing = np.setdiff1d(np.arange(len(scene.lead)), scene.family[people])
    ecds = ("health", "ecds")
    rows[ecds] = pl.concat([rows[ecds], health.one_visit(scene, missing)], how="diagonal")
    return {place: _ordered(scene, place, frame) for place, frame in rows.items()}


def _ordered(scene: Scene, place: tuple[str, str], frame: pl.DataFrame) -> pl.DataFrame:
    """By day, and within a day in no order of families; the same row twice would be refused, so it stands once."""
    rng = scene.config.rng(f"order {place}")
    frame = frame.unique(maintain_order=True)
    return (
        frame.with_columns(_order=pl.Series(rng.random(frame.height)))
        .sort("day", "_order")
        .drop("_order")
    )


def _known(rows: Rows, agency: str) -> Ints:
    people = [frame["person"] for (each, _), frame in rows.items() if each == agency]
    relatives = [
        frame[name].drop_nulls()
        for (each, _), frame in rows.items()
        for name in _RELATIVES
        if each == agency and name in frame.columns
    ]
    return np.unique(np.concatenate([s.to_numpy() for s in people + relatives]))


def _requires_address(dataset: Dataset) -> bool:
    name = dataset.column_for("address")
    return name is not None and dataset.columns[name].required


def _extract(
    scene: Scene, dataset: Dataset, rows: pl.DataFrame, registration: Registration
) -> Extract:
    rng = scene.config.rng(f"extract {dataset.agency} {dataset.name}")
    full = registration.identifiers(rows).rename({"agency_id": _reference_column(dataset)})
    full = _with_relatives(scene, rng, full, registration)
    canonical = full.with_columns(
        _calendar(scene, "day" if name == dataset.date else name).alias(name)
        for name in _day_columns(dataset, full)
    )
    people = full.select("forename", "surname", "postcode", "nhs_number")
    cells, fault = spoil(
        rng, render(canonical, dataset), dataset, people, scene.config.errors.bad_row
    )
    return Extract(dataset, _service(canonical, dataset), cells, fault)


def _calendar(scene: Scene, name: str) -> pl.Expr:
    """Days of the period as dates."""
    return pl.lit(scene.config.first_day) + pl.duration(days=pl.col(name))


def _reference_column(dataset: Dataset) -> str:
    name = dataset.column_for("agency_id")
    if name is None:
        raise NoReference(f"{dataset.agency}.{dataset.name} declares no agency_id")
    return name


class NoReference(ValueError):
    """A dataset without the agency's own person reference cannot be made."""


def _day_columns(dataset: Dataset, rows: pl.DataFrame) -> list[str]:
    """Declared dates of the service (dates of birth come from the registration as they are)."""
    return [
        name
        for name, column in dataset.columns.items()
        if column.kind == "date"
        and column.identifies is None
        and (name == dataset.date or name in rows.columns)
    ]


def _with_relatives(
    scene: Scene, rng: np.random.Generator, rows: pl.DataFrame, registration: Registration
) -> pl.DataFrame:
    """Guardian and partner by reference; some were never recorded."""
    there = pl.Series(rng.random(rows.height) >= scene.config.errors.missing_relative)
    columns = [name for name in _RELATIVES if name in rows.columns]
    found = {
        name: pl.select(pl.when(there).then(registration.reference_of(rows[name]))).to_series()
        for name in columns
    }
    return rows.with_columns(**found)


def _service(canonical: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    columns = [name for name in dataset.service_columns if name in canonical.columns]
    return canonical.select("person", *columns)
