"""A gateway, an agency's site, and a few extracts of a small county."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from prepared_site import Prepared, Site  # noqa: E402

from agencies.county import CountyConfig, ExtractFile, make_county  # noqa: E402

Extracts = dict[tuple[str, str], ExtractFile]


@pytest.fixture(scope="session")
def extracts() -> Extracts:
    """The eight files of a small county, by agency and dataset."""
    county = make_county(CountyConfig(families=120, seed=11))
    return {(file.agency, file.dataset): file for file in county.extracts()}


@pytest.fixture(scope="module")
def open_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One gateway for a module; what a test changes of it, `site` puts back."""
    opened = Site.open(tmp_path_factory.mktemp("site") / "home")
    yield opened
    opened.gateway.close()


@pytest.fixture
def site(open_site: Site) -> Iterator[Site]:
    """The gateway, at its own epoch and hour."""
    yield open_site
    open_site.later, open_site.linkage = timedelta(), {}


@pytest.fixture(scope="module")
def police(open_site: Site, extracts: Extracts) -> Prepared:
    """The police extract, prepared with a package of the gateway."""
    return prepared_of(open_site, extracts, "police", "contacts")


@pytest.fixture(scope="module")
def housing(open_site: Site, extracts: Extracts) -> Prepared:
    """The housing extract, likewise: it has numbers and an end date."""
    return prepared_of(open_site, extracts, "housing", "tenancies")


def prepared_of(site: Site, extracts: Extracts, agency: str, name: str) -> Prepared:
    """One extract, checked and tokenised but not sealed."""
    dataset = site.dataset(agency, name)
    return Prepared.of(extracts[agency, name].content, dataset, site.package(dataset))
