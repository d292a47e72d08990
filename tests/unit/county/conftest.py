"""Two counties for all tests here: a small one, and the whole one where shares must hold closely."""

from __future__ import annotations

import pytest

from agencies.county import County, CountyConfig, make_county


@pytest.fixture(scope="session")
def small() -> County:
    return make_county(CountyConfig(families=600, seed=7))


@pytest.fixture(scope="session")
def whole() -> County:
    return make_county(CountyConfig())
