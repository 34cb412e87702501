"""The one database: SQLite in the state folder, or whatever ASSISTANT_DATABASE_URL names."""
from __future__ import annotations

from functools import lru_cache
from typing import Set

import sqlalchemy as sa

from bot.settings import settings

metadata = sa.MetaData()  # every module of bot/store defines its tables here


_made: Set[str] = set()  # names of the tables that are there


def engine() -> "sa.engine.Engine":
    """Returns the engine of this process, with the tables of every module imported so far made."""
    connected = _connect()
    if not _made.issuperset(metadata.tables):
        with connected.begin() as connection:
            if connection.dialect.name == "postgresql":  # of servers that start together, one makes the tables
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(5005)"))
            else:
                connection.execute(sa.text("BEGIN IMMEDIATE"))
            metadata.create_all(connection)
        _made.update(metadata.tables)
    return connected


@lru_cache(maxsize=1)
def _connect() -> "sa.engine.Engine":
    url = settings().database_url
    if url.startswith("sqlite"):
        settings().state.mkdir(parents=True, exist_ok=True)
        made = sa.create_engine(url, connect_args={"timeout": 15})
        sa.event.listen(made, "connect", lambda connected, _: connected.execute("PRAGMA secure_delete=ON"))
        with made.connect() as connection:  # readers then never wait for the writer
            connection.execute(sa.text("PRAGMA journal_mode=WAL"))
    else:
        made = sa.create_engine(url, pool_pre_ping=True)
    return made
