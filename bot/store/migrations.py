"""The history of the tables: migrations/ brings a database, empty or of an earlier version, to the tables of now.

Only forward: the way back is a copy of the database from before.
"""
from __future__ import annotations

import importlib
import pkgutil
import tempfile
from pathlib import Path
from typing import Any, List, Optional

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from bot.errors import AssistantError, SettingsError
from bot.settings import ROOT

_FOLDER = ROOT / "migrations"
_ONE_AT_A_TIME = 5005  # any number that is the same in every process


def upgrade(connection: "sa.engine.Connection") -> None:
    """Brings the database of `connection`, within its transaction, to the tables of now; others that start then wait.

    Raises:
        SettingsError: a later version of the assistant has been at this database.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
    else:
        connection.execute(sa.text("BEGIN IMMEDIATE"))
    try:
        command.upgrade(_config(connection), "head")
    except CommandError as error:
        raise SettingsError(
            f"the database was used by a later version of the assistant ({error}); start that version, or name another "
            "database in ASSISTANT_DATABASE_URL"
        ) from error


def differences(connection: "sa.engine.Connection") -> List[Any]:
    """Returns what the tables of bot/store have that the database of `connection` has not, or otherwise."""
    tables = models()
    options = {"include_name": lambda name, kind, _: ours(name, kind, tables)}
    return compare_metadata(MigrationContext.configure(connection, opts=options), tables)


def write(name: str) -> Path:
    """Returns the new revision `name`: what changed in the tables of bot/store since the last one.

    Raises:
        AssistantError: nothing changed.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch = sa.create_engine(f"sqlite:///{folder}/scratch.db")
        with scratch.begin() as connection:
            upgrade(connection)
        with scratch.connect() as connection:
            if not differences(connection):
                raise AssistantError("no table of bot/store changed; there is nothing to write")
            config = _config(connection, models())
            number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
            made: Any = command.revision(config, name, autogenerate=True, rev_id=f"{number:04d}")
        scratch.dispose()
    return Path(made.path)


def models() -> "sa.MetaData":
    """Returns the tables of every module of bot/store."""
    package = importlib.import_module("bot.store")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"bot.store.{module.name}")
    return importlib.import_module("bot.store.database").metadata


def ours(name: Optional[str], kind: str, tables: "sa.MetaData") -> bool:
    """Returns whether a thing found in the database is to be compared: Rasa makes and keeps a table of its own."""
    return kind != "table" or name in tables.tables


def _config(connection: "sa.engine.Connection", tables: Optional["sa.MetaData"] = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(connection=connection, tables=tables)
    return config
