"""How Alembic meets the clinic's database: one writing transaction, both engines."""

from __future__ import annotations

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db


PLAIN_TYPES = {"UtcDateTime": "sa.DateTime(timezone=True)", "EnumText": "sa.String(length=40)"}


def plain_types(kind: str, thing: object, _context: object) -> str | bool:
    """A migration outlives our column types, so it names what they are made of."""
    return PLAIN_TYPES.get(type(thing).__name__, False) if kind == "type" else False


def run() -> None:
    if context.is_offline_mode():
        raise SystemExit("Migrations need a database to look at; there is no offline mode.")
    with db.engine.connect().execution_options(writes=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=plain_types,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
