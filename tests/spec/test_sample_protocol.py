"""A fuller sample of the schema loads and decides; read from beside the test data, skipped where absent."""

import os
from pathlib import Path

import pytest

from policies import Protocol, load_protocol
from policies.check import concerns, run_tests, survivors

title = "The schema isp/v1 covers a full sharing protocol"

SAMPLE = (
    Path(os.environ.get("GATEWAY_TEST_DATA", "../shared/data")).parent / "protocol-example.yaml"
)
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="the sample protocol is not here")


@pytest.fixture(scope="module")
def sample() -> Protocol:
    return load_protocol(SAMPLE)


def test_the_sample_loads_and_its_own_tests_hold(sample):
    assert len(sample.tests) == 10
    assert run_tests(sample) == ()


def test_the_check_sees_what_the_sample_leaves_untested_and_unstated(sample):
    assert {"4.4", "4.13", "5.1", "5.9", "6.7", "7.2"} <= set(survivors(sample))
    assert {fault.rule for fault in concerns(sample)} == {"no_register_entry", "no_power_stated"}
