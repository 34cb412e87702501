"""The same tests on SQLite, in the state folder, and on a PostgreSQL server of their own."""
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from bot.store import database, migrations
from tests.postgres import Postgres


def use(url, monkeypatch):
    """Has the stores use the database at `url`, with the tables of now; returns its engine."""
    made = sa.create_engine(url, **({"connect_args": {"timeout": 15}} if url.startswith("sqlite") else {}))
    with made.begin() as connection:
        migrations.upgrade(connection)
    monkeypatch.setattr(database, "_ready", lambda: made)
    return made


def at_once(function, calls):
    """Returns what `function` gives for each of the argument lists `calls`, made by a thread each; raises what one does."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return [call.result() for call in [threads.submit(function, *arguments) for arguments in calls]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request):
    if request.param == "sqlite":
        yield None
    else:
        made = Postgres()
        yield made.url
        made.close()


@pytest.fixture
def either(server, monkeypatch):
    """Has the stores use the database of this round."""
    if server is None:
        yield
        return
    made = use(server, monkeypatch)
    yield
    made.dispose()
