"""Sentences that staff propose as test questions or training examples, and what a second person said to them.

A sentence has no personal data in it. It goes with its conversation only when the patient wants to be erased; what was
approved outlives the time for which conversations are kept.
"""
from __future__ import annotations

import time
from typing import Any, Dict, List, Optional, Sequence

import sqlalchemy as sa

from bot.store.database import engine, metadata

TEST, TRAINING = "test", "training"
OPEN, APPROVED, REJECTED, LEFT_OUT = "open", "approved", "rejected", "left out"
Row = Dict[str, Any]

_proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("message", sa.Integer),  # None once it is decided
    sa.Column("conversation", sa.String(255), index=True),
    sa.Column("batch", sa.String(16), index=True),  # of the verdict it comes from
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("intent", sa.String(80), nullable=False),
    sa.Column("use", sa.String(16), nullable=False),  # TEST or TRAINING
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("why", sa.String(40)),  # it was left out
    sa.Column("proposer", sa.String(120), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("approver", sa.String(120)),
    sa.Column("decided_at", sa.Float),
    sqlite_autoincrement=True,
)


def add(rows: Sequence[Row]) -> None:
    """Adds proposals: message, conversation, batch, text, language, intent, use, state, why, proposer."""
    if rows:
        with engine().begin() as connection:
            connection.execute(_proposals.insert(), [{**row, "at": time.time()} for row in rows])


def get(number: int) -> Optional[Row]:
    """Returns one proposal; None if there is none of that number."""
    return next(iter(_read(_proposals.c.id == number)), None)


def listed(state: str, use: Optional[str] = None, limit: Optional[int] = None) -> List[Row]:
    """Returns the proposals in `state`, of one use or any, the oldest first."""
    found = _read(_proposals.c.state == state, *([_proposals.c.use == use] if use else []))
    return found[:limit]


def counts() -> Dict[str, int]:
    """Returns how many proposals are in each state."""
    query = sa.select(_proposals.c.state, sa.func.count()).group_by(_proposals.c.state)
    with engine().connect() as connection:
        return {state: number for state, number in connection.execute(query)}


def so_far(language: str, intent: str) -> int:
    """Returns how many sentences of `intent` in `language` were proposed and are open or approved."""
    alive = _proposals.c.state.in_((OPEN, APPROVED))
    query = sa.select(sa.func.count()).select_from(_proposals)
    with engine().connect() as connection:
        same = (_proposals.c.language == language, _proposals.c.intent == intent, alive)
        return int(connection.execute(query.where(*same)).scalar())


def change(number: int, **values: Any) -> bool:
    """Changes an open proposal; returns False if it is not open any more."""
    with engine().begin() as connection:
        still = (_proposals.c.id == number, _proposals.c.state == OPEN)
        return bool(connection.execute(_proposals.update().where(*still).values(**values)).rowcount)


def decide(number: int, state: str, approver: str, **seen: str) -> bool:
    """Approves or rejects an open proposal whose columns are still what `seen` says; returns False if they are not.

    Nobody approves what they proposed themselves.
    """
    values = {"state": state, "approver": approver, "decided_at": time.time()}
    values.update(message=None, batch=None)
    still = [_proposals.c.id == number, _proposals.c.state == OPEN, *(_proposals.c[name] == seen[name] for name in seen)]
    if state == APPROVED:
        still.append(_proposals.c.proposer != approver)
    with engine().begin() as connection:
        return bool(connection.execute(_proposals.update().where(*still).values(**values)).rowcount)


def take_back(number: int, staff: str) -> bool:
    """Rejects an approved proposal after all; returns False if it is not approved."""
    with engine().begin() as connection:
        mine = (_proposals.c.id == number, _proposals.c.state == APPROVED)
        values = {"state": REJECTED, "approver": staff, "decided_at": time.time()}
        return bool(connection.execute(_proposals.update().where(*mine).values(**values)).rowcount)


def withdraw(*, batch: Optional[str] = None, messages: Sequence[int] = ()) -> None:
    """Deletes what is undecided of a verdict that was taken back, or of messages that are judged anew."""
    mine = _proposals.c.batch == batch if batch else _proposals.c.message.in_(list(messages))
    with engine().begin() as connection:
        connection.execute(_proposals.delete().where(mine, _proposals.c.state.in_((OPEN, LEFT_OUT))))


def of(conversation: str) -> List[Row]:
    """Returns what was proposed from `conversation`."""
    return _read(_proposals.c.conversation == conversation)


def forget(conversation: str) -> None:
    """Deletes what was proposed from `conversation`, decided or not."""
    with engine().begin() as connection:
        connection.execute(_proposals.delete().where(_proposals.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes what was proposed more than `days` ago and is undecided or was rejected."""
    old = (_proposals.c.at < time.time() - days * 86_400, _proposals.c.state != APPROVED)
    with engine().begin() as connection:
        connection.execute(_proposals.delete().where(*old))


def _read(*where: Any) -> List[Row]:
    with engine().connect() as connection:
        query = sa.select(_proposals).where(*where).order_by(_proposals.c.id)
        return [dict(row._mapping) for row in connection.execute(query)]
