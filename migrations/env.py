"""How Alembic runs the migrations: over the connection, and within the transaction, of chatbot.store.migrate.

To begin a new one: python -c "from alembic import command; from chatbot.store.migrate import alembic_config as c;
command.revision(c(), 'why it is needed', rev_id='0006')", then set HEAD in chatbot/store/schema.py to it.
"""

from alembic import context

from chatbot.store.schema import is_of_schema, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=is_of_schema,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
