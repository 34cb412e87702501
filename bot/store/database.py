"""The one database: SQLite in the state folder, or whatever ASSISTANT_DATABASE_URL names."""
from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa

from bot.settings import settings

metadata = sa.MetaData()  # every module of bot/store defines its tables here


@lru_cache(maxsize=1)
def engine() -> "sa.engine.Engine":
    """Returns the engine of this process, with all tables made."""
    url = settings().database_url
    if url.startswith("sqlite"):
        settings().state.mkdir(parents=True, exist_ok=True)
        made = sa.create_engine(url, connect_args={"timeout": 15})
        with made.connect() as connection:  # readers then never wait for the writer
            connection.execute(sa.text("PRAGMA journal_mode=WAL"))
    else:
        made = sa.create_engine(url, pool_pre_ping=True)
    metadata.create_all(made)
    return made
