"""Conversations as Rasa stores them, without running one."""
import json
import time

import sqlalchemy as sa

from bot.store import (  # noqa: F401 - they declare tables
    assignments,
    filters,
    handovers,
    messages,
    outbox,
    requests,
    review,
    shares,
    statistics,
)
from bot.store.database import engine, metadata

_KEY = {"sqlite": "INTEGER PRIMARY KEY", "postgresql": "SERIAL PRIMARY KEY"}
_COLUMNS = "sender_id VARCHAR(255), type_name VARCHAR(255), timestamp FLOAT, intent_name TEXT, action_name VARCHAR(255)"


def empty():
    """Empties the log, and makes Rasa's own table if it is not there."""
    with engine().begin() as connection:
        key = _KEY[connection.dialect.name]
        connection.execute(sa.text(f"CREATE TABLE IF NOT EXISTS events (id {key}, {_COLUMNS}, data TEXT)"))
        connection.execute(sa.text("CREATE INDEX IF NOT EXISTS ix_events_sender_id ON events (sender_id)"))
        connection.execute(sa.text("DELETE FROM events"))
        gone = (messages.messages, messages.conversations, *review.OF_A_CONVERSATION)
        more = ("message_cursor", "assignments", "shares", "saved_filters", "stale_days", "message_days")
        more += ("handovers", "requests", "outbox", "thread_events")
        for table in (*gone, *(metadata.tables[name] for name in more)):
            connection.execute(table.delete())


def put(connection, conversation, kind, at, name=None, **data):
    """Adds one event."""
    row = {"sender_id": conversation, "type_name": kind, "timestamp": at, "action_name": name}
    row["data"] = json.dumps({"event": kind, "timestamp": at, **({"name": name} if name else {}), **data})
    insert = "INSERT INTO events (sender_id, type_name, timestamp, action_name, data)"
    connection.execute(sa.text(f"{insert} VALUES (:sender_id, :type_name, :timestamp, :action_name, :data)"), row)


def turn(
    conversation,
    text,
    intent="faq_risks",
    *said,
    at=None,
    ranking=None,
    entities=(),
    slots=(),
    buttons=(),
    sure=0.9,
    **parsed,
):
    """Adds a turn: what the patient wrote, what was understood, what was said."""
    at = at or time.time()
    data = {
        "intent": {"name": intent, "confidence": sure},
        "intent_ranking": [{"name": name, "confidence": score} for name, score in ranking or [[intent, sure]]],
        "entities": [{"entity": name, "value": value} for name, value in entities],
        "language": "en",
        "red_flag": None,
        **parsed,
    }
    with engine().begin() as connection:
        put(connection, conversation, "user", at, text=text, parse_data=data)
        for name, value in slots:
            put(connection, conversation, "slot", at, name, value=value)
        for name in said or (f"utter_{intent}",):
            put(connection, conversation, "action", at, name)
            offered = [{"title": title, "payload": payload} for title, payload in buttons]
            put(connection, conversation, "bot", at + 0.01, text=f"The words of {name}", data={"buttons": offered})
        put(connection, conversation, "action", at, "action_listen")
