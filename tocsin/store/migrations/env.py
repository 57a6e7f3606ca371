"""Alembic's entry: runs the migrations in the transaction of ``tocsin.store.store``."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
