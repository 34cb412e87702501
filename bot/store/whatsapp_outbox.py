"""What goes out on WhatsApp, in order for each conversation, and how far it got.

    queued -> sending -> sent -> delivered -> read
    queued -> kept      the window of 24 hours is closed, or the patient asked for silence: for the staff
    any    -> failed    final
    queued -> dropped   the patient asked for silence before it went out

A state never goes back, in whatever order Meta reports it.
"""
from __future__ import annotations

import json
import secrets
import time
from typing import Any, Dict, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.store.database import engine, metadata

Row = Dict[str, Any]

_RANK = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "read": 4}  # failed: final
_OPEN = ("queued", "sending")
# Who speaks; an echo was sent from the clinic's phone, after a farewell the conversation is forgotten.
BOT, STAFF, TEMPLATE, ECHO, FAREWELL = "bot", "staff", "template", "echo", "farewell"

_outbox = sa.Table(
    "whatsapp_outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("token", sa.String(64), nullable=False, unique=True),  # comes back with each status
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # the Graph API's JSON, without the addressee
    sa.Column("choices", sa.Text, nullable=False),  # [[title, what it says to the assistant], …], as JSON
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("error", sa.Integer),  # Meta's code of the last failure
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("message", sa.String(64), index=True),  # keyed hash of Meta's id, once there is one
    sqlite_autoincrement=True,
)


def token() -> str:
    """Returns the name of a new message, which nobody can guess."""
    return secrets.token_hex(12)


def add(
    connection: Connection,
    conversation: str,
    payload: Dict[str, Any],
    *,
    choices: Sequence[Sequence[str]] = (),
    origin: str = BOT,
    name: Optional[str] = None,
    state: str = "queued",
    message: Optional[str] = None,
) -> None:
    """Appends a message to what goes out in `conversation`."""
    now = time.time()
    connection.execute(
        _outbox.insert().values(
            token=name or token(),
            conversation=conversation,
            origin=origin,
            payload=json.dumps(payload, ensure_ascii=False),
            choices=json.dumps([list(choice) for choice in choices], ensure_ascii=False),
            state=state,
            next_at=now,
            created_at=now,
            message=message,
        )
    )


def due() -> List[str]:
    """Returns the conversations whose next message can go out now."""
    heads = sa.select(sa.func.min(_outbox.c.id)).where(_outbox.c.state.in_(_OPEN)).group_by(_outbox.c.conversation)
    query = sa.select(_outbox.c.conversation).where(_outbox.c.id.in_(heads), _outbox.c.next_at <= time.time())
    with engine().connect() as connection:
        return list(connection.execute(query.order_by(_outbox.c.id)).scalars())


def head(conversation: str) -> Optional[Row]:
    """Returns the next message of `conversation` if it can go out now."""
    query = sa.select(_outbox).where(_outbox.c.conversation == conversation, _outbox.c.state.in_(_OPEN))
    row = _first(query.order_by(_outbox.c.id).limit(1))
    return row if row and row["next_at"] <= time.time() else None


def sending(row: Row, seconds: float) -> bool:
    """Notes, before it happens, that `row` is being sent; False if somebody else sends it.

    If nothing is heard of it for `seconds`, it counts as not sent.
    """
    mine = sa.update(_outbox).where(
        _outbox.c.id == row["id"], _outbox.c.attempts == row["attempts"], _outbox.c.state.in_(_OPEN)
    )
    values = {"state": "sending", "attempts": row["attempts"] + 1, "next_at": time.time() + seconds}
    with engine().begin() as connection:
        return bool(connection.execute(mine.values(**values)).rowcount)


def give_time(seconds: float) -> None:
    """Lets Meta report for `seconds` more on what was being sent when a server went down; see :func:`sending`."""
    doubtful = sa.update(_outbox).where(_outbox.c.state == "sending", _outbox.c.next_at < time.time() + seconds)
    with engine().begin() as connection:
        connection.execute(doubtful.values(next_at=time.time() + seconds))


def later(row: Row, seconds: float, error: Optional[int]) -> None:
    """Puts `row` back for `seconds`."""
    _change(row, state="queued", next_at=time.time() + seconds, error=error)


def end(row: Row, state: str, *, error: Optional[int] = None, message: Optional[str] = None) -> None:
    """Sets the state in which `row` leaves the queue: sent, failed or kept."""
    _change(row, state=state, error=error, **({"message": message} if message else {}))


def status(state: str, *, token: Optional[str], message: str, error: Optional[int] = None) -> None:
    """Notes what Meta says became of the message called `token`, or known as `message`."""
    lower = [name for name, rank in _RANK.items() if rank < _RANK.get(state, len(_RANK))]
    named = (_outbox.c.token == token) if token else (_outbox.c.message == message)
    with engine().begin() as connection:
        connection.execute(
            sa.update(_outbox)
            .where(named, _outbox.c.state.in_(lower))
            .values(state=state, message=message, error=error)
        )


def by_token(conversation: str, name: str) -> Optional[Row]:
    """Returns the message called `name`, if it was sent in `conversation`."""
    return _first(sa.select(_outbox).where(_outbox.c.conversation == conversation, _outbox.c.token == name))


def by_message(conversation: str, message: str) -> Optional[Row]:
    """Returns the message Meta knows as `message`, if it was sent in `conversation`."""
    return _first(sa.select(_outbox).where(_outbox.c.conversation == conversation, _outbox.c.message == message))


def last(conversation: str) -> Optional[Row]:
    """Returns the latest message of `conversation`."""
    query = sa.select(_outbox).where(_outbox.c.conversation == conversation)
    return _first(query.order_by(_outbox.c.id.desc()).limit(1))


def known(connection: Connection, message: str) -> bool:
    """Returns whether Meta's message `message` was sent from here."""
    return connection.execute(sa.select(_outbox.c.id).where(_outbox.c.message == message)).first() is not None


def release(connection: Connection, conversation: str) -> None:
    """Queues again what the staff wrote and could not be sent."""
    kept = sa.update(_outbox).where(
        _outbox.c.conversation == conversation, _outbox.c.state == "kept", _outbox.c.origin == STAFF
    )
    connection.execute(kept.values(state="queued", next_at=time.time(), error=None))


def drop(connection: Connection, conversation: str) -> None:
    """Takes back what the assistant has not sent yet in `conversation`."""
    waiting = sa.update(_outbox).where(
        _outbox.c.conversation == conversation, _outbox.c.state == "queued", _outbox.c.origin == BOT
    )
    connection.execute(waiting.values(state="dropped"))


def asked_back(conversation: str, since: float) -> bool:
    """Returns whether a template already asked the patient to write again after `since`."""
    query = sa.select(_outbox).where(
        _outbox.c.conversation == conversation, _outbox.c.origin == TEMPLATE, _outbox.c.created_at > since
    )
    return _first(query) is not None


def said_farewell(conversation: str) -> bool:
    """Returns whether the last word to a patient who wished to be forgotten has left the queue."""
    row = last(conversation)
    return row is not None and row["origin"] == FAREWELL and row["state"] not in _OPEN


def trouble() -> Dict[Optional[int], int]:
    """Returns how many messages wait to go out, by the error code of their last attempt."""
    query = sa.select(_outbox.c.error, sa.func.count()).where(_outbox.c.state.in_(_OPEN)).group_by(_outbox.c.error)
    with engine().connect() as connection:
        return {error: number for error, number in connection.execute(query)}


def forget(conversation: str) -> None:
    """Deletes what was sent in `conversation`."""
    with engine().begin() as connection:
        connection.execute(_outbox.delete().where(_outbox.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes messages older than `days`."""
    with engine().begin() as connection:
        connection.execute(_outbox.delete().where(_outbox.c.created_at < time.time() - days * 86_400))


def _change(row: Row, **values: Any) -> None:
    """Changes `row` unless Meta's report of it came first."""
    mine = sa.update(_outbox).where(_outbox.c.id == row["id"], _outbox.c.state.in_(_OPEN))
    with engine().begin() as connection:
        connection.execute(mine.values(**values))


def _first(query: Any) -> Optional[Row]:
    with engine().connect() as connection:
        row = connection.execute(query).mappings().first()
    return {**row, "payload": json.loads(row["payload"]), "choices": json.loads(row["choices"])} if row else None
