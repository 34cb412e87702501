"""What patients wrote on WhatsApp and whether it was answered; kept first, acknowledged then, answered at last.

A message is known by a keyed hash of its id, because Meta's ids hold the sender's number. Its words are sealed and
go as soon as it is answered (the log that staff read is Rasa's); the hash stays, so that a redelivery is recognised.
"""
from __future__ import annotations

import time
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.store.database import engine, metadata

_inbox = sa.Table(
    "whatsapp_inbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("message", sa.String(64), nullable=False, unique=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("sent_at", sa.Float, nullable=False),
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("body", sa.Text),  # sealed; None once answered
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("answered_at", sa.Float, index=True),
    sqlite_autoincrement=True,
)
_UNTOUCHED = sa.and_(_inbox.c.answered_at.is_(None), _inbox.c.attempts == 0)


def add(connection: Connection, message: str, conversation: str, sent_at: float, body: str) -> bool:
    """Stores a message; returns False if it was delivered before.

    Raises:
        sqlalchemy.exc.IntegrityError: another process stores the same message just now; try once more.
    """
    if connection.execute(sa.select(_inbox.c.id).where(_inbox.c.message == message)).first():
        return False
    row = {"message": message, "conversation": conversation, "sent_at": sent_at, "body": body}
    connection.execute(_inbox.insert().values(received_at=time.time(), **row))
    return True


def waiting() -> List[str]:
    """Returns the conversations that have an unanswered message, the longest waiting first."""
    query = sa.select(_inbox.c.conversation).where(_inbox.c.answered_at.is_(None))
    with engine().connect() as connection:
        return list(connection.execute(query.group_by(_inbox.c.conversation).order_by(sa.func.min(_inbox.c.id))).scalars())


def begin(conversation: str) -> Optional[Dict[str, Any]]:
    """Returns the next unanswered message of `conversation` and counts the attempt; None if there is none."""
    query = sa.select(_inbox).where(_inbox.c.conversation == conversation, _inbox.c.answered_at.is_(None))
    with engine().begin() as connection:
        row = connection.execute(query.order_by(_inbox.c.id).limit(1)).mappings().first()
        if row is None:
            return None
        attempts = row["attempts"] + 1
        connection.execute(sa.update(_inbox).where(_inbox.c.id == row["id"]).values(attempts=attempts))
        return {**row, "attempts": attempts}


def answered(connection: Connection, number: int) -> bool:
    """Marks a message as answered and drops its words; returns False if that was done before."""
    done = sa.update(_inbox).where(_inbox.c.id == number, _inbox.c.answered_at.is_(None))
    return bool(connection.execute(done.values(answered_at=time.time(), body=None)).rowcount)


def replace(connection: Connection, message: str, conversation: str, body: str) -> bool:
    """Replaces the words of a message nobody has begun to answer; returns False if it is too late."""
    mine = sa.and_(_UNTOUCHED, _inbox.c.message == message, _inbox.c.conversation == conversation)
    return bool(connection.execute(sa.update(_inbox).where(mine).values(body=body)).rowcount)


def withdraw(connection: Connection, message: str, conversation: str) -> bool:
    """Drops a message nobody has begun to answer; returns False if it is too late."""
    mine = sa.and_(_UNTOUCHED, _inbox.c.message == message, _inbox.c.conversation == conversation)
    done = sa.update(_inbox).where(mine).values(answered_at=time.time(), body=None)
    return bool(connection.execute(done).rowcount)


def count() -> int:
    """Returns how many messages wait for an answer."""
    with engine().connect() as connection:
        query = sa.select(sa.func.count()).select_from(_inbox).where(_inbox.c.answered_at.is_(None))
        return int(connection.execute(query).scalar())


def forget(conversation: str) -> None:
    """Deletes what was written in `conversation`; what remains says only that some message was delivered once."""
    gone = {"body": None, "conversation": "", "answered_at": time.time()}
    with engine().begin() as connection:
        connection.execute(sa.update(_inbox).where(_inbox.c.conversation == conversation).values(**gone))


def forget_older_than(days: int) -> None:
    """Deletes messages older than `days`, but none that Meta may still deliver again (7 days)."""
    with engine().begin() as connection:
        connection.execute(_inbox.delete().where(_inbox.c.received_at < time.time() - max(days, 8) * 86_400))
