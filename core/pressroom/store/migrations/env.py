"""What alembic runs: migrations over the connection that `pressroom.store.schema` hands in."""

from alembic import context

from pressroom.models import access_tables, ledger_tables, tables

connection = context.config.attributes["connection"]
# both modules are imported for the tables that they declare
assert ledger_tables.RunRow.metadata is access_tables.TokenRow.metadata is tables.Base.metadata
context.configure(
    connection=connection,
    target_metadata=tables.Base.metadata,
    render_as_batch=True,
    compare_type=True,
    # SQLite: one transaction around everything, begun by the caller, so that a failure leaves nothing behind
    transactional_ddl=True,
    transaction_per_migration=connection.dialect.name != "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
