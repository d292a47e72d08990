"""Long work always ends on record, whatever ended it."""

from contextlib import ExitStack

import pytest

from gateway.jobs import JobRunner
from policies import Actor

OFFICER = Actor("staff-1", "data_officer", "police")


class PanicError(BaseException):
    """As a library's panic arrives: no Exception, and its text may quote a value."""


@pytest.mark.parametrize("kind", [PanicError, ValueError])
def test_work_that_breaks_off_fails_and_its_text_is_not_told(store, kind):
    def work(_):
        raise kind("Marlowe")

    runner = JobRunner(store.jobs, workers=1)
    job = runner.start("ingest", OFFICER, work, ExitStack())
    runner.close()
    ended = runner.seen_by(OFFICER, job)
    assert ended.state == "failed"
    assert kind.__name__ in ended.error["detail"]
    assert "Marlowe" not in str(ended.error)


def test_work_that_ends_has_its_result(store):
    runner = JobRunner(store.jobs, workers=1)
    job = runner.start("ingest", OFFICER, lambda _: {"rows": 1}, ExitStack())
    runner.close()
    assert runner.seen_by(OFFICER, job).result == {"rows": 1}
