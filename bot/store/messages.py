"""The index of what patients wrote: one row a message with what was understood and what became of it, for staff to search.

Filled from Rasa's events by bot/store/message_log.py; the words in it are redacted. A row has the number of its event, so
that filling it twice changes nothing. A conversation has a row of its own with what its messages come to.
"""
from __future__ import annotations

import json
import re
import time
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.nlu.languages import fold
from bot.store import days
from bot.store.database import engine, metadata

Row = Dict[str, Any]
# What can be wrong with an answer; a message may be several. Staff see them more finely, see review.KINDS.
KINDS = ("near_miss", "down", "unsure", "uncovered", "rephrased", "refused")
# What can have happened in a conversation.
FLAGS = ("emergency", "near_miss", "unsure", "uncovered", "rephrased", "down", "up", "appointment")
UNCLEAR = ("nlu_fallback", "nlu_no_words", "nlu_too_long", "nlu_other_language")  # intents of what was not understood
DETAIL = "request_detail"  # stands for the intent of a name, a day, a telephone number given for a request
_APPOINTMENT = ("request_appointment", "change_appointment")
_PAGES = 500  # of the search index that are merged at once
_AT_ONCE = 500  # conversations that are summed up in one query
_NEWEST = 20_000  # hits of a search that are looked at, the latest

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # of the event
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("language", sa.String(8)),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),  # redacted; "" for a button
    sa.Column("words", sa.Text, nullable=False),  # the text, folded, for search
    sa.Column("button", sa.Boolean, nullable=False),
    sa.Column("intent", sa.String(80)),
    sa.Column("confidence", sa.Float),
    sa.Column("ranking", sa.Text, nullable=False),  # [[intent, confidence], …], the best five, as JSON
    sa.Column("red_flag", sa.String(80)),
    sa.Column("answers", sa.Text, nullable=False),  # names of the responses said, as JSON
    sa.Column("near_miss", sa.Boolean, nullable=False, default=False),  # almost an emergency
    sa.Column("unsure", sa.Boolean, nullable=False, default=False),  # was asked back, or not understood
    sa.Column("uncovered", sa.Boolean, nullable=False, default=False),  # no document answers it
    sa.Column("refused", sa.Boolean, nullable=False, default=False),  # taken as not ours
    sa.Column("down", sa.Boolean, nullable=False, default=False),  # the patient said that the answer did not help
    sa.Column("missed", sa.Boolean, nullable=False, default=False),  # one of these kinds at least
    sa.Column("up", sa.Boolean, nullable=False, default=False),
    sa.Column("rephrased", sa.Boolean, nullable=False, default=False),  # asked again right after the answer
    sa.Column("meant", sa.String(80)),  # the intent the patient then chose of those that were offered
    sa.Index("messages_of", "conversation", "id"),
    sa.Index("messages_at", "at"),
    sa.Index("messages_about", "intent", "conversation"),
    sa.Index("messages_on", "intent", "at"),
    *(
        sa.Index(f"messages_{flag}", "id", sqlite_where=sa.text(flag), postgresql_where=sa.text(flag))
        for flag in (*KINDS, "missed")
    ),
)
conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("language", sa.String(8)),  # of the last message
    sa.Column("first_at", sa.Float, nullable=False),
    sa.Column("last_at", sa.Float, nullable=False, index=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("preview", sa.Text, nullable=False),  # the first words of the first message
    sa.Column("lowest", sa.Float),  # the least confidence of its messages; None if it has buttons only
    *(sa.Column(flag, sa.Boolean, nullable=False) for flag in FLAGS),
)
_cursor = sa.Table(
    "message_cursor",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("event", sa.Integer, nullable=False),  # all events up to this one are in the index
)
_SEARCH = (
    "CREATE VIRTUAL TABLE messages_search USING fts5(words, content='messages', content_rowid='id')",
    "CREATE TRIGGER messages_search_add AFTER INSERT ON messages BEGIN"
    " INSERT INTO messages_search (rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER messages_search_gone AFTER DELETE ON messages BEGIN"
    " INSERT INTO messages_search (messages_search, rowid, words) VALUES ('delete', old.id, old.words); END",
)
for _statement in _SEARCH:
    sa.event.listen(messages, "after_create", sa.DDL(_statement).execute_if(dialect="sqlite"))
sa.event.listen(messages, "before_drop", sa.DDL("DROP TABLE messages_search").execute_if(dialect="sqlite"))
sa.event.listen(
    messages,
    "after_create",
    sa.DDL("CREATE INDEX messages_words ON messages USING gin (to_tsvector('simple', words))").execute_if(
        dialect="postgresql"
    ),
)


def position(connection: Connection) -> int:
    """Returns the event up to which the index is filled, and holds it: nobody else fills or forgets until the end."""
    connection.execute(sa.text("INSERT INTO message_cursor (name, event) VALUES ('messages', 0) ON CONFLICT DO NOTHING"))
    connection.execute(_cursor.update().values(event=_cursor.c.event))
    return int(connection.execute(sa.select(_cursor.c.event)).scalar())


def reached() -> int:
    """Returns the event up to which the index is filled."""
    with engine().connect() as connection:
        return int(connection.execute(sa.select(_cursor.c.event)).scalar() or 0)


def store(connection: Connection, rows: Sequence[Row], event: int) -> None:
    """Adds `rows`, or replaces those that are there, and notes that all events up to `event` are done.

    The caller holds the :func:`position`.
    """
    known = {row.id: row._mapping for row in _with_ids(connection, [row["id"] for row in rows])}
    new = [row for row in rows if row["id"] not in known or any(known[row["id"]][name] != row[name] for name in row)]
    if new:  # what changed goes and comes again, so that the search follows
        connection.execute(messages.delete().where(messages.c.id.in_([row["id"] for row in new])))
        connection.execute(messages.insert(), new)
        days.mark(connection, (row["at"] for row in new))
    _sum_up(connection, {row["conversation"] for row in new})
    connection.execute(_cursor.update().values(event=event))


def of(conversation: str) -> List[Row]:
    """Returns the messages of `conversation` in order."""
    return read(sa.select(messages).where(messages.c.conversation == conversation).order_by(messages.c.id))


def get(number: int) -> Optional[Row]:
    """Returns one message; None if there is none of that number."""
    return next(iter(read(sa.select(messages).where(messages.c.id == number))), None)


def listed(
    *,
    words: str = "",
    since: Optional[float] = None,
    until: Optional[float] = None,
    before: Optional[float] = None,
    topic: Optional[str] = None,
    below: Optional[float] = None,
    flags: Iterable[str] = (),
    among: Sequence[Any] = (),
    without: Sequence[Any] = (),
    limit: int = 50,
    **equal: Any,
) -> List[Row]:
    """Returns conversations, the latest first: those in which somebody wrote `words`, with all `flags` and equal columns.

    `topic`: an intent one of the messages was understood as; `below`: one was understood with less confidence than so;
    `since`, `until`: seconds since 1970 of the last message; `before`: that of the last one on the page before; `among`,
    `without`: queries that give names of conversations.
    """
    table = conversations.c
    query = sa.select(conversations).order_by(table.last_at.desc()).limit(limit)
    bounds = [table.last_at >= since if since else None, table.last_at < until if until else None]
    bounds += [table.last_at < before if before else None, table.lowest < below if below else None]
    bounds += [table.conversation.in_(_about(topic)) if topic else None]
    bounds += [*(table.conversation.in_(names) for names in among), *(table.conversation.notin_(names) for names in without)]
    query = query.where(*(bound for bound in bounds if bound is not None))
    query = query.where(*(table[flag] for flag in flags))
    query = query.where(*(table[name] == value for name, value in equal.items() if value))
    if words.strip():
        hit = sa.select(messages.c.conversation).where(messages.c.id.in_(_hits(words)))
        query = query.where(table.conversation.in_(hit))
    with engine().connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def conversation(name: str) -> Optional[Row]:
    """Returns what the messages of a conversation come to; None if it is unknown."""
    with engine().connect() as connection:
        row = connection.execute(sa.select(conversations).where(conversations.c.conversation == name)).first()
    return dict(row._mapping) if row else None


def forget(name: str) -> None:
    """Deletes what the index has of a conversation; its events must be gone by then, else they are read again."""
    with engine().begin() as connection:
        position(connection)
        mine = sa.select(messages.c.at).where(messages.c.conversation == name)
        days.mark(connection, connection.execute(mine).scalars().all())
        for table in (messages, conversations):
            connection.execute(table.delete().where(table.c.conversation == name))
        _go_back(connection)


def forget_older_than(days: int) -> None:
    """Deletes messages older than `days`, and what they came to: a conversation is what is left of it, if anything is."""
    oldest = time.time() - days * 86_400
    old = messages.c.at < oldest
    with engine().begin() as connection:
        position(connection)
        names = connection.execute(sa.select(messages.c.conversation).where(old).distinct()).scalars().all()
        connection.execute(messages.delete().where(old))
        for start in range(0, len(names), _AT_ONCE):
            _sum_up(connection, names[start : start + _AT_ONCE])
        connection.execute(conversations.delete().where(conversations.c.last_at < oldest))
        _go_back(connection)


def tidy_search() -> None:
    """Takes words of deleted messages out of SQLite's search index, where they stay unfindable until it is merged.

    In small steps, as its documentation says (https://sqlite.org/fts5.html, "merge"): the assistant writes in between.
    """
    step = -_PAGES  # the first step takes up all parts of the index
    while engine().dialect.name == "sqlite":
        with engine().begin() as connection:
            before = connection.execute(sa.text("SELECT total_changes()")).scalar()
            merge = "INSERT INTO messages_search (messages_search, rank) VALUES ('merge', :step)"
            connection.execute(sa.text(merge), {"step": step})
            if connection.execute(sa.text("SELECT total_changes()")).scalar() - before < 2:
                return
        step = _PAGES


def _go_back(connection: Connection) -> None:
    """Lets the log be read again from the last message that is left: SQLite gives free numbers to new events.

    Never forward: of what comes after the cursor, something may not have been seen yet.
    """
    last = sa.select(sa.func.coalesce(sa.func.max(messages.c.id), 0)).scalar_subquery()
    connection.execute(_cursor.update().where(_cursor.c.event > last).values(event=last))


def read(query: Any) -> List[Row]:
    """Returns what `query`, a selection of messages, finds."""
    with engine().connect() as connection:
        return [_row(row._mapping) for row in connection.execute(query)]


def _hits(words: str) -> Any:
    """Returns the query of the latest messages that have all `words`, each whole or as a beginning."""
    found = re.findall(r"\w+", fold(words))[:12]
    if engine().dialect.name == "postgresql":
        query = " & ".join(f"{word}:*" for word in found)
        match = sa.text("to_tsvector('simple', words) @@ to_tsquery('simple', :search)").bindparams(search=query)
        hits: Any = sa.select(messages.c.id).where(match if found else sa.false()).order_by(messages.c.id.desc())
        return hits.limit(_NEWEST)
    query = " ".join(f'"{word}"*' for word in found)
    if not found:
        return sa.select(messages.c.id).where(sa.false())
    hits = sa.text("SELECT rowid FROM messages_search WHERE messages_search MATCH :search ORDER BY rowid DESC LIMIT :newest")
    return hits.bindparams(search=query, newest=_NEWEST).columns(sa.column("rowid", sa.Integer))


def _about(topic: str) -> Any:
    return sa.select(messages.c.conversation).where(messages.c.intent == topic)


def _with_ids(connection: Connection, numbers: Sequence[int]) -> List[Any]:
    return connection.execute(sa.select(messages).where(messages.c.id.in_(numbers))).all() if numbers else []


def _sum_up(connection: Connection, names: Iterable[str]) -> None:
    """Makes the rows of conversations anew from their messages."""
    names = sorted(names)
    table = messages.c
    found = {
        "emergency": sa.or_(table.red_flag.isnot(None), table.intent == "emergency"),
        "appointment": table.intent.in_(_APPOINTMENT),
    }

    def some(condition: Any) -> Any:
        return sa.func.max(sa.case([(condition, 1)], else_=0))

    sums = sa.select(
        table.conversation,
        sa.func.max(table.channel).label("channel"),
        sa.func.min(table.at).label("first_at"),
        sa.func.max(table.at).label("last_at"),
        sa.func.count().label("count"),
        sa.func.max(table.id).label("last"),
        sa.func.min(sa.case([(~table.button, table.id)])).label("first"),
        sa.func.min(sa.case([(~table.button, table.confidence)])).label("lowest"),
        *(some(found.get(flag, table.get(flag))).label(flag) for flag in FLAGS),
    ).where(table.conversation.in_(names))
    rows = [dict(row._mapping) for row in connection.execute(sums.group_by(table.conversation))]
    ends = {row.id: row for row in _with_ids(connection, [n for row in rows for n in (row["first"], row["last"]) if n])}
    for row in rows:
        first, last = ends.get(row.pop("first")), ends[row.pop("last")]
        row.update(preview=first.text[:200] if first else "", language=last.language)
        row.update({flag: bool(row[flag]) for flag in FLAGS})
    connection.execute(conversations.delete().where(conversations.c.conversation.in_(names)))
    if rows:
        connection.execute(conversations.insert(), rows)


def _row(row: Mapping[str, Any]) -> Row:
    return {**row, "ranking": json.loads(row["ranking"]), "answers": json.loads(row["answers"])}
