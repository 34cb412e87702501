"""Searches of conversations that members of staff keep under a name; each has their own."""
from __future__ import annotations

from typing import Any, List

import sqlalchemy as sa

from bot.store.database import engine, insert, metadata

_LONGEST = 60

_filters = sa.Table(
    "saved_filters",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("staff", sa.String(120), nullable=False, index=True),
    sa.Column("name", sa.String(_LONGEST), nullable=False),
    sa.Column("query", sa.Text, nullable=False),  # as behind the question mark of the page
    sa.UniqueConstraint("staff", "name"),
)


def save(staff: str, name: str, query: str) -> bool:
    """Keeps `query` under `name`, in place of what had that name; returns False if the name is empty."""
    name = " ".join(name.split())[:_LONGEST]
    if name:
        with engine().begin() as connection:
            kept = insert(_filters).values(staff=staff, name=name, query=query)
            connection.execute(kept.on_conflict_do_update(index_elements=["staff", "name"], set_={"query": query}))
    return bool(name)


def of(staff: str) -> List[Any]:
    """Returns id, name and query of what `staff` keeps, by name."""
    with engine().connect() as connection:
        return connection.execute(sa.select(_filters).where(_filters.c.staff == staff).order_by(_filters.c.name)).all()


def remove(staff: str, number: int) -> None:
    """Forgets one of the searches of `staff`."""
    with engine().begin() as connection:
        connection.execute(_filters.delete().where(_filters.c.id == number, _filters.c.staff == staff))
