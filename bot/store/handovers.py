"""Conversations that a person has, or is asked to take. Everything the staff's side needs: waiting, take, reply, give back.

The states: waiting, taken, and ended in one of three ways: returned by staff, missed (nobody came, or wrote, in time), left
by the patient.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.store import outbox, threads
from bot.store import staff as accounts
from bot.store.channels import WHATSAPP, channel
from bot.store.database import engine, insert, metadata, transaction
from bot.whatsapp import outbound

_AT_ONCE = 1.0  # seconds: who takes a conversation so soon after it was asked for asked for it themselves

_handovers = sa.Table(
    "handovers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("live", sa.String(255), unique=True),  # the conversation while waiting or taken: never two at once
    sa.Column("state", sa.String(8), nullable=False, index=True),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("taken_at", sa.Float),
    sa.Column("taken_by", sa.String(120)),
    sa.Column("ended_at", sa.Float),
    sqlite_autoincrement=True,
)
_LIVE = ("waiting", "taken")
_HISTORY = sa.select(_handovers).where(_handovers.c.conversation == sa.bindparam("conversation")).order_by(_handovers.c.at)


@dataclass(frozen=True)
class HandOver:
    """A hand-over; `summary` has language, topics asked, the open question and red flags."""

    id: int
    conversation: str
    state: str
    language: str
    summary: Dict[str, Any]
    at: float
    taken_by: Optional[str]
    taken_at: Optional[float]
    ended_at: Optional[float]


def ask(
    conversation: str,
    language: str,
    summary: Mapping[str, Any],
    targets: Tuple[str, ...],
    *,
    within: Optional[Connection] = None,
) -> bool:
    """Puts `conversation` into the queue and tells the staff; returns False if it waits or is taken already."""
    row = {"conversation": conversation, "live": conversation, "state": "waiting", "language": language, "at": time.time()}
    with transaction(within) as connection:
        new = insert(_handovers).values(summary=json.dumps(dict(summary)), **row)
        added = connection.execute(new.on_conflict_do_nothing())
        if not added.rowcount:
            return False
        group = f"handover-{added.inserted_primary_key[0]}"
        for target in targets:
            if target != "fhir":
                payload = {"event": "handover.new", "language": language, **summary, "kind": "handover", "at": row["at"]}
                outbox.put(connection, conversation=conversation, target=target, group=group, key=group, payload=payload)
    return True


def waiting() -> List[HandOver]:
    """Returns the conversations nobody has taken yet, the longest waiting first."""
    return _where(_handovers.c.state == "waiting")


def current(conversation: str) -> Optional[HandOver]:
    """Returns the hand-over that is going on in `conversation`; None if the assistant has it."""
    return next(iter(_where(_handovers.c.live == conversation)), None)


def live() -> List[HandOver]:
    """Returns the conversations that wait or that somebody has, the longest waiting first."""
    return _where(_handovers.c.live.isnot(None))


def history(conversation: str) -> List[HandOver]:
    """Returns every hand-over of `conversation`, in order."""
    return _found(_HISTORY, conversation=conversation)


def between(since: float, until: float) -> List[Tuple[HandOver, Optional[float]]]:
    """Returns the hand-overs asked for in that time, each with the seconds until a person first wrote; None: nobody did."""
    asked = _where(_handovers.c.at >= since, _handovers.c.at < until)
    wrote = threads.times_of("staff", [held.conversation for held in asked], since)
    found = []
    for held in asked:
        ends = held.ended_at or float("inf")
        first = next((at for at in wrote.get(held.conversation, ()) if held.at <= at <= ends), None)
        found.append((held, None if first is None else first - held.at))
    return found


def asked_between(since: float, until: float) -> Any:
    """Returns a query of the conversations that were handed over in that time, in seconds since 1970."""
    return sa.select(_handovers.c.conversation).where(_handovers.c.at >= since, _handovers.c.at < until)


def standing(conversation: str) -> Tuple[Optional[HandOver], Optional[float]]:
    """Returns the hand-over that is going on, as :func:`current`, and when the patient was last told that nobody comes.

    Each None if there is none. One query answers both: every turn begins with it.
    """
    all_of_it = history(conversation)
    missed = [held.ended_at for held in all_of_it if held.state == "missed" and held.ended_at]
    return next((held for held in all_of_it if held.state in _LIVE), None), max(missed, default=None)


def take(conversation: str, staff: str, *, within: Optional[Connection] = None) -> bool:
    """Gives the conversation to `staff`, if it is not theirs already; False if somebody else has it, or nobody waits."""
    with transaction(within) as connection:
        if _move(connection, conversation, "waiting", state="taken", taken_by=staff, taken_at=time.time()):
            return True
    held = current(conversation)
    return held is not None and held.taken_by == staff


def reply(
    conversation: str, staff: str, text: str, *, key: Optional[str] = None, within: Optional[Connection] = None
) -> bool:
    """Writes to the patient as `staff`, who must have the conversation; False if they do not. See :func:`say` for `key`."""
    held, theirs = current(conversation), _handovers.c.taken_by == staff
    with transaction(within) as connection:  # nobody takes it away before the words are there
        if held is None or not text.strip() or not _move(connection, conversation, "taken", theirs, taken_by=staff):
            return False
        say(conversation, text.strip(), held.language, sender="staff", kind="staff", key=key, within=connection)
    return True


def give_back(conversation: str, words: Optional[str] = None, *, within: Optional[Connection] = None) -> bool:
    """Gives a conversation that was taken back to the assistant, which says `words`; False if nobody had it."""
    return _end(conversation, "taken", "returned", words, within=within)


def miss(conversation: str, words: Mapping[str, Any], before: str = "waiting") -> bool:
    """Ends the wait for a person with `words`, a response of the catalogue; False if it is not `before` any more."""
    return _end(conversation, before, "missed", words["text"], words.get("buttons"))


def leave(conversation: str) -> bool:
    """Ends the wait because the patient does not want to wait any more; False if there was none."""
    with engine().begin() as connection:
        return _move(connection, conversation, "waiting", state="left", live=None, ended_at=time.time())


def overdue(minutes: int) -> List[HandOver]:
    """Returns who has waited longer than `minutes`."""
    return _where(_handovers.c.state == "waiting", _handovers.c.at < time.time() - minutes * 60)


def forsaken(minutes: int) -> List[HandOver]:
    """Returns what somebody has who leaves the patient waiting longer than `minutes`, or whose account is switched off."""
    taken, limit = _where(_handovers.c.state == "taken"), time.time() - minutes * 60
    if not taken:
        return []
    off = {member.name for member in accounts.everybody() if not member.active}
    since, names = min(held.at for held in taken), [held.conversation for held in taken]
    wrote, asked = (threads.times_of(sender, names, since) for sender in ("staff", "patient"))
    return [
        held
        for held in taken
        if held.taken_by in off or _waits_since(held, wrote.get(held.conversation), asked.get(held.conversation)) < limit
    ]


def note_red_flag(conversation: str, flag: str) -> None:
    """Adds a red flag that came up while a person has, or is asked to take, the conversation."""
    mine = _handovers.c.live == conversation
    with engine().begin() as connection:
        connection.execute(_handovers.update().where(mine).values(live=conversation))  # of two at once, one waits here
        held = connection.execute(sa.select(_handovers.c.summary).where(mine)).scalar()
        if held:
            summary = json.loads(held)
            summary["red_flags"] = sorted({*summary.get("red_flags", ()), flag})
            connection.execute(_handovers.update().where(mine).values(summary=json.dumps(summary)))


def overheard(conversation: str, text: str, answers: Sequence[Mapping[str, Any]]) -> None:
    """Keeps for the staff who have `conversation` what the patient writes and the assistant says, should Rasa not log it.

    The website's threads have both already.
    """
    if channel(conversation) == WHATSAPP:
        threads.add(conversation, {"from": "patient", "text": text})
        for answer in answers:
            threads.add(conversation, {"from": "assistant", "text": answer["text"]})


def say(
    conversation: str,
    text: str,
    language: str,
    *,
    sender: str = "assistant",
    kind: str = "reply",
    buttons: Any = (),
    key: Optional[str] = None,
    within: Optional[Connection] = None,
) -> bool:
    """Sends the patient a message that answers nothing, by the channel of the conversation; what has a `key`, once.

    What is in the thread every process sends to its open pages. Returns False if the message with this `key` was sent.
    """
    event: threads.Event = {"from": sender, "text": text, "language": language, "kind": kind, "topic": None, "sources": []}
    event.update(buttons=list(buttons or ()), actions={}, pushed=True)
    with transaction(within) as connection:
        if threads.add(conversation, event, client_id=key, within=connection) is None:
            return False
        if channel(conversation) == WHATSAPP:
            outbound.send_text(conversation, text, within=connection)
    return True


def forget(conversation: str) -> None:
    """Deletes the hand-overs of `conversation`."""
    with engine().begin() as connection:
        connection.execute(_handovers.delete().where(_handovers.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes hand-overs older than `days`."""
    with engine().begin() as connection:
        connection.execute(_handovers.delete().where(_handovers.c.at < time.time() - days * 86_400))


def _waits_since(held: HandOver, wrote: Optional[List[float]], asked: Optional[List[float]]) -> float:
    """Returns since when the patient, who `asked` at those times, waits for staff, who `wrote`; infinity if not at all."""
    taken_at = held.taken_at or held.at
    answered = max((at for at in wrote or () if at >= taken_at), default=None)
    if answered is None and taken_at - held.at > _AT_ONCE:
        return taken_at
    return next((at for at in asked or () if at > (answered or taken_at)), float("inf"))


def _end(
    conversation: str,
    before: str,
    after: str,
    words: Optional[str],
    buttons: Any = (),
    within: Optional[Connection] = None,
) -> bool:
    held = current(conversation)
    with transaction(within) as connection:
        if not held or not _move(connection, conversation, before, state=after, live=None, ended_at=time.time()):
            return False
        if words:
            say(conversation, words, held.language, buttons=buttons, within=connection)
    return True


def _move(connection: Connection, conversation: str, before: str, *more: Any, **values: Any) -> bool:
    """Sets `values` if the hand-over is in state `before`: of two that try at once, one succeeds."""
    condition = sa.and_(_handovers.c.live == conversation, _handovers.c.state == before, *more)
    return connection.execute(_handovers.update().where(condition).values(**values)).rowcount == 1


def _where(*conditions: Any) -> List[HandOver]:
    return _found(sa.select(_handovers).where(*conditions).order_by(_handovers.c.at))


def _found(query: Any, **values: Any) -> List[HandOver]:
    names = ("id", "conversation", "state", "language", "at", "taken_by", "taken_at", "ended_at")
    with engine().connect() as connection:
        rows = connection.execute(query, values).all()
    return [HandOver(summary=json.loads(row.summary), **{name: row._mapping[name] for name in names}) for row in rows]
