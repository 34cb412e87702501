"""Every kind of data goes when its time has come, everything of a person at once when they ask; nothing is overlooked."""
import json
import sqlite3
import subprocess
import time
from datetime import datetime, timezone
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from bot.console.privacy import _kinds as kinds_in_words
from bot.settings import ROOT, Keep, settings
from bot.store import audit, days, erasure, messages, rasa_events, retention, statistics, subject_access
from bot.store.database import engine, metadata
from bot.store.message_log import MessageLog
from tests import events
from tests.events import turn
from tests.unit.databases import either, server  # noqa: F401 - fixtures

DAY = 86_400
OF_STAFF = ("staff", "proposer", "approver", "taken_by")
JSON = ("data", "summary", "payload", "choices", "ranking", "answers")
# Why these tables have no clock.
STAYS = {
    "saved_filters": "what members of staff look for, theirs to remove",
    "staff": "accounts, managed by an administrator",
    "answer_reviews": "one row a topic, nothing of patients",
    "leases": "ends within minutes",
    "message_cursor": "a number",
    "stale_days": "dates, counted and emptied",
    "retention_runs": "when the clock ran",
    "trainings": "figures of candidates; questions of patients by a mark, without their words",
    "promotions": "which model served since when",
    "review_tags": "with the conversation, see review.forget_older_than",
    "whatsapp_identities": "with its contact, see whatsapp_contacts.forget_older_than",
    "messages_search": "the search of messages, filled and emptied by them",
}


def value(column, conversation, at, number, lasts):
    """Returns something that a column can hold."""
    if column.name == "conversation":
        return conversation
    if column.name in ("id", "seq") and column.autoincrement:
        return None
    if column.name in OF_STAFF:
        return "a colleague"
    if column.name in JSON:
        return json.dumps({"from": "patient", "text": "hello"}) if column.name == "data" else "{}"
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.DateTime):
        return datetime.fromtimestamp(at, timezone.utc)
    if isinstance(kind, sa.Float):
        return at + lasts * DAY if column.name == "until" else at
    if isinstance(kind, sa.Integer):
        return number
    return days.day(at).isoformat() if column.name == "day" else f"{conversation} {number}"[: kind.length or 99]


def fill(table, conversation, at, number, lasts=1):
    """Adds a row of `conversation`, `at` seconds since 1970, to any table; what ends, ends after `lasts` days."""
    row = {c.name: value(c, conversation, at, number, lasts) for c in table.columns}
    row = {name: given for name, given in row.items() if given is not None}
    with engine().begin() as connection:
        connection.execute(table.insert().values(**row))


def count(table, **equal):
    query = sa.select(sa.func.count()).select_from(table).where(*(table.c[name] == what for name, what in equal.items()))
    with engine().connect() as connection:
        return connection.execute(query).scalar()


@pytest.fixture(autouse=True)
def _empty(either):  # noqa: F811
    events.empty()
    with engine().begin() as connection:
        for table in metadata.sorted_tables:
            if table.name not in ("audit", "staff", "staff_sessions"):
                connection.execute(table.delete())


def of_a_conversation():
    return [table for table in metadata.sorted_tables if "conversation" in table.columns]


def test_every_table_has_a_clock_or_a_reason():
    import bot.console.app  # noqa: F401 - declares every table there is

    covered = {name for kind in retention.kinds() for name, _ in kind.tables} - {"events"}
    assert set(metadata.tables) - covered - set(STAYS) == set() and covered - set(metadata.tables) == set()


def test_the_documentation_has_every_clock_with_its_days():
    rows = [row.split("|")[1:3] for row in (ROOT / "docs" / "privacy.md").read_text("utf-8").splitlines() if row[:1] == "|"]
    written = [tuple(cell.strip() for cell in row) for row in rows[2:]]
    words = kinds_in_words(SimpleNamespace(gettext=str))
    assert written == [(words[kind.name], str(kind.days)) for kind in retention.kinds()]


def test_erasing_leaves_no_row_of_the_conversation_in_any_table():
    for number, table in enumerate(of_a_conversation(), start=1_000):
        fill(table, "web-gone", time.time(), number)
        fill(table, "web-stays", time.time(), number + 500)
    erasure.erase("web-gone")
    assert [t.name for t in of_a_conversation() if count(t, conversation="web-gone")] == []
    assert [t.name for t in of_a_conversation() if not count(t, conversation="web-stays")] == []


def test_a_patient_who_asks_gets_every_row_but_no_name_of_staff():
    for number, table in enumerate(of_a_conversation(), start=1_000):
        fill(table, "web-asks", time.time(), number)
        fill(table, "web-other", time.time(), number + 500)
    collected = subject_access.collect("web-asks")
    records = {name: rows for tables in collected["records"].values() for name, rows in tables.items()}
    assert set(records) == {table.name for table in of_a_conversation()} - set(STAYS)
    assert all(row["conversation"] == "web-asks" for rows in records.values() for row in rows)
    assert "a colleague" not in json.dumps(collected)


def test_the_clock_deletes_what_is_too_old_and_nothing_else():
    now = time.time()
    tables = [(kind, metadata.tables[name]) for kind in retention.kinds() for name, _ in kind.tables if name != "events"]
    tables = [(kind, table) for kind, table in tables if table.name != "audit"]
    before = {table.name: count(table) for _, table in tables}
    for number, (kind, table) in enumerate(tables, start=1_000):
        # sessions and attempts end by themselves some hours later
        fill(table, "web-old", now - (kind.days + 2) * DAY, number, kind.days)
        fill(table, "web-new", now - (max(kind.days, 2) - 2) * DAY, number + 500, kind.days)
    turn("web-old", "long ago", at=now - (settings().clinic.keep_conversations_days + 1) * DAY)
    turn("web-new", "today", at=now)
    retention.forget_old()
    assert {table.name: count(table) for _, table in tables if count(table) != before[table.name] + 1} == {}
    with engine().connect() as connection:
        assert set(connection.execute(sa.text("SELECT sender_id FROM events")).scalars()) == {"web-new"}


def test_staff_see_what_goes_when():
    at = time.time() - 10 * DAY
    turn("web-1", "is it dangerous?", at=at)
    while MessageLog().fill():
        pass
    retention.forget_old()
    states = {state.kind.name: state for state in retention.states()}
    clinic = settings().clinic
    assert states["conversations"].oldest == pytest.approx(at, abs=1) and states["notes"].oldest is None
    assert states["index"].next_at == pytest.approx(at + clinic.keep_conversations_days * DAY, abs=1)
    assert states["statistics"].oldest == days.bounds(days.day(at))[0] and states["statistics"].kind.days == 1825
    assert all(time.time() - state.ran_at < 60 for state in states.values())


def test_the_audit_log_cannot_be_deleted_before_a_year_has_passed():
    table = metadata.tables["audit"]
    audit.record("ines", "conversation.read", "web-1")
    for at in (time.time() - 366 * DAY, time.time() - 364 * DAY):
        with engine().begin() as connection:
            connection.execute(table.insert().values(at=at, staff="ines", action="old", subject=""))
    audit.forget_older_than(1)
    assert count(table, action="old") == 1
    for statement in (table.delete(), table.update().values(staff="nobody")):
        if engine().dialect.name == "sqlite":
            with pytest.raises(sa.exc.IntegrityError), engine().begin() as connection:
                connection.execute(statement)
        else:
            with engine().begin() as connection:
                connection.execute(statement)
    assert count(table, action="old", staff="ines") == 1


def test_a_clinic_cannot_keep_requests_longer_than_it_promises(clinic):
    type(clinic)(**{**clinic.dict(), "keep_days": {"requests": 30, "notes": 10}})
    for wrong in ({"requests": 400}, {"notes": 181}, {"audit": 30}, {"letters": 1}):
        with pytest.raises(ValueError, match="keep_days"):
            type(clinic)(**{**clinic.dict(), "keep_days": wrong})
    assert Keep().requests is None


def test_what_was_erased_is_not_in_the_file_any_more():
    if engine().dialect.name != "sqlite":
        return
    retention.forget_old()
    turn("web-1", "my neighbour Xanthippe Quillfeather told me so")
    while MessageLog().fill():
        pass
    path = settings().state / "assistant.db"

    def stands_there():
        # Not read in this process: closing the file would let go of SQLite's locks on it, for all its connections.
        files = [str(file) for file in path.parent.glob("assistant.db*")]
        return subprocess.run(["grep", "--quiet", "--ignore-case", "--text", "quillfeather", *files]).returncode == 0

    assert stands_there()
    erasure.erase("web-1")
    engine().dispose()  # an open reader keeps the journal
    retention.forget_old()
    assert not stands_there() and sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_counts_are_made_before_the_words_go():
    at = time.time() - (settings().clinic.keep_conversations_days - 1) * DAY
    turn("web-1", "is it dangerous?", at=at)
    while MessageLog().fill():
        pass
    statistics.refresh()
    for table in (messages.messages, messages.conversations):
        with engine().begin() as connection:
            connection.execute(table.update().values({"at" if table is messages.messages else "last_at": at - 2 * DAY}))
    rasa_events.forget_older_than(1)
    retention.forget_old()
    span = statistics.Span(days.day(at), days.day(at))
    assert count(messages.messages) == 0 and statistics.totals(span)["answered"] == 1
