"""Brings a store's tables to the form that this Ermine knows. One file a change in `versions/`."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import Connection

from core.experiment import InputError

HEAD = "0001"


def upgrade(engine: Engine) -> None:
    """Makes or upgrades the tables; does nothing, and imports nothing, when they are current.

    Raises:
        InputError: the store was made by a newer Ermine.
    """
    with engine.begin() as connection:
        if _revision(connection) == HEAD:
            return
    # Imported late: most openings find the store as it should be.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.connect().execution_options(write=True) as connection:
        # One process at a time makes the tables; SQLite's writers queue by themselves.
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(4215)"))
        found = _revision(connection)
        known = {s.revision for s in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise InputError(
                f"The store {engine.url.render_as_string(hide_password=True)} was made by a newer "
                f"Ermine (its form is {found}, this one knows up to {HEAD}): update Ermine, or "
                "set ERMINE_HOME to another folder."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
        connection.commit()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found
