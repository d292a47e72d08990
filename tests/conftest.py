"""For every test: an example of Hypothesis has no deadline, because a busy machine is not a fault; a file runs in one process."""

import os

import pytest
from hypothesis import settings

if "CI" not in os.environ:  # there Hypothesis has such a profile of its own
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the tests of a file share is made once, by the one process that runs them all."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.location[0]))
