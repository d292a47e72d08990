"""Jobs are their actor's; credentials are theirs who hold the secret."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from gateway.access import AccessMissing
from gateway.keys import Keys
from gateway.store import CredentialRefused, NotFound, Store, WrongState
from tests.unit.gateway.conftest import NOW, Opening

PROBLEM = {"type": "about:blank", "title": "The disk is full", "status": 507}


def test_a_job_goes_from_waiting_to_done(store: Store) -> None:
    job = store.jobs.make("link", actor="staff-1", agency="council")
    assert (job.state, job.progress) == ("waiting", 0.0)
    assert store.jobs.update(job.id, progress=0.5, step="score").state == "running"
    done = store.jobs.finish(job.id, {"run": 3})
    assert (done.state, done.progress, done.step, done.result) == ("done", 1.0, "score", {"run": 3})
    assert store.jobs.get(job.id, actor="staff-1") == done


def test_a_failed_job_says_why(store: Store) -> None:
    job = store.jobs.make("link", actor="staff-1", agency="council")
    assert store.jobs.fail(job.id, PROBLEM).error == PROBLEM


def test_a_job_is_its_actors_only(store: Store) -> None:
    job = store.jobs.make("link", actor="staff-1", agency="council")
    store.jobs.make("link", actor="staff-2", agency="council")
    with pytest.raises(NotFound):
        store.jobs.get(job.id, actor="staff-2")
    with pytest.raises(NotFound):
        store.jobs.update("job-none")
    assert store.jobs.list(actor="staff-1") == (job,)


def test_a_job_that_ended_does_not_change(store: Store) -> None:
    job = store.jobs.make("link", actor="staff-1", agency="council").id
    store.jobs.finish(job, {})
    for change in (
        lambda: store.jobs.update(job, progress=0.1),
        lambda: store.jobs.finish(job, {}),
        lambda: store.jobs.fail(job, PROBLEM),
    ):
        with pytest.raises(WrongState):
            change()


@pytest.mark.parametrize("progress", [-0.01, 1.01])
def test_progress_is_a_share(progress: float, store: Store) -> None:
    job = store.jobs.make("link", actor="staff-1", agency="council").id
    with pytest.raises(IntegrityError):
        store.jobs.update(job, progress=progress)


def test_only_the_jobs_of_a_program_that_is_gone_are_interrupted(
    store: Store, tmp_path: Path, keys: Keys
) -> None:
    mine = store.jobs.make("link", actor="staff-1", agency="council")
    other = Store.open(f"sqlite:///{tmp_path}/store.db", tmp_path / "lake", keys)
    theirs = other.jobs.make("link", actor="staff-1", agency="council")
    ended = other.jobs.make("link", actor="staff-1", agency="council")
    other.jobs.finish(ended.id, {})
    assert store.jobs.interrupted() == ()
    other.close()
    assert [job.id for job in store.jobs.interrupted()] == [theirs.id]
    assert store.jobs.get(theirs.id, actor="staff-1").state == "interrupted"
    assert store.jobs.get(theirs.id, actor="staff-1").error is not None
    assert store.jobs.get(mine.id, actor="staff-1").state == "waiting"
    assert store.jobs.interrupted() == ()


def test_a_credential_is_found_by_its_secret_and_by_nothing_else(
    store: Store, opening: Opening
) -> None:
    with opening("manage_users") as access:
        made = store.credentials.make(
            access, role="evaluator", agency="council", training={"sdc": date(2026, 3, 1)}
        )
    assert store.credentials.find(made.presented) == made.credential
    assert made.credential.training == {"sdc": date(2026, 3, 1)}
    identity, _, secret = made.presented.partition(".")
    wrong = [secret, identity, f"{identity}.", f".{secret}", f"{identity}.{secret}x", "", "."]
    wrong += [f"{identity}.{secret[:-1]}", f"cred-0000000000000000.{secret}", "\0.\ud800"]
    said = set()
    for presented in wrong:
        with pytest.raises(CredentialRefused) as told:
            store.credentials.find(presented)
        said.add(str(told.value))
    assert len(said) == 1


def test_the_secret_is_not_stored_or_shown(store: Store, opening: Opening, tmp_path: Path) -> None:
    with opening("manage_users") as access:
        made = store.credentials.make(access, role="evaluator", agency="council")
    secret = made.presented.partition(".")[2]
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert made.credential.id.encode() in on_disk
    assert secret.encode() not in on_disk
    assert secret not in repr(made)


def test_a_copied_hash_under_another_keystore_opens_nothing(
    store: Store, opening: Opening, keys: Keys
) -> None:
    with opening("manage_users") as access:
        made = store.credentials.make(access, role="evaluator", agency="council")
    store.credentials._key = keys.disclosure_key("another")
    with pytest.raises(CredentialRefused):
        store.credentials.find(made.presented)


def test_a_revoked_credential_is_refused_at_once(store: Store, opening: Opening) -> None:
    with opening("manage_users") as access:
        made = store.credentials.make(access, role="evaluator", agency="council")
        first = store.credentials.revoke(access, made.credential.id)
        assert store.credentials.revoke(access, made.credential.id) == first
        with pytest.raises(NotFound):
            store.credentials.revoke(access, "cred-none")
        assert store.credentials.list(access) == (first,)
    with pytest.raises(CredentialRefused):
        store.credentials.find(made.presented)


def test_a_credential_expires_to_the_instant(tmp_path: Path, keys: Keys, opening: Opening) -> None:
    now = [NOW]
    url = f"sqlite:///{tmp_path}/store.db"
    with Store.open(url, tmp_path / "lake", keys, clock=lambda: now[0]) as store:
        with opening("manage_users") as access:
            made = store.credentials.make(
                access, role="evaluator", agency="council", valid_for=timedelta(hours=1)
            )
        now[0] = NOW + timedelta(hours=1, microseconds=-1)
        store.credentials.find(made.presented)
        now[0] = NOW + timedelta(hours=1)
        with pytest.raises(CredentialRefused):
            store.credentials.find(made.presented)


def test_a_persons_other_roles_come_with_each_credential(store: Store, opening: Opening) -> None:
    with opening("manage_users") as access:
        one = store.credentials.make(access, role="administrator", agency="gateway").credential
        two = store.credentials.make(access, role="ig_officer", agency="council", person=one.person)
        store.credentials.make(access, role="evaluator", agency="council")
        assert two.credential.holds == ("administrator",)
        store.credentials.revoke(access, one.id)
    assert store.credentials.find(two.presented).holds == ()


def test_credentials_are_made_by_those_who_manage_users(store: Store, opening: Opening) -> None:
    with opening("query") as access:
        for attempt in (
            lambda: store.credentials.make(access, role="administrator", agency="gateway"),
            lambda: store.credentials.revoke(access, "cred-none"),
            lambda: store.credentials.list(access),
        ):
            with pytest.raises(AccessMissing):
                attempt()


def test_instants_are_utc_whatever_the_clocks_zone(tmp_path: Path, keys: Keys) -> None:
    zone = datetime.fromisoformat("2026-07-01T12:00:00+01:00")
    url = f"sqlite:///{tmp_path}/store.db"
    with Store.open(url, tmp_path / "lake", keys, clock=lambda: zone) as store:
        job = store.jobs.make("link", actor="staff-1", agency="council")
        found = store.jobs.get(job.id, actor="staff-1")
        assert found.created_at == zone
        assert found.created_at.tzinfo is UTC
    engine = create_engine(url)
    with engine.connect() as connection:
        kept = connection.scalar(text("SELECT created_at FROM jobs"))
    engine.dispose()
    assert str(kept).startswith("2026-07-01 11:00:00")
