"""A gateway opens whole or not at all, and its log says which."""

import json

import pytest

from audit import LogBroken
from gateway.bootstrap import make_home, open_gateway
from gateway.config import Settings
from policies import ProtocolInvalid


@pytest.fixture
def settings(tmp_path):
    made = Settings(home=tmp_path / "home")
    make_home(made, None)
    return made


def logged(settings):
    lines = (settings.audit / "entries.jsonl").read_text().splitlines()
    return [json.loads(line)["event"] for line in lines]


def test_a_start_and_a_stop_are_on_record(settings):
    open_gateway(settings).close()
    kinds = [event["type"] for event in logged(settings)]
    assert kinds[-3:] == ["service.started", "protocol.loaded", "service.stopped"]


def test_a_start_that_fails_is_on_record_with_its_error(settings, tmp_path):
    protocol = tmp_path / "protocol.yaml"
    protocol.write_text("schema: isp/v1\n")
    with pytest.raises(ProtocolInvalid):
        open_gateway(settings.model_copy(update={"protocols": (protocol,)}))
    last = logged(settings)[-1]
    assert (last["type"], last["detail"]) == ("service.stopped", {"error": "ProtocolInvalid"})


def test_a_log_that_was_taken_away_stops_the_start(settings):
    settings.audit.rename(settings.home / "elsewhere")
    with pytest.raises(LogBroken):
        open_gateway(settings)
