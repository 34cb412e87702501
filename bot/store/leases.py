"""Who works on what: a lease is held by one process at a time and ends by itself when that process dies.

The clocks of several machines on one database must agree within a few seconds.
"""
from __future__ import annotations

import time

import sqlalchemy as sa

from bot.store.database import engine, metadata

_leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(300), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False, index=True),
    sa.Column("until", sa.Float, nullable=False),
)


def take(name: str, owner: str, seconds: float) -> bool:
    """Returns whether `owner` holds `name` for `seconds` from now; False while another does."""
    now = time.time()
    until = {"owner": owner, "until": now + seconds}
    expired = sa.update(_leases).where(_leases.c.name == name, _leases.c.until < now).values(**until)
    try:
        with engine().begin() as connection:
            if not connection.execute(expired).rowcount:
                connection.execute(_leases.insert().values(name=name, **until))
    except sa.exc.IntegrityError:
        return False
    return True


def renew(owner: str, seconds: float) -> None:
    """Prolongs every lease of `owner`."""
    with engine().begin() as connection:
        until = time.time() + seconds
        connection.execute(sa.update(_leases).where(_leases.c.owner == owner).values(until=until))


def release(name: str, owner: str) -> None:
    """Gives `name` back; nothing happens if `owner` lost it in the meantime."""
    with engine().begin() as connection:
        connection.execute(_leases.delete().where(_leases.c.name == name, _leases.c.owner == owner))
