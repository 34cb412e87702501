"""Run by Alembic for each command of bot/store/migrations.py, which hands the connection over."""

from alembic import context

from bot.store.migrations import ours

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=given["tables"],
    include_name=lambda name, kind, _: ours(name, kind, given["tables"]),
    render_as_batch=True,  # SQLite changes a column only by copying its table
)
with context.begin_transaction():
    context.run_migrations()
