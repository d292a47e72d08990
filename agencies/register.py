"""The register: every agency and dataset that is declared, with the issues and unit costs they refer to.

In: folders of YAML files. Out: a Register, or one UnsoundCatalogue that carries every fault at once. Strict:
YAML 1.2, unknown and repeated keys refused. It never reads an extract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from agencies.consistency import Known, faults_of
from agencies.declaration import Agency, Column, Dataset, Issue, UnitCost
from agencies.faults import Fault, UnsoundCatalogue, faults_of_shape, yaml_fault

__all__ = [
    "Agency",
    "Column",
    "Dataset",
    "Fault",
    "Issue",
    "Register",
    "UnitCost",
    "UnknownDataset",
    "UnsoundCatalogue",
    "load_register",
]

_HERE: Final = Path(__file__).parent
_SHIPPED: Final = (_HERE / "reference", _HERE / "catalogue")
_ISSUES: Final = "issues.yaml"
_UNIT_COSTS: Final = "unit_costs.yaml"
_Entry = TypeVar("_Entry", bound=BaseModel)
_Read = list[tuple[str, dict[str, Any]]]  # file name and what it says


class UnknownDataset(Exception):
    """No agency of that name, or it declares no such dataset."""


@dataclass(frozen=True)
class Register:
    """Everything declared: agencies by name, issues by id, unit costs by activity."""

    agencies: Mapping[str, Agency]
    issues: Mapping[str, Issue]
    unit_costs: Mapping[str, UnitCost]

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """All datasets, in the order of agencies and of their files."""
        return tuple(d for a in self.agencies.values() for d in a.datasets.values())

    def dataset(self, agency: str, name: str) -> Dataset:
        """The declared dataset. Raises UnknownDataset, naming those that the register has."""
        if agency not in self.agencies:
            raise UnknownDataset(
                f"no agency of that name; the register has {', '.join(self.agencies)}"
            )
        declared = self.agencies[agency].datasets
        if name not in declared:
            raise UnknownDataset(
                f"{agency} has no dataset of that name; it has {', '.join(declared)}"
            )
        return declared[name]


def load_register(*folders: Path, shipped: bool = True) -> Register:
    """Load the shipped catalogue and any further folders (or, with shipped=False, only these).

    A folder holds one YAML file per agency and, if it wants, an issues.yaml and a unit_costs.yaml, which add
    to the others. Raises UnsoundCatalogue with every fault found.
    """
    faults: list[Fault] = []
    read = _read((*_SHIPPED, *folders) if shipped else folders, faults)
    issues = _reference(read, _ISSUES, Issue, "id", faults)
    unit_costs = _reference(read, _UNIT_COSTS, UnitCost, "activity", faults)
    known = Known(issues=issues.keys(), activities=unit_costs.keys())
    agencies: dict[str, Agency] = {}
    for file, content in read:
        if file not in (_ISSUES, _UNIT_COSTS):
            _add_agency(agencies, file, content, known, faults)
    if faults:
        raise UnsoundCatalogue(faults)
    return Register(agencies, issues, unit_costs)


def _read(folders: tuple[Path, ...], faults: list[Fault]) -> _Read:
    read: _Read = []
    for folder in folders:
        paths = sorted(folder.glob("*.yaml"))
        if not paths:
            faults.append(
                Fault(folder.name, None, None, "no_files", "the folder has no .yaml file")
            )
        for path in paths:
            content = _parsed(path, faults)
            if content is not None:
                read.append((path.name, content))
    return read


def _parsed(path: Path, faults: list[Fault]) -> dict[str, Any] | None:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    try:
        content = yaml.load(path.read_bytes().decode("utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        faults.append(yaml_fault(path.name, error))
        return None
    if not isinstance(content, dict):
        faults.append(Fault(path.name, None, None, "not_yaml", "the file is not a mapping"))
        return None
    return content


def _reference(
    read: _Read, file: str, model: type[_Entry], key: str, faults: list[Fault]
) -> dict[str, _Entry]:
    entries: dict[str, _Entry] = {}
    name = file.removesuffix(".yaml")
    for _file, content in (each for each in read if each[0] == file):
        if set(content) != {name} or not isinstance(content[name], list):
            message = f"the file holds one list, called {name}"
            faults.append(Fault(file, None, None, "not_a_list", message))
            continue
        for raw in content[name]:
            _add_entry(entries, raw, file, model, key, faults)
    return entries


def _add_entry(
    entries: dict[str, _Entry],
    raw: object,
    file: str,
    model: type[_Entry],
    key: str,
    faults: list[Fault],
) -> None:
    try:
        entry = model.model_validate(raw)
    except ValidationError as error:
        faults += faults_of_shape(file, error)
        return
    name = getattr(entry, key)
    if name in entries:
        faults.append(Fault(file, None, None, "entry_twice", f"{name} stands there twice"))
    entries[name] = entry


def _add_agency(
    agencies: dict[str, Agency],
    file: str,
    content: dict[str, Any],
    known: Known,
    faults: list[Fault],
) -> None:
    try:
        agency = Agency.model_validate(_with_places(content))
    except ValidationError as error:
        faults += faults_of_shape(file, error)
        return
    if agency.agency in agencies:
        message = f"the agency {agency.agency} is declared twice"
        faults.append(Fault(file, None, None, "agency_twice", message))
    agencies[agency.agency] = agency
    for dataset in agency.datasets.values():
        faults += [Fault(file, dataset.name, *each) for each in faults_of(dataset, known)]


def _with_places(content: dict[str, Any]) -> dict[str, Any]:
    """The content with each dataset told where it stands."""
    datasets = content.get("datasets")
    if not isinstance(datasets, dict):
        return content
    return {**content, "datasets": {k: _with_place(content, k, v) for k, v in datasets.items()}}


def _with_place(content: dict[str, Any], name: str, raw: object) -> object:
    if not isinstance(raw, dict):
        return raw
    # A dataset that says so itself is refused by its shape: these keys are then unknown ones.
    said = {f"{key} (told by its place)": raw[key] for key in ("agency", "name") if key in raw}
    return {**raw, **said, "agency": content.get("agency"), "name": name}
