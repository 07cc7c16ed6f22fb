"""Run by alembic: carries migrations out on the connection that `upgrade` hands over."""

from alembic import context

from core.runs.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
