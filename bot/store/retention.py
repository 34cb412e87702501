"""How long each kind of data is kept: the clock that really deletes, and what staff can see of it.

Every table belongs to a kind here, or has its reason why it stays (tests/unit/test_retention.py holds this together).
"""
from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import sqlalchemy as sa

from bot.settings import settings
from bot.store import (
    answer_versions,
    assignments,
    audit,
    days,
    erasure,
    feedback,
    handovers,
    messages,
    outbox,
    proposals,
    rasa_events,
    requests,
    review,
    shares,
    staff,
    statistics,
    threads,
    whatsapp_contacts,
    whatsapp_inbox,
    whatsapp_outbox,
)
from bot.store.database import engine, metadata

logger = logging.getLogger(__name__)
_DAY = 86_400
_runs = sa.Table(
    "retention_runs",
    metadata,
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)


@dataclass(frozen=True)
class Kind:
    """Some tables, each with the column that says how old a row is; what goes after `days`, and how."""

    name: str
    days: int
    tables: Tuple[Tuple[str, str], ...]
    forget: Tuple[Callable[[int], None], ...]


@dataclass(frozen=True)
class State:
    """What there is of a kind: the time of its oldest row, and when the clock last ran; seconds since 1970."""

    kind: Kind
    oldest: Optional[float]
    ran_at: Optional[float]

    @property
    def next_at(self) -> Optional[float]:
        """When the oldest row goes."""
        return None if self.oldest is None else self.oldest + self.kind.days * _DAY


def kinds() -> List[Kind]:
    """Returns every kind, with the days the clinic chose; the index of messages after what it is made from."""
    keep, said = settings().clinic.keep_days, settings().clinic.keep_conversations_days
    return [
        _kind("conversations", said, (rasa_events, threads), events="timestamp", thread_events="at"),
        _kind("index", said, (messages,), messages="at", conversations="last_at"),
        _kind("feedback", said, (feedback,), feedback="given_at"),
        _kind("handovers", said, (handovers,), handovers="at"),
        _kind("contacts", said, (whatsapp_contacts,), whatsapp_contacts="wrote_at"),
        _kind("received", said, (whatsapp_inbox,), whatsapp_inbox="received_at"),
        _kind("sent", said, (whatsapp_outbox,), whatsapp_outbox="created_at"),
        _kind("requests", keep.requests or said, (requests, outbox), requests="changed_at", outbox="at"),
        _kind("notes", keep.notes or said, (review,), review_notes="at", reviewed="at", verdicts="at"),
        _kind("work", said, (assignments, shares), assignments="at", shares="at"),
        _kind("labels", said, (proposals,), proposals="at"),
        _kind("proposals", keep.proposals, (answer_versions,), answer_versions="at"),
        _kind("statistics", keep.statistics, (statistics,), message_days="day"),
        _kind("audit", keep.audit, (audit, erasure), audit="at", erasures="at"),
        _kind("sessions", 1, (staff,), staff_sessions="seen", staff_attempts="at", staff_invitations="until"),
    ]


def forget_old() -> None:
    """Deletes everything that is older than its kind is kept. One kind that fails does not keep the others."""
    statistics.refresh()  # the counts of a day outlive its messages
    last = _last_run()
    for kind in kinds():
        try:
            for forget in kind.forget:
                forget(kind.days)
            with engine().begin() as connection:
                connection.execute(_runs.delete().where(_runs.c.kind == kind.name))
                connection.execute(_runs.insert().values(kind=kind.name, at=time.time()))
        except sa.exc.SQLAlchemyError:
            logger.exception("old data of the kind '%s' cannot be deleted just now", kind.name)
    if erasure.any_since(last) or days.day(last) != days.day(time.time()):  # else it would be written anew each hour
        messages.tidy_search()
    shrink()


def shrink() -> None:
    """Empties SQLite's journal, in which what was deleted may still stand; another time if somebody reads just now."""
    if engine().dialect.name == "sqlite":
        with engine().connect() as connection:
            connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))


def states() -> List[State]:
    """Returns how things are with each kind."""
    with engine().connect() as connection:
        ran = {row.kind: row.at for row in connection.execute(sa.select(_runs))}
        there = set(sa.inspect(connection).get_table_names())
        return [State(kind, _oldest(connection, kind, there), ran.get(kind.name)) for kind in kinds()]


def of(conversation: str) -> List[Tuple[str, int]]:
    """Returns of which kinds there are rows of `conversation`, and how many."""
    found: Dict[str, int] = {}
    with engine().connect() as connection:
        for kind, table, mine in _tables_of(connection, conversation):
            rows = connection.execute(sa.select(sa.func.count()).select_from(table).where(mine)).scalar()
            found[kind] = found.get(kind, 0) + int(rows)
    return [(kind, rows) for kind, rows in found.items() if rows]


def rows(conversation: str) -> Dict[str, Dict[str, List[Dict[str, Any]]]]:
    """Returns every row of `conversation` as it is stored, by kind and table; kinds and tables without one are left out.

    Rasa's own log is left out: what is in it is told by :func:`bot.store.transcripts.read`.
    """
    found: Dict[str, Dict[str, List[Dict[str, Any]]]] = {}
    with engine().connect() as connection:
        for kind, table, mine in _tables_of(connection, conversation):
            stored = [dict(row._mapping) for row in connection.execute(sa.select(table).where(mine))]
            if stored and table is not rasa_events.events:
                found.setdefault(kind, {})[table.name] = stored
    return found


def _tables_of(connection: Any, conversation: str) -> Iterator[Tuple[str, Any, Any]]:
    """Yields kind and table of all that can have rows of `conversation`, and which rows those are."""
    there = set(sa.inspect(connection).get_table_names())
    known = {**metadata.tables, rasa_events.events.name: rasa_events.events}
    for kind in kinds():
        for table in (known[name] for name, _ in kind.tables if name in there):
            key = table.columns.get("sender_id" if table is rasa_events.events else "conversation")
            if key is not None:
                yield kind.name, table, key == conversation


def _last_run() -> float:
    with engine().connect() as connection:
        return float(connection.execute(sa.select(sa.func.max(_runs.c.at))).scalar() or 0)


def _kind(name: str, number: int, stores: Tuple[Any, ...], **tables: str) -> Kind:
    return Kind(name, number, tuple(tables.items()), tuple(store.forget_older_than for store in stores))


def _oldest(connection: Any, kind: Kind, there: "set[str]") -> Optional[float]:
    found = []
    for table, column in kind.tables:
        if table in there:
            query = sa.select(sa.column(column)).select_from(sa.table(table)).order_by(sa.column(_order(table, column)))
            found += connection.execute(query.limit(1)).scalars().all()
    return min((_seconds(value) for value in found if value is not None), default=None)


def _order(table: str, column: str) -> str:
    """Returns the column whose first row is the oldest: a number that grows, if there is one, for it has an index."""
    known = metadata.tables.get(table)
    keys = [key.name for key in known.primary_key] if known is not None else ["id"]
    return keys[0] if keys in (["id"], ["seq"]) else column


def _seconds(value: Any) -> float:
    if isinstance(value, str) and len(value) == 10:
        return days.bounds(date.fromisoformat(value))[0]
    if isinstance(value, str):  # how SQLite keeps times
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=timezone.utc)).timestamp()
    return float(value)
