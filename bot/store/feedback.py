"""What patients said of an answer."""
from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache
from typing import Optional

import sqlalchemy as sa

from bot.settings import settings

_metadata = sa.MetaData()
_feedback = sa.Table(
    "feedback",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("answer", sa.String(255)),  # the response it is about, None if nothing had been answered
    sa.Column("language", sa.String(8)),
    sa.Column("helpful", sa.Boolean, nullable=False),
)


@lru_cache(maxsize=1)
def _engine() -> "sa.engine.Engine":
    url = settings().database_url
    if url.startswith("sqlite"):
        settings().state.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url)
    _metadata.create_all(engine)
    return engine


def record(conversation: str, answer: Optional[str], language: Optional[str], *, helpful: bool) -> None:
    """Stores one verdict; raises sqlalchemy.exc.SQLAlchemyError if the database is away."""
    with _engine().begin() as connection:
        connection.execute(
            _feedback.insert().values(
                given_at=datetime.now(timezone.utc),
                conversation=conversation,
                answer=answer,
                language=language,
                helpful=helpful,
            )
        )
