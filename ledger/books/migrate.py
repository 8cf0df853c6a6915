"""Bringing a ledger's tables up to what this code needs, in one transaction, by one process at a time."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from ledger.books.errors import LedgerError

MIGRATIONS = Path(__file__).parent.parent / "migrations"
HEAD = "r0011"
# Any fixed number: processes that open the same PostgreSQL ledger at once queue for it.
_ADVISORY_LOCK = 0x6B617479


def current(connection: Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(engine: Engine) -> None:
    """Run every revision the database has not seen. Nothing is done, and nothing locked, where it is up to date.

    Raises `LedgerError` where the database was made by a newer Katy.
    """
    with engine.connect() as connection:
        if current(connection) == HEAD:
            return
    # Alembic is only loaded where there is something to do.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect().execution_options(katy_write=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
        found = current(connection)
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise LedgerError(
                f"the ledger at {engine.url.render_as_string(hide_password=True)} is at revision {found}, which this "
                "Katy does not know: it was used with a newer one. Use that one, or another ledger."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
