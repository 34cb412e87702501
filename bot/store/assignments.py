"""Who of the staff looks after what: a conversation, or a request of a patient and until when.

What is assigned is named by the conversation, or by the reference of the request; both go with the conversation.
"""
from __future__ import annotations

import time
from typing import Any, Dict, Iterable, Optional

import sqlalchemy as sa

from bot.store.database import engine, insert, metadata

_assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("subject", sa.String(255), primary_key=True),  # a conversation, or the reference of a request
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("staff", sa.String(120), index=True),  # None: a due time alone
    sa.Column("due", sa.Float),  # seconds since 1970; None: the clinic's usual time
    sa.Column("at", sa.Float, nullable=False),
)


def assign(subject: str, conversation: str, staff: Optional[str], due: Optional[float] = None) -> None:
    """Gives `subject` to `staff`, until `due`; with neither nobody has it."""
    with engine().begin() as connection:
        if staff or due:
            values = {"staff": staff, "due": due, "at": time.time()}
            given = insert(_assignments).values(subject=subject, conversation=conversation, **values)
            connection.execute(given.on_conflict_do_update(index_elements=["subject"], set_=values))
        else:
            connection.execute(_assignments.delete().where(_assignments.c.subject == subject))


def of(subjects: Iterable[str]) -> Dict[str, Any]:
    """Returns staff and due of those of `subjects` that are assigned."""
    with engine().connect() as connection:
        rows = connection.execute(sa.select(_assignments).where(_assignments.c.subject.in_(list(subjects))))
        return {row.subject: row for row in rows}


def who(subject: str) -> Optional[str]:
    """Returns who has `subject`; None if nobody has."""
    found = of([subject]).get(subject)
    return found.staff if found else None


def having(staff: Optional[str] = None) -> Any:
    """Returns a query of the subjects that `staff` has, or that anybody has."""
    query = sa.select(_assignments.c.subject)
    return query.where(_assignments.c.staff == staff if staff else _assignments.c.staff.isnot(None))


def forget(conversation: str) -> None:
    """Deletes who had `conversation` and the requests made in it."""
    with engine().begin() as connection:
        connection.execute(_assignments.delete().where(_assignments.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes assignments older than `days`."""
    with engine().begin() as connection:
        connection.execute(_assignments.delete().where(_assignments.c.at < time.time() - days * 86_400))
