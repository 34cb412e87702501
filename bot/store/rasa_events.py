"""The table in which Rasa keeps every event of a conversation, as far as it has to be forgotten; needs nothing of Rasa."""
from __future__ import annotations

import time

import sqlalchemy as sa

from bot.store.database import engine

_AT_ONCE = 5_000  # rows deleted in one transaction: the assistant writes in between
_events = sa.table("events", *(sa.column(name) for name in ("id", "sender_id", "timestamp")))


def logged() -> bool:
    """Returns whether Rasa has made its table; it does so when it first starts."""
    return bool(sa.inspect(engine()).has_table(_events.name))


def forget(conversation: str) -> None:
    """Deletes everything Rasa stored of `conversation`."""
    if logged():
        with engine().begin() as connection:
            connection.execute(_events.delete().where(_events.c.sender_id == conversation))


def forget_older_than(days: int) -> None:
    """Deletes events older than `days`."""
    old = sa.select(_events.c.id).where(_events.c.timestamp < time.time() - days * 86_400).limit(_AT_ONCE)
    while logged():
        with engine().connect() as connection:  # looked for without a lock: it may take a while
            numbers = connection.execute(old).scalars().all()
        if not numbers:
            return
        with engine().begin() as connection:
            connection.execute(_events.delete().where(_events.c.id.in_(numbers)))
