"""What became of the answers here: proposals of staff, who approved them and when, and when each was last looked through.

What is said is in the files of bot/answer_book.py; this is how it came about. The states of a version:

    proposed -> approved    by somebody else than its author; or it was approved before and is returned to
    proposed -> refused     by an approver
    proposed -> withdrawn   by its author
"""
from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional

import sqlalchemy as sa

from bot.store.database import engine, metadata

PROPOSED, APPROVED, REFUSED, WITHDRAWN = "proposed", "approved", "refused", "withdrawn"
DELIVERED = 0  # in place of the number of a version: the answer that came with the program
_DAY = 86_400

_versions = sa.Table(
    "answer_versions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("topic", sa.String(80), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("entry", sa.Text),  # as bot/answer_files.py has it, as JSON; None: the delivered answer
    sa.Column("base", sa.String(64), nullable=False),  # digest of what was said when it was written
    sa.Column("staff", sa.String(120), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decided_by", sa.String(120)),
    sa.Column("decided_at", sa.Float),
    sa.Column("returns_to", sa.Integer),  # the version that this one brings back; DELIVERED for the delivered answer
    sqlite_autoincrement=True,
)
_reviews = sa.Table(
    "answer_reviews",
    metadata,
    sa.Column("topic", sa.String(80), primary_key=True),
    sa.Column("staff", sa.String(120), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("due", sa.Float, nullable=False),
)


@dataclass(frozen=True)
class Version:
    """A version of an answer; `entry` is None where it goes back to the delivered one."""

    id: int
    topic: str
    state: str
    entry: Optional[Dict[str, Any]]
    base: str
    staff: str
    at: float
    reason: str
    decided_by: Optional[str]
    decided_at: Optional[float]
    returns_to: Optional[int]


@dataclass(frozen=True)
class Review:
    """When somebody last found an answer right, and when it is due again; seconds since 1970."""

    staff: str
    at: float
    due: float


def propose(topic: str, entry: Mapping[str, Any], base: str, staff: str, reason: str) -> int:
    """Stores a proposal; returns its number."""
    row: Dict[str, Any] = {"topic": topic, "state": PROPOSED, "entry": json.dumps(entry, ensure_ascii=False), "base": base}
    row.update(staff=staff, at=time.time(), reason=reason.strip())
    with engine().begin() as connection:
        return int(connection.execute(_versions.insert().values(**row)).inserted_primary_key[0])


def get(number: int) -> Optional[Version]:
    """Returns a version; None if there is none of that number."""
    return next(iter(_where(_versions.c.id == number)), None)


def history(topic: str) -> List[Version]:
    """Returns all versions of a topic, the latest first."""
    return _where(_versions.c.topic == topic)


def proposed() -> List[Version]:
    """Returns what waits for a decision, the latest first."""
    return _where(_versions.c.state == PROPOSED)


def approve(number: int, staff: str, publish: Callable[[], None]) -> bool:
    """Approves a proposal of somebody else, and publishes it; False if it was decided, or is `staff`'s own.

    What `publish` raises goes on to the caller; nothing is stored then.
    """
    theirs = (_versions.c.staff != staff,)
    return _decide(number, APPROVED, staff, theirs, publish)


def refuse(number: int, staff: str) -> bool:
    """Refuses a proposal; False if it was decided before."""
    return _decide(number, REFUSED, staff)


def withdraw(number: int, staff: str) -> bool:
    """Takes one's own proposal back; False if it was decided, or is not `staff`'s."""
    return _decide(number, WITHDRAWN, staff, (_versions.c.staff == staff,))


def go_back(topic: str, number: int, base: str, staff: str, publish: Callable[[], None]) -> bool:
    """Has an approved version, or with DELIVERED the delivered answer, said again; False if it never was approved."""
    earlier = get(number) if number != DELIVERED else None
    if number != DELIVERED and (earlier is None or earlier.state != APPROVED or earlier.topic != topic):
        return False
    entry = json.dumps(earlier.entry, ensure_ascii=False) if earlier and earlier.entry else None
    now = time.time()
    row = {"topic": topic, "state": APPROVED, "entry": entry, "base": base, "staff": staff, "at": now, "reason": ""}
    with engine().begin() as connection:
        done = {"decided_by": staff, "decided_at": now, "returns_to": number}
        connection.execute(_versions.insert().values(**row, **done))
        publish()
    return True


def reviewed(topic: str, staff: str, days: int) -> None:
    """Notes that `staff` found the answer to `topic` right, and that it is due again in so many `days`."""
    now = time.time()
    with engine().begin() as connection:
        connection.execute(_reviews.delete().where(_reviews.c.topic == topic))
        connection.execute(_reviews.insert().values(topic=topic, staff=staff, at=now, due=now + days * _DAY))


def reviews() -> Dict[str, Review]:
    """Returns by topic when it was last reviewed; a topic nobody looked at here is not in it."""
    with engine().connect() as connection:
        rows = connection.execute(sa.select(_reviews)).all()
    return {row.topic: Review(row.staff, row.at, row.due) for row in rows}


def forget_older_than(days: int) -> None:
    """Deletes proposals that were not taken `days` ago; what was said to patients stays."""
    old = sa.and_(_versions.c.at < time.time() - days * _DAY, _versions.c.state != APPROVED)
    with engine().begin() as connection:
        connection.execute(_versions.delete().where(old))


def _decide(
    number: int, state: str, staff: str, more: Any = (), publish: Callable[[], None] = lambda: None
) -> bool:
    mine = _versions.update().where(_versions.c.id == number, _versions.c.state == PROPOSED, *more)
    with engine().begin() as connection:
        done = connection.execute(mine.values(state=state, decided_by=staff, decided_at=time.time())).rowcount
        if done:
            publish()
    return bool(done)


def _where(condition: Any) -> List[Version]:
    with engine().connect() as connection:
        rows = connection.execute(sa.select(_versions).where(condition).order_by(_versions.c.id.desc())).mappings().all()
    return [Version(**{**row, "entry": json.loads(row["entry"]) if row["entry"] else None}) for row in rows]
