"""The steps in migrations/ and the tables of bot/store are the same thing, on SQLite and PostgreSQL."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import sqlalchemy as sa

from bot.errors import SettingsError
from bot.settings import ROOT
from bot.store import migrations
from tests.postgres import Postgres

_THINGS = {
    "sqlite": "SELECT type, name FROM sqlite_master WHERE name NOT LIKE '%alembic%'",
    "postgresql": (
        "SELECT 'index', indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        " UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT 'table', tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    ),
}


@pytest.fixture(scope="module")
def server():
    made = Postgres()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    server = request.getfixturevalue("server")
    with sa.create_engine(server.url).begin() as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return server.url


@pytest.fixture
def database(url):
    made = sa.create_engine(url)
    yield made
    made.dispose()


def upgrade(database):
    with database.begin() as connection:
        migrations.upgrade(connection)


def things(database):
    """Returns the kind and name of every table, index and trigger."""
    with database.connect() as connection:
        return sorted(map(tuple, connection.execute(_THINGS[database.dialect.name])))


def test_the_steps_make_the_tables_of_now(database):
    upgrade(database)
    with database.connect() as connection:
        assert migrations.differences(connection) == [], "run: make migration NAME=..."
    stepwise = things(database)
    with database.begin() as connection:
        connection.execute("DROP TABLE alembic_version")
        migrations.models().drop_all(connection)
    migrations.models().create_all(database)
    assert stepwise == things(database), "what is missing is added to the last file in migrations/versions with op.execute"


def test_a_database_from_before_there_were_migrations_is_taken_over_with_what_is_in_it(database):
    old = migrations.models().tables
    for table in [old["feedback"], old["erasures"]]:  # another had not been needed yet when it was made
        table.create(database)
    database.execute(old["erasures"].insert().values(receipt="A1", at=1.0))
    upgrade(database)
    upgrade(database)
    assert database.execute("SELECT receipt FROM erasures").scalar() == "A1"
    assert database.execute("SELECT COUNT(*) FROM requests").scalar() == 0
    with database.connect() as connection:
        assert migrations.differences(connection) == []


def test_reports_of_candidates_lose_the_words_of_patients_at_the_upgrade(database):
    upgrade(database)
    changes = [{"part": part, "text": f"words of {part}"} for part in ("held_out", "fresh", "conversations")]
    trainings = migrations.models().tables["trainings"]
    row = {"staff": "a", "at": 1.0, "state": "done", "seen": 1.0, "stop": False, "step": ""}
    database.execute(trainings.insert().values(**row, report=json.dumps({"changes": changes})))
    database.execute("UPDATE alembic_version SET version_num = '0002'")
    upgrade(database)
    kept = json.loads(database.execute("SELECT report FROM trainings").scalar())
    assert [change["text"] for change in kept["changes"]] == ["words of held_out", None, None]


def test_a_database_of_a_later_version_is_refused_in_clear_words(database):
    upgrade(database)
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SettingsError, match="later version"):
        upgrade(database)


def test_servers_that_start_together_make_the_tables_once(url, database, tmp_path):
    script = "from bot.store import feedback; feedback.record('web-1', None, 'en', helpful=True)"
    environment = {**os.environ, "ASSISTANT_STATE": str(tmp_path), "ASSISTANT_DATABASE_URL": url}
    started = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [(each.communicate()[1], each.returncode) for each in started] == [("", 0)] * 4
    assert database.execute("SELECT COUNT(*) FROM feedback").scalar() == 4


def test_what_changed_in_a_table_is_written_as_the_next_step(tmp_path):
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder)
    script = """
import pathlib, sys
import sqlalchemy as sa
from bot.errors import AssistantError
from bot.store import feedback, migrations
migrations._FOLDER = pathlib.Path(sys.argv[1])
try:
    migrations.write("nothing")
except AssistantError as error:
    print(error)
feedback._feedback.append_column(sa.Column("words", sa.Text))
print(migrations.write("words of feedback").read_text())
with sa.create_engine("sqlite://").begin() as connection:
    migrations.upgrade(connection)
    print("left:", migrations.differences(connection))
"""
    said = subprocess.run([sys.executable, "-c", script, str(folder)], cwd=ROOT, capture_output=True, text=True).stdout
    assert "nothing to write" in said and "add_column" in said and "left: []" in said, said


def test_a_database_that_is_away_is_one_clear_line(tmp_path):
    environment = {**os.environ, "ASSISTANT_STATE": str(tmp_path), "ASSISTANT_DATABASE_URL": "postgresql://a@127.0.0.1:1/x"}
    script = "from bot.store import database; database.prepare()"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "the database cannot be used" in ran.stderr.splitlines()[-1] and "ASSISTANT_DATABASE_URL" in ran.stderr
