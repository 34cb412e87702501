"""What is still to be delivered, and to where. A delivery is stored with what it is about, in one transaction.

The states: waiting, sent, dead (given up after days of failures; an operator can wake it).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

import sqlalchemy as sa

from bot.store.database import engine, metadata

PATIENCE = 3 * 86_400  # seconds from the first attempt until a delivery is given up
_FIRST_WAIT, _LONGEST_WAIT = 5, 3_600  # seconds between attempts, doubled each time
_LEASE = 120  # seconds a worker has for one attempt; then another may try

_outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("target", sa.String(16), nullable=False),
    sa.Column("group", sa.String(64), nullable=False),  # of one group and target, the older is delivered first
    sa.Column("key", sa.String(96), nullable=False),  # says to the receiver what it got before
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.String(8), nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("error", sa.String(300)),  # of the last attempt; never holds the payload
    sa.UniqueConstraint("target", "key"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Delivery:
    """One payload on its way to one target."""

    id: int
    target: str
    group: str
    key: str
    payload: Dict[str, Any]
    attempts: int
    at: float


def put(connection: Any, *, conversation: str, target: str, group: str, key: str, payload: Dict[str, Any]) -> None:
    """Stores a delivery within the caller's transaction."""
    now = time.time()
    row = {"conversation": conversation, "target": target, "group": group, "key": key, "payload": json.dumps(payload)}
    connection.execute(_outbox.insert().values(**row, state="waiting", attempts=0, next_at=now, at=now))


def claim() -> Optional[Delivery]:
    """Returns the next delivery that is due, this worker's for some time; None if there is none."""
    now = time.time()
    older = _outbox.alias("older")
    first_of_group = ~sa.exists().where(
        older.c.target == _outbox.c.target,
        older.c.group == _outbox.c.group,
        older.c.state == "waiting",
        older.c.id < _outbox.c.id,
    )
    query = sa.select(_outbox).where(_outbox.c.state == "waiting", _outbox.c.next_at <= now, first_of_group)
    with engine().begin() as connection:
        for row in connection.execute(query.order_by(_outbox.c.next_at).limit(10)).all():
            mine = connection.execute(
                _outbox.update()
                .where(_outbox.c.id == row.id, _outbox.c.attempts == row.attempts, _outbox.c.state == "waiting")
                .values(attempts=row.attempts + 1, next_at=now + _LEASE)
            )
            if mine.rowcount == 1:
                names = ("id", "target", "group", "key", "at")
                found = {name: row._mapping[name] for name in names}
                return Delivery(payload=json.loads(row.payload), attempts=row.attempts + 1, **found)
    return None


def sent(delivery: Delivery) -> None:
    """Notes that `delivery` arrived, and lets go of what was in it."""
    _set(delivery.id, state="sent", error=None, payload="{}")


def failed(delivery: Delivery, error: str) -> bool:
    """Notes why an attempt failed; returns whether the delivery was given up."""
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (delivery.attempts - 1))
    dead = time.time() + wait > delivery.at + PATIENCE
    _set(delivery.id, state="dead" if dead else "waiting", next_at=time.time() + wait, error=error[:300])
    return dead


def wake() -> int:
    """Makes everything that was given up due again; returns how many deliveries."""
    now = time.time()
    with engine().begin() as connection:
        dead = _outbox.update().where(_outbox.c.state == "dead")
        return connection.execute(dead.values(state="waiting", attempts=0, next_at=now, at=now)).rowcount


def counts() -> Dict[str, int]:
    """Returns how many deliveries are in each state."""
    query = sa.select(_outbox.c.state, sa.func.count()).group_by(_outbox.c.state)
    with engine().connect() as connection:
        return {state: number for state, number in connection.execute(query)}


def troubles() -> List[Dict[str, Any]]:
    """Returns target, key, attempts, state and error of all that failed and has not arrived."""
    columns = (_outbox.c.target, _outbox.c.key, _outbox.c.attempts, _outbox.c.state, _outbox.c.error)
    query = sa.select(*columns).where(_outbox.c.error.isnot(None)).order_by(_outbox.c.id)
    with engine().connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def forget(conversation: str) -> None:
    """Deletes what was to be delivered of `conversation`."""
    with engine().begin() as connection:
        connection.execute(_outbox.delete().where(_outbox.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes deliveries older than `days`."""
    with engine().begin() as connection:
        connection.execute(_outbox.delete().where(_outbox.c.at < time.time() - days * 86_400))


def _set(number: int, **values: Any) -> None:
    with engine().begin() as connection:
        connection.execute(_outbox.update().where(_outbox.c.id == number).values(**values))
