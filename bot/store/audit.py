"""Who of the staff saw, revealed or changed what. Rows are added and never changed; the database itself refuses.

It refuses to delete what is younger than a year as well; older rows go by bot/store/retention.py.
"""
from __future__ import annotations

import time
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.store.database import engine, metadata, transaction

_audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("staff", sa.String(120), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),  # such as "conversation.read"
    sa.Column("subject", sa.String(255), nullable=False),  # a conversation, a reference, an account; never a patient's words
    sqlite_autoincrement=True,
)
_YEAR = 365 * 86_400
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END"
for _what, _lite, _postgres in (
    ("UPDATE", "", ""),
    (
        "DELETE",
        f"WHEN old.at > (julianday('now') - 2440587.5) * 86400 - {_YEAR}",
        f"WHERE old.at > extract(epoch FROM now()) - {_YEAR}",
    ),
):
    for _dialect, _statement in (
        ("sqlite", f"CREATE TRIGGER audit_no_{_what.lower()} BEFORE {_what} ON audit {_lite} {_REFUSE}"),
        ("postgresql", f"CREATE RULE audit_no_{_what.lower()} AS ON {_what} TO audit {_postgres} DO INSTEAD NOTHING"),
    ):
        sa.event.listen(_audit, "after_create", sa.DDL(_statement).execute_if(dialect=_dialect))


def record(staff: str, action: str, subject: str = "", *, within: Optional[Connection] = None) -> None:
    """Notes that `staff` did `action` to `subject`, with what else is in the transaction `within`."""
    with transaction(within) as connection:
        connection.execute(_audit.insert().values(at=time.time(), staff=staff, action=action, subject=subject[:255]))


def noted(staff: str, action: str, subject: str, since: float) -> bool:
    """Returns whether it was noted since then, in seconds since 1970, that `staff` did `action` to `subject`."""
    same = (_audit.c.staff == staff, _audit.c.action == action, _audit.c.subject == subject, _audit.c.at >= since)
    with engine().connect() as connection:
        return connection.execute(sa.select(_audit.c.id).where(*same).limit(1)).first() is not None


def read(
    *, before: Optional[int] = None, limit: int = 100, subject: Optional[str] = None, staff: Optional[str] = None
) -> List[Dict[str, Any]]:
    """Returns id, at, staff, action and subject of the newest entries, those older than number `before`."""
    query = sa.select(_audit).order_by(_audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(_audit.c.id < before)
    if staff is not None:
        query = query.where(_audit.c.staff == staff)
    if subject is not None:
        more = _audit.c.subject.startswith(f"{subject} ", autoescape=True)  # with what was done to it behind
        query = query.where(sa.or_(_audit.c.subject == subject, more))
    with engine().connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def forget_older_than(days: int) -> None:
    """Deletes entries older than `days`, a year at least."""
    with engine().begin() as connection:
        connection.execute(_audit.delete().where(_audit.c.at < time.time() - max(days * 86_400, _YEAR)))
