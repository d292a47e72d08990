"""A small county and a gateway that tokenises its national numbers obliviously."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from agencies.county import CountyConfig, make_county
from gateway.app.factory import create_app
from gateway.bootstrap import Gateway, make_home, open_gateway
from gateway.config import Settings
from tests.unit.oblivious.sent import LIMIT, Extracts

with warnings.catch_warnings():
    # Starlette asks for a client that nobody else here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def extracts() -> Extracts:
    county = make_county(CountyConfig(families=60, seed=11))
    return {(file.agency, file.dataset): file for file in county.extracts()}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        home=tmp_path / "home", national_numbers="oblivious", oprf_daily_limit=LIMIT, workers=1
    )
    make_home(made, None)
    return made


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    opened = open_gateway(settings)
    yield opened
    opened.close()


@pytest.fixture
def web(gateway: Gateway) -> TestClient:
    return TestClient(create_app(gateway))
