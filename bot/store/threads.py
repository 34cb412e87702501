"""What a page shows of a conversation: every message of both sides, numbered, so that what was missed can be sent again.

The log that staff read is Rasa's tracker store; a thread is the patient's view of it and goes when the patient forgets it.
"""
from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.store.database import engine, insert, metadata, quick_transaction

Event = Dict[str, Any]  # as it goes over the wire, see bot/channels/web.py

_events = sa.Table(
    "thread_events",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("client_id", sa.String(64)),  # chosen by the page for the patient's messages, by a form for the staff's
    sa.Column("hidden", sa.Boolean, nullable=False),  # a press on "helpful" is no message, but must not run twice
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.UniqueConstraint("conversation", "client_id"),
    sqlite_autoincrement=True,  # a number is never given twice, even after a conversation was forgotten
)
# Built once: these are asked in every turn.
_OF = _events.c.conversation == sa.bindparam("of")
_READ = sa.select(_events.c.seq, _events.c.data).where(_OF).order_by(_events.c.seq)
_AFTER = _READ.where(_events.c.seq > sa.bindparam("seq"), ~_events.c.hidden)
_HIDDEN = _READ.where(_events.c.hidden)
_LATEST = sa.select(_events.c.seq, _events.c.data).where(_OF).order_by(_events.c.seq.desc()).limit(1)


def add(
    conversation: str,
    event: Event,
    *,
    client_id: Optional[str] = None,
    hidden: bool = False,
    within: Optional[Connection] = None,
) -> Optional[Event]:
    """Returns `event` with its number and time, stored; None if a message with this `client_id` is there already."""
    now = time.time()
    event = {**event, "id": client_id, "time": datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="seconds")}
    row = {"conversation": conversation, "client_id": client_id, "hidden": hidden, "at": now, "data": json.dumps(event)}
    # Without an id there is nothing it could be the same as, and a plain insert is compiled once only.
    adding = _events.insert() if client_id is None else insert(_events).on_conflict_do_nothing()
    with quick_transaction(within) as connection:
        added = connection.execute(adding, row)
        return {**event, "seq": added.inserted_primary_key[0]} if added.rowcount else None


def after(conversation: str, seq: int) -> List[Event]:
    """Returns the events of `conversation` that a page shows, those later than number `seq`, in order."""
    return _read(_AFTER, of=conversation, seq=seq)


def timed(conversation: str) -> List[Tuple[float, Event]]:
    """Returns the events of `conversation` that a page shows, each with its time in seconds since 1970."""
    query = sa.select(_events.c.at, _events.c.data).where(_events.c.conversation == conversation, ~_events.c.hidden)
    with engine().connect() as connection:
        return [(row.at, json.loads(row.data)) for row in connection.execute(query.order_by(_events.c.seq))]


def times_of(sender: str, conversations: Sequence[str], since: float) -> Dict[str, List[float]]:
    """Returns by conversation when `sender` ("staff", "assistant", "patient") wrote what a page shows, in order."""
    found: Dict[str, List[float]] = {}
    # Words of a message cannot look so: their quotes are escaped.
    theirs = sa.and_(_events.c.data.like(f'%"from": "{sender}"%'), ~_events.c.hidden)
    for start in range(0, len(conversations), 500):
        named = _events.c.conversation.in_(conversations[start : start + 500])
        query = sa.select(_events.c.conversation, _events.c.at).where(named, _events.c.at >= since, theirs)
        with engine().connect() as connection:
            for row in connection.execute(query.order_by(_events.c.seq)):
                found.setdefault(row.conversation, []).append(row.at)
    return found


def hidden(conversation: str) -> List[Event]:
    """Returns the events of `conversation` that are no message, in order."""
    return _read(_HIDDEN, of=conversation)


def latest(conversation: str) -> Optional[Event]:
    """Returns the last event of `conversation`, hidden or not; None if there is none."""
    return next(iter(_read(_LATEST, of=conversation)), None)


def _read(query: Any, **which: Any) -> List[Event]:
    with engine().connect() as connection:
        return [{**json.loads(row.data), "seq": row.seq} for row in connection.execute(query, which)]


def last() -> int:
    """Returns the highest number given so far, 0 if there is none."""
    with engine().connect() as connection:
        return connection.execute(sa.select(sa.func.max(_events.c.seq))).scalar() or 0


def elsewhere(conversations: List[str], seq: int, server: str) -> List[Tuple[str, Event]]:
    """Returns the conversation and event of all later than `seq` that a page shows and `server` did not store itself.

    They are what staff wrote, notices, and what another server said.
    """
    wanted = (_events.c.conversation.in_(conversations), _events.c.seq > seq, ~_events.c.hidden)
    with engine().connect() as connection:
        rows = connection.execute(sa.select(_events).where(*wanted).order_by(_events.c.seq)).all()
    found = [(row.conversation, {**json.loads(row.data), "seq": row.seq}) for row in rows]
    return [(conversation, event) for conversation, event in found if event.get("server") != server]


def forget(conversation: str) -> None:
    """Deletes the thread of `conversation`."""
    with engine().begin() as connection:
        connection.execute(_events.delete().where(_events.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes every event older than `days`."""
    with engine().begin() as connection:
        connection.execute(_events.delete().where(_events.c.at < time.time() - days * 86_400))
