"""What staff add to conversations: notes, tags, "reviewed"; and to messages: which answer each should have got.

All of it goes with the conversation.
"""
from __future__ import annotations

import secrets
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa

from bot.store.database import engine, insert, metadata
from bot.store.messages import conversations, messages, read

ANSWER, NEW_TOPIC, NOT_OURS, RIGHT = "answer", "new_topic", "not_ours", "right"
VERDICTS = (ANSWER, NEW_TOPIC, NOT_OURS, RIGHT)
_LONGEST_NOTE, _LONGEST_TAG = 4_000, 40
COUNTED = 1_000
_WEEK = 7 * 86_400
_CHOSE = messages.c.meant.isnot(None)
_KINDS = {  # of what may have been answered badly, the gravest first; a message may be several
    "near_miss": messages.c.near_miss,
    "down": messages.c.down,
    "unsure": sa.and_(messages.c.unsure, ~_CHOSE),
    "chosen": sa.and_(messages.c.unsure, _CHOSE),  # one of the meanings that the assistant then offered
    "uncovered": messages.c.uncovered,
    "rephrased": messages.c.rephrased,
    "refused": messages.c.refused,
}
KINDS = tuple(_KINDS)

_notes = sa.Table(
    "review_notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("staff", sa.String(120), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
_tags = sa.Table(
    "review_tags",
    metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("tag", sa.String(40), primary_key=True, index=True),
)
_reviewed = sa.Table(
    "reviewed",
    metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("staff", sa.String(120), nullable=False),
)
_verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("message", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("batch", sa.String(16), nullable=False, index=True),  # what was decided at once is undone at once
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("answer", sa.String(80)),  # the intent whose answer it should have got
    sa.Column("staff", sa.String(120), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
OF_A_CONVERSATION = (_notes, _tags, _reviewed, _verdicts)


def note(conversation: str, staff: str, text: str) -> bool:
    """Adds a note; returns False if it is empty."""
    text = text.strip()[:_LONGEST_NOTE]
    if text:
        with engine().begin() as connection:
            row = {"conversation": conversation, "at": time.time(), "staff": staff, "text": text}
            connection.execute(_notes.insert().values(**row))
    return bool(text)


def notes(conversation: str) -> List[Any]:
    """Returns the notes of `conversation` in order: at, staff, text."""
    with engine().connect() as connection:
        query = sa.select(_notes).where(_notes.c.conversation == conversation).order_by(_notes.c.id)
        return connection.execute(query).all()


def tag(conversation: str, word: str) -> None:
    """Adds a tag; nothing happens if it is there or empty."""
    word = " ".join(word.split()).lower()[:_LONGEST_TAG]
    if word:
        with engine().begin() as connection:
            connection.execute(insert(_tags).values(conversation=conversation, tag=word).on_conflict_do_nothing())


def untag(conversation: str, word: str) -> None:
    """Takes a tag away."""
    with engine().begin() as connection:
        connection.execute(_tags.delete().where(_tags.c.conversation == conversation, _tags.c.tag == word))


def tags(conversation: Optional[str] = None) -> List[str]:
    """Returns the tags of `conversation`, or all that are in use."""
    query = sa.select(_tags.c.tag).distinct().order_by(_tags.c.tag)
    if conversation:
        query = query.where(_tags.c.conversation == conversation)
    with engine().connect() as connection:
        return list(connection.execute(query).scalars())


def tagged(word: str) -> Any:
    """Returns a query of the conversations that have the tag `word`."""
    return sa.select(_tags.c.conversation).where(_tags.c.tag == word)


def set_reviewed(conversation: str, staff: str, done: bool) -> None:
    """Notes that `staff` went through `conversation`, or that nobody did."""
    values = {"at": time.time(), "staff": staff}
    marked = insert(_reviewed).values(conversation=conversation, **values)
    with engine().begin() as connection:
        if done:
            connection.execute(marked.on_conflict_do_update(index_elements=["conversation"], set_=values))
        else:
            connection.execute(_reviewed.delete().where(_reviewed.c.conversation == conversation))


def reviewed(conversation: str) -> Optional[Any]:
    """Returns who went through `conversation` and when (staff, at); None if nobody did."""
    with engine().connect() as connection:
        return connection.execute(sa.select(_reviewed).where(_reviewed.c.conversation == conversation)).first()


def all_reviewed() -> Any:
    """Returns a query of the conversations somebody went through."""
    return sa.select(_reviewed.c.conversation)


def missed(kind: Optional[str] = None, *, limit: int = 50, before: Optional[int] = None) -> List[Dict[str, Any]]:
    """Returns messages that may have been answered badly and have no verdict yet, of one kind or any, latest first."""
    query = sa.select(messages).where(_open(kind)).order_by(messages.c.id.desc()).limit(limit)
    return read(query.where(messages.c.id < before) if before else query)


def missed_counts() -> Dict[str, int]:
    """Returns how many messages :func:`missed` has of each kind, and of "all"; `COUNTED` if there are as many or more."""
    kinds = [None, *KINDS]
    found = [sa.select(messages.c.id).where(_open(kind)).limit(COUNTED).subquery() for kind in kinds]
    counts = [sa.select(sa.func.count()).select_from(each).scalar_subquery() for each in found]
    with engine().connect() as connection:
        numbers = connection.execute(sa.select(*counts)).one()
    return {kind or "all": number for kind, number in zip(kinds, numbers)}


def weeks(kind: Optional[str] = None) -> Tuple[int, int]:
    """Returns how many messages :func:`missed` has that were written in the last seven days, and in the seven before."""
    now, at = time.time(), messages.c.at
    bounds = [(now - _WEEK, now + _WEEK), (now - 2 * _WEEK, now - _WEEK)]  # a clock may be ahead a little
    sums = [sa.func.coalesce(sa.func.sum(sa.case([(sa.and_(at > a, at <= b), 1)], else_=0)), 0) for a, b in bounds]
    with engine().connect() as connection:
        this, before = connection.execute(sa.select(*sums).where(_open(kind), at > bounds[1][0])).one()
    return int(this), int(before)


def kinds_of(row: Mapping[str, Any]) -> List[str]:
    """Returns the kinds of a message of the index."""
    chose = row["meant"] is not None
    apart = {"unsure": row["unsure"] and not chose, "chosen": row["unsure"] and chose}
    return [kind for kind in KINDS if apart.get(kind, row.get(kind))]


def judge(numbers: Sequence[int], verdict: str, staff: str, answer: Optional[str] = None) -> str:
    """Says of the messages `numbers` what they should have got; returns the batch by which that can be undone.

    Raises ValueError if there is no such verdict, or an answer is missing or out of place.
    """
    if verdict not in VERDICTS or (verdict == ANSWER) != bool(answer):
        raise ValueError(f"'{verdict}' is none of {', '.join(VERDICTS)}, or does not go with the answer '{answer}'")
    batch, now = secrets.token_hex(8), time.time()
    with engine().begin() as connection:
        found = connection.execute(sa.select(messages.c.id, messages.c.conversation).where(messages.c.id.in_(numbers))).all()
        values = {"batch": batch, "verdict": verdict, "answer": answer, "staff": staff, "at": now}
        if found:
            rows = [{"message": row.id, "conversation": row.conversation, **values} for row in found]
            connection.execute(insert(_verdicts).on_conflict_do_update(index_elements=["message"], set_=values), rows)
    return batch


def of_batch(name: str) -> Dict[int, Any]:
    """Returns verdict, answer and staff by message of what was judged in the batch `name`."""
    with engine().connect() as connection:
        return {row.message: row for row in connection.execute(sa.select(_verdicts).where(_verdicts.c.batch == name))}


def undo(batch: str) -> int:
    """Takes the verdicts of `batch` back; returns how many there were."""
    with engine().begin() as connection:
        return connection.execute(_verdicts.delete().where(_verdicts.c.batch == batch)).rowcount


def verdicts(conversation: str) -> Dict[int, Any]:
    """Returns verdict, answer, staff and at of the messages of `conversation` that have one."""
    with engine().connect() as connection:
        rows = connection.execute(sa.select(_verdicts).where(_verdicts.c.conversation == conversation))
        return {row.message: row for row in rows}


def new_topics() -> List[int]:
    """Returns the messages for which somebody said that a topic is missing, the latest first."""
    query = sa.select(_verdicts.c.message).where(_verdicts.c.verdict == NEW_TOPIC).order_by(_verdicts.c.at.desc())
    with engine().connect() as connection:
        return list(connection.execute(query.limit(COUNTED)).scalars())


def forget(conversation: str) -> None:
    """Deletes what staff added to `conversation`."""
    with engine().begin() as connection:
        for table in OF_A_CONVERSATION:
            connection.execute(table.delete().where(table.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes what was added to conversations that are gone, `days` after at the latest."""
    oldest = time.time() - days * 86_400
    with engine().begin() as connection:
        for table in (_notes, _reviewed, _verdicts):
            connection.execute(table.delete().where(table.c.at < oldest))
        left = sa.select(conversations.c.conversation)
        connection.execute(_tags.delete().where(_tags.c.conversation.notin_(left)))


def _open(kind: Optional[str]) -> Any:
    return sa.and_(_KINDS[kind] if kind else messages.c.missed, ~sa.exists().where(_verdicts.c.message == messages.c.id))
