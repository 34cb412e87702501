"""What patients said of an answer."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Optional

import sqlalchemy as sa

from bot.store.database import engine, metadata

_feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("answer", sa.String(255)),  # the response it is about, None if nothing had been answered
    sa.Column("language", sa.String(8)),
    sa.Column("helpful", sa.Boolean, nullable=False),
)


def record(conversation: str, answer: Optional[str], language: Optional[str], *, helpful: bool) -> None:
    """Stores one verdict; raises sqlalchemy.exc.SQLAlchemyError if the database is away."""
    with engine().begin() as connection:
        connection.execute(
            _feedback.insert().values(
                given_at=datetime.now(timezone.utc),
                conversation=conversation,
                answer=answer,
                language=language,
                helpful=helpful,
            )
        )


def of(conversation: str) -> List[Dict[str, Any]]:
    """Returns what was said of answers in `conversation`: given_at, answer, language, helpful."""
    query = sa.select(_feedback).where(_feedback.c.conversation == conversation).order_by(_feedback.c.id)
    with engine().connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def forget(conversation: str) -> None:
    """Deletes what was said of answers in `conversation`."""
    with engine().begin() as connection:
        connection.execute(_feedback.delete().where(_feedback.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes what was said more than `days` ago."""
    oldest = datetime.now(timezone.utc) - timedelta(days=days)
    with engine().begin() as connection:
        connection.execute(_feedback.delete().where(_feedback.c.given_at < oldest))
