"""Links by which somebody without an account reads one conversation, redacted, until a day; staff can withdraw them."""
from __future__ import annotations

import time
from typing import Any, List, Optional

import sqlalchemy as sa

from bot.store.database import engine, metadata

_shares = sa.Table(
    "shares",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("staff", sa.String(120), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice: an old link must not open another conversation
)


def share(conversation: str, staff: str, days: int) -> int:
    """Returns the number of a new link to `conversation`, good for `days`."""
    now = time.time()
    row = {"conversation": conversation, "staff": staff, "at": now, "until": now + days * 86_400}
    with engine().begin() as connection:
        return int(connection.execute(_shares.insert().values(**row)).inserted_primary_key[0])


def find(number: int) -> Optional[Any]:
    """Returns conversation, staff, at and until of a link; None if it is over, withdrawn or unknown."""
    with engine().connect() as connection:
        return connection.execute(sa.select(_shares).where(_shares.c.id == number, _shares.c.until > time.time())).first()


def of(conversation: str) -> List[Any]:
    """Returns the links to `conversation` that are still good."""
    query = sa.select(_shares).where(_shares.c.conversation == conversation, _shares.c.until > time.time())
    with engine().connect() as connection:
        return connection.execute(query.order_by(_shares.c.id)).all()


def withdraw(number: int) -> None:
    """Ends a link."""
    with engine().begin() as connection:
        connection.execute(_shares.delete().where(_shares.c.id == number))


def forget(conversation: str) -> None:
    """Ends all links to `conversation`."""
    with engine().begin() as connection:
        connection.execute(_shares.delete().where(_shares.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes links that are over, whatever their age, and those older than `days`."""
    now = time.time()
    with engine().begin() as connection:
        over = sa.or_(_shares.c.until < now, _shares.c.at < now - days * 86_400)
        connection.execute(_shares.delete().where(over))
