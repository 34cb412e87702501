"""The same tests on SQLite, in the state folder, and on a PostgreSQL server of their own."""
import pytest
import sqlalchemy as sa

from bot.store import database
from tests.unit.test_request_store import postgres


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request):
    if request.param == "sqlite":
        yield None
    else:
        yield from postgres("unused")


@pytest.fixture
def either(server, monkeypatch):
    """Has the stores use the database of this round."""
    if server is None:
        yield
        return
    made = sa.create_engine(server)
    monkeypatch.setattr(database, "_connect", lambda: made)
    monkeypatch.setattr(database, "_made", set())
    yield
    made.dispose()
