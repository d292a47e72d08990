"""Runs migrations on the connection that `store.schema` hands over; never opens its own."""

from alembic import context

from gateway.store.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    # SQLite alters a table by copying it; the same script stays valid on PostgreSQL.
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
