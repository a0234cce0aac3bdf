"""Runs the migrations on the connection that `recsql db upgrade` hands over."""

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run `recsql db upgrade`: it is the one door to the schema")

context.configure(
    connection=connection,
    version_table="schema_version",
    version_table_schema="core",
    # The caller owns the transaction: tables and logic change together or not at all.
    transaction_per_migration=False,
)
context.run_migrations()
