"""What the index of messages comes to, by day: counts without a word of anybody, quick to add up over years.

A day that changed is counted anew when somebody asks. The counts of a day outlive its messages; those of a conversation
that is erased leave them, as long as the rest of that day is there to be counted again.
"""
from __future__ import annotations

import time
from datetime import date
from statistics import median as middle
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.settings import settings
from bot.store import days, trainings
from bot.store.channels import channel as channel_of
from bot.store.database import engine, metadata
from bot.store.handovers import HandOver, asked_between
from bot.store.handovers import between as handed_over
from bot.store.messages import Row, messages, read
from bot.store.messages import conversations as _conversations

OUTCOMES = ("answered", "unsure", "uncovered", "refused", "emergency", "other")  # each message is one of these
COUNTS = ("messages", *OUTCOMES, "up", "down")
_outcome = sa.case(
    [
        (sa.or_(messages.c.red_flag.isnot(None), messages.c.intent == "emergency"), "emergency"),
        (messages.c.unsure, "unsure"),
        (messages.c.uncovered, "uncovered"),
        (messages.c.refused, "refused"),
        (sa.and_(messages.c.intent.like("faq!_%", escape="!"), messages.c.answers != "[]"), "answered"),  # by the assistant
    ],
    else_="other",
)
_KEYS = (("language", "language"), ("channel", "channel"), ("intent", "topic"))  # of a message, of its count
_days = sa.Table(
    "message_days",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("topic", sa.String(80), primary_key=True),  # the intent
    *(sa.Column(name, sa.Integer, nullable=False) for name in COUNTS),
)


class Span(NamedTuple):
    """Days from `first` to `last`, both included, in one language or channel, or in all."""

    first: date
    last: date
    language: Optional[str] = None
    channel: Optional[str] = None

    def seconds(self) -> Tuple[float, float]:
        """Returns when it begins and ends, in seconds since 1970."""
        return days.bounds(self.first)[0], days.bounds(self.last)[1]


def refresh() -> int:
    """Counts the days that changed; returns how many there were."""
    with engine().connect() as connection:
        stale = sorted(connection.execute(sa.select(days.stale_days.c.day)).scalars())
    oldest = time.time() - settings().clinic.keep_conversations_days * 86_400
    for day in stale:
        with engine().begin() as connection:  # one at a time: the assistant writes in between
            mine = connection.execute(days.stale_days.delete().where(days.stale_days.c.day == day)).rowcount
            if mine and days.bounds(date.fromisoformat(day))[0] >= oldest:  # else a part of its messages is gone
                _count(connection, day)
    return len(stale)


def by_day(span: Span) -> List[Dict[str, Any]]:
    """Returns day and all `COUNTS` of every day on which something was written."""
    return _sums(span, _days.c.day)


def by(column: str, span: Span) -> List[Dict[str, Any]]:
    """Returns the counts by "language", "channel" or "topic", the largest first."""
    return sorted(_sums(span, _days.c[column]), key=lambda row: -row["messages"])


def rows(span: Span) -> List[Dict[str, Any]]:
    """Returns the counts as they are kept, by day, language, channel and topic."""
    return _sums(span, _days.c.day, _days.c.language, _days.c.channel, _days.c.topic)


def totals(span: Span) -> Dict[str, int]:
    """Returns the counts of all days together."""
    found = _sums(span)
    return {name: int(found[0][name] or 0) for name in COUNTS}


def conversations(span: Span, *, handed_over: bool = False) -> int:
    """Returns how many conversations had their last message in that time: those that the list of conversations shows.

    With `handed_over`, those of them in which the patient asked for a person in that time.
    """
    since, until = span.seconds()
    table = _conversations.c
    wanted = [table.last_at >= since, table.last_at < until]
    wanted += [table[name] == value for name, value in (("language", span.language), ("channel", span.channel)) if value]
    wanted += [table.conversation.in_(asked_between(since, until))] if handed_over else []
    with engine().connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(_conversations).where(*wanted)).scalar())


def listed(
    span: Span, *, topic: str = "", outcome: str = "", verdict: str = "", before: Optional[float] = None, limit: int = 50
) -> List[Row]:
    """Returns the messages behind a count, the latest first; `verdict` is "up" or "down"."""
    since, until = span.seconds()
    table = messages.c
    wanted = [table.at >= since, table.at < until if before is None else table.at < min(before, until)]
    wanted += [table[name] == value for name, value in (("language", span.language), ("channel", span.channel)) if value]
    wanted += [table.intent == topic] if topic else []
    wanted += [_outcome == outcome] if outcome in OUTCOMES else []
    wanted += [table[verdict]] if verdict in ("up", "down") else []
    query = sa.select(messages, _outcome.label("outcome")).where(*wanted)
    return read(query.order_by(table.at.desc()).limit(limit))


def handovers(span: Span) -> List[Tuple[HandOver, Optional[float]]]:
    """Returns who asked for a person, and after how many seconds a person first wrote; None if nobody did."""
    found = handed_over(*span.seconds())
    return [
        (held, seconds)
        for held, seconds in found
        if span.language in (None, held.language) and span.channel in (None, channel_of(held.conversation))
    ]


def promotions() -> List[Tuple[float, str]]:
    """Returns when which model was promoted, the latest first; one that the assistant could not load changed nothing."""
    return [(row["at"], row["model"]) for row in trainings.promotions(None) if not row["failed"]]


def forget_older_than(number: int) -> None:
    """Deletes counts older than so many days."""
    oldest = days.day(time.time() - number * 86_400).isoformat()
    with engine().begin() as connection:
        connection.execute(_days.delete().where(_days.c.day < oldest))


def _count(connection: Connection, day: str) -> None:
    since, until = days.bounds(date.fromisoformat(day))
    table = messages.c
    keys = [sa.func.coalesce(table[name], sa.literal_column("''")).label(label) for name, label in _KEYS]
    sums = [sa.func.sum(sa.case([(_outcome == name, 1)], else_=0)).label(name) for name in OUTCOMES]
    sums += [sa.func.sum(sa.case([(table[name], 1)], else_=0)).label(name) for name in ("up", "down")]
    query = sa.select(*keys, sa.func.count().label("messages"), *sums).where(table.at >= since, table.at < until)
    found = [{"day": day, **row._mapping} for row in connection.execute(query.group_by(*keys))]
    connection.execute(_days.delete().where(_days.c.day == day))
    if found:
        connection.execute(_days.insert(), found)


def _sums(span: Span, *columns: Any) -> List[Dict[str, Any]]:
    query = sa.select(*columns, *(sa.func.sum(_days.c[name]).label(name) for name in COUNTS)).where(*_within(span))
    query = query.group_by(*columns).order_by(*columns) if columns else query
    with engine().connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def _within(span: Span) -> Iterator[Any]:
    yield _days.c.day >= span.first.isoformat()
    yield _days.c.day <= span.last.isoformat()
    for name in ("language", "channel"):
        if getattr(span, name):
            yield _days.c[name] == getattr(span, name)


def median(values: Sequence[float]) -> Optional[float]:
    """Returns the middle of `values`; None if there are none."""
    return float(middle(values)) if values else None
