"""Alembic's entry: runs the revisions on the connection that ``store/migrate.py`` hands over, in its transaction."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, render_as_batch=True)
context.run_migrations()
