"""The table in which Rasa keeps every event of a conversation; reading it and forgetting in it need nothing of Rasa."""
from __future__ import annotations

import time

import sqlalchemy as sa

from bot.store.database import engine

_AT_ONCE = 5_000  # rows deleted in one transaction: the assistant writes in between
events = sa.table(
    "events", *(sa.column(name) for name in ("id", "sender_id", "type_name", "timestamp", "action_name", "data"))
)


def logged() -> bool:
    """Returns whether Rasa has made its table; it does so when it first starts."""
    return bool(sa.inspect(engine()).has_table(events.name))


def forget(conversation: str) -> None:
    """Deletes everything Rasa stored of `conversation`."""
    if logged():
        with engine().begin() as connection:
            connection.execute(events.delete().where(events.c.sender_id == conversation))


def forget_older_than(days: int) -> None:
    """Deletes events older than `days`."""
    old = sa.select(events.c.id).where(events.c.timestamp < time.time() - days * 86_400).limit(_AT_ONCE)
    while logged():
        with engine().connect() as connection:  # looked for without a lock: it may take a while
            numbers = connection.execute(old).scalars().all()
        if not numbers:
            return
        with engine().begin() as connection:
            connection.execute(events.delete().where(events.c.id.in_(numbers)))
