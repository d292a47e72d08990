"""Migrations, run when the store opens.

In: a connection inside a transaction. Out: tables as this program's models have them. Two
programs opening one new database at once take turns; a newer database is refused, not read.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from gateway.store.errors import StoreTooNew

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x6661_6D69_6C79  # any fixed number; PostgreSQL's DDL has no database-wide lock


def migrate(connection: Connection) -> None:
    """Apply what is missing, in the caller's transaction. Raises StoreTooNew."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    config = _config(connection)
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current == scripts.get_current_head():
        return
    if current is not None and current not in {
        script.revision for script in scripts.walk_revisions()
    }:
        raise StoreTooNew(
            f"the database is at revision {current}, which this version does not know"
        )
    command.upgrade(config, "head")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
