"""The database: models and migrations agree, its rules stand in it, and it is set up to be durable."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from gateway.store import StoreTooNew
from gateway.store.engine import Database
from gateway.store.tables import Row


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database.open(url)
    yield opened
    opened.close()


def ask(database: Database, question: str) -> Any:
    with database.reading() as session:
        return session.scalar(text(question))


def test_models_and_migrations_agree(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Row.metadata) == []


def test_every_check_of_the_models_stands_in_the_migrated_database(database: Database) -> None:
    """compare_metadata does not look at checks, so this does: by name and by text."""
    with database.reading() as session:
        inspector = inspect(session.connection())
        found = {
            (table, str(check["name"]), "".join(check["sqltext"].split()))
            for table in inspector.get_table_names()
            for check in inspector.get_check_constraints(table)
        }
    stated = {
        (table.name, str(check.name), "".join(str(check.sqltext).split()))
        for table in Row.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert len(stated) >= 12
    # Names are held against the naming convention, which the models apply when tables are made.
    assert {(table, sql) for table, _, sql in found} == {(table, sql) for table, _, sql in stated}
    assert all(name.startswith(f"ck_{table}_") for table, name, _ in found)


def test_the_partial_index_stands_in_the_migrated_database(database: Database) -> None:
    made = ask(
        database,
        "SELECT sql FROM sqlite_master WHERE name = 'uq_submissions_stored_fingerprint'",
    )
    assert "UNIQUE" in made
    assert made.endswith("WHERE status = 'stored'")


def test_every_table_can_be_made_on_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in Row.metadata.sorted_tables:
        made = str(CreateTable(table).compile(dialect=dialect))
        assert "TIMESTAMP WITHOUT" not in made
        for index in table.indexes:
            str(CreateIndex(index).compile(dialect=dialect))
    unique = next(
        index
        for index in Row.metadata.tables["submissions"].indexes
        if index.name == "uq_submissions_stored_fingerprint"
    )
    assert "WHERE status = 'stored'" in str(CreateIndex(unique).compile(dialect=dialect))


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_every_connection_is_set_up_to_be_durable(
    pragma: str, value: object, database: Database
) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: ask(database, f"PRAGMA {pragma}"), range(3)))
    assert found == [value] * 3


def test_opening_again_changes_nothing(database: Database, url: str) -> None:
    before = ask(database, "SELECT group_concat(sql) FROM sqlite_master")
    Database.open(url).close()
    assert ask(database, "SELECT group_concat(sql) FROM sqlite_master") == before


def test_a_newer_database_is_refused_and_not_touched(database: Database, url: str) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew):
        Database.open(url)
    assert ask(database, "SELECT version_num FROM alembic_version") == "9999"


def test_a_new_database_opened_by_many_at_once_is_made_once(url: str) -> None:
    with ThreadPoolExecutor(12) as pool:
        opened = list(pool.map(lambda _: Database.open(url), range(12)))
    assert ask(opened[0], "SELECT count(*) FROM alembic_version") == 1
    for each in opened:
        each.close()


def test_opening_drops_no_lock_that_this_program_holds(database: Database, url: str) -> None:
    """Closing any descriptor of a file drops all of a process's locks on it (POSIX); so none is."""
    path = Path(url.removeprefix("sqlite:///"))
    ask(database, "SELECT 1")
    held = locks_on(path)
    Database.open(url).close()
    assert locks_on(path) == held != 0


def locks_on(path: Path) -> int:
    inode = f":{path.stat().st_ino} "
    return Path("/proc/locks").read_text().count(inode)


def test_a_writer_that_reads_first_does_not_fail_on_another_writer(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("CREATE TABLE counter (n INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))

    def add_one(_: int) -> None:
        with database.writing() as session:
            seen = session.scalar(text("SELECT n FROM counter"))
            session.execute(text("UPDATE counter SET n = :n"), {"n": seen + 1})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_one, range(40)))
    assert ask(database, "SELECT n FROM counter") == 40


SUBMISSION = {
    "id": "'sub-1'",
    "agency": "'police'",
    "dataset": "'contacts'",
    "status": "'stored'",
    "rows_read": "3",
    "rows_accepted": "2",
    "rows_refused": "1",
    "size_bytes": "10",
    "fingerprint": "'ab'",
    "report": "'{}'",
    "access_id": "'access-1'",
    "received_at": "'2026-11-22 09:00:00'",
}


def insert(database: Database, table: str, values: dict[str, str]) -> None:
    names, given = ", ".join(values), ", ".join(values.values())
    with database.writing() as session:
        session.execute(text(f"INSERT INTO {table} ({names}) VALUES ({given})"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "'lost'"},
        {"rows_accepted": "-1"},
        {"rows_read": "2"},
        {"size_bytes": "-1"},
        {"replaces_id": "'sub-none'"},
        {"agency": "NULL"},
    ],
)
def test_the_database_itself_refuses_a_submission_that_cannot_be(
    wrong: dict[str, str], database: Database
) -> None:
    with pytest.raises(IntegrityError):
        insert(database, "submissions", SUBMISSION | wrong)
    insert(database, "submissions", SUBMISSION)


FILE = {
    "path": "'submissions/sub-1/tokens.parquet'",
    "kind": "'tokens'",
    "submission_id": "'sub-1'",
    "size_bytes": "10",
    "row_count": "2",
    "sha256": "'ab'",
    "wrapped_key": "x'00'",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"submission_id": "NULL"},
        {"run": "1"},
        {"wrapped_key": "NULL"},
        {"shredded_at": "'2026-11-22 09:00:00'"},
        {"size_bytes": "0"},
        {"submission_id": "'sub-none'"},
    ],
)
def test_the_database_itself_refuses_a_file_without_one_owner_and_one_key(
    wrong: dict[str, str], database: Database
) -> None:
    insert(database, "submissions", SUBMISSION)
    with pytest.raises(IntegrityError):
        insert(database, "lake_files", FILE | wrong)
    insert(database, "lake_files", FILE)
