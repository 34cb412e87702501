"""The one database: SQLite in the state folder, or whatever ASSISTANT_DATABASE_URL names."""
from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import Any, Iterator, Optional

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from bot.errors import ServerError
from bot.settings import settings
from bot.store import migrations

metadata = sa.MetaData()  # every module of bot/store defines its tables here; `make migration` notes what changed
_starting = Lock()  # of threads that need the database at once, one makes it ready


def engine() -> "sa.engine.Engine":
    """Returns the engine of this process; at the first call the database is brought to the tables of now.

    Raises:
        SettingsError: a later version of the assistant has been at this database.
        sqlalchemy.exc.SQLAlchemyError: the database is away; the next call tries again.
    """
    with _starting:
        return _ready()


def prepare() -> None:
    """Brings the database to the tables of now before any process needs it.

    Raises:
        ServerError: it does not answer, or will not be changed.
        SettingsError: see :func:`engine`.
    """
    try:
        engine()
    except sa.exc.SQLAlchemyError as error:
        cause = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise ServerError(f"the database cannot be used: {cause}. ASSISTANT_DATABASE_URL says where it is") from error


@contextmanager
def transaction(within: Optional[Connection] = None) -> Iterator[Connection]:
    """Gives the connection of a transaction: that of the caller, `within`, or a new one that ends with the block."""
    if within is not None:
        yield within
    else:
        with engine().begin() as connection:
            yield connection


@contextmanager
def quick_transaction(within: Optional[Connection] = None) -> Iterator[Connection]:
    """As :func:`transaction`, without waiting for the disk of SQLite: for what is said in a chat, several times a turn.

    It survives the death of the process. Of a machine that loses its power it may lose the last moments, unless something
    that was promised, a request or a message acknowledged to WhatsApp, was written after it: that takes all with it.
    """
    if within is not None or engine().dialect.name != "sqlite":
        with transaction(within) as connection:
            yield connection
        return
    with engine().connect() as connection:
        connection.connection.execute("PRAGMA synchronous=NORMAL")
        try:
            with connection.begin():
                yield connection
        finally:
            connection.connection.execute("PRAGMA synchronous=FULL")


def insert(table: sa.Table) -> Any:
    """Returns an INSERT into `table` that takes `on_conflict_do_nothing` and `on_conflict_do_update`.

    Two that add the same row at once then both succeed, and a transaction goes on.
    """
    return (postgresql if engine().dialect.name == "postgresql" else sqlite).insert(table)


@lru_cache(maxsize=1)
def _ready() -> "sa.engine.Engine":
    connected = _connect()
    with connected.begin() as connection:
        migrations.upgrade(connection)
    return connected


@lru_cache(maxsize=1)
def _connect() -> "sa.engine.Engine":
    """Returns the engine; its errors name no values, which are patients' names and words."""
    url = settings().database_url
    if url.startswith("sqlite"):
        settings().state.mkdir(parents=True, exist_ok=True)
        # Opening a file reads the whole schema, and closing its last connection writes the journal back: both are kept
        # for many turns. SQLAlchemy 1.4 would open one anew for each query.
        arguments = {"timeout": 15, "check_same_thread": False}
        made = sa.create_engine(url, poolclass=sa.pool.QueuePool, connect_args=arguments, hide_parameters=True)
        sa.event.listen(made, "connect", lambda connected, _: connected.execute("PRAGMA secure_delete=ON"))
        with made.connect() as connection:  # readers then never wait for the writer
            connection.execute(sa.text("PRAGMA journal_mode=WAL"))
    else:
        made = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    return made
