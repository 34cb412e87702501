"""Conversations that a person has, or is asked to take. Everything the staff's side needs: waiting, take, reply, give back.

The states: waiting, taken, and ended in one of three ways: returned by staff, missed (nobody came in time), left by the
patient.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa

from bot.store import outbox, threads
from bot.store.channels import WHATSAPP, channel
from bot.store.database import engine, metadata
from bot.whatsapp import outbound

_LIVE = ("waiting", "taken")

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


def ask(conversation: str, language: str, summary: Mapping[str, Any], targets: Tuple[str, ...]) -> bool:
    """Puts `conversation` into the queue and tells the staff; returns False if it waits or is taken already."""
    row = {"conversation": conversation, "live": conversation, "state": "waiting", "language": language, "at": time.time()}
    try:
        with engine().begin() as connection:
            added = connection.execute(_handovers.insert().values(summary=json.dumps(dict(summary)), **row))
            group = f"handover-{added.inserted_primary_key[0]}"
            for target in targets:
                if target != "fhir":
                    payload = {"event": "handover.new", "language": language, **summary, "kind": "handover", "at": row["at"]}
                    outbox.put(connection, conversation=conversation, target=target, group=group, key=group, payload=payload)
    except sa.exc.IntegrityError:
        return False
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
    return _where(_handovers.c.conversation == conversation)


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


def missed_at(conversation: str) -> Optional[float]:
    """Returns when the patient of `conversation` was last told that nobody came; None if never."""
    missed = sa.and_(_handovers.c.conversation == conversation, _handovers.c.state == "missed")
    with engine().connect() as connection:
        return connection.execute(sa.select(sa.func.max(_handovers.c.ended_at)).where(missed)).scalar()


def take(conversation: str, staff: str) -> bool:
    """Gives the conversation to `staff`; False if somebody else has it, or it does not wait any more."""
    return _move(conversation, "waiting", state="taken", taken_by=staff, taken_at=time.time())


def reply(conversation: str, staff: str, text: str) -> bool:
    """Writes to the patient as `staff`, who must have the conversation; False if they do not."""
    held = current(conversation)
    if held is None or held.state != "taken" or held.taken_by != staff or not text.strip():
        return False
    say(conversation, text.strip(), held.language, sender="staff", kind="staff")
    return True


def give_back(conversation: str, words: Optional[str] = None) -> bool:
    """Gives a conversation that was taken back to the assistant, which says `words`; False if nobody had it."""
    return _end(conversation, "taken", "returned", words)


def miss(conversation: str, words: Mapping[str, Any]) -> bool:
    """Ends the wait of a conversation nobody took, with `words`, a response of the catalogue; False if it was taken."""
    held = current(conversation)
    return bool(held) and _end(conversation, "waiting", "missed", words["text"], words.get("buttons"))


def leave(conversation: str) -> bool:
    """Ends the wait because the patient does not want to wait any more; False if there was none."""
    return _move(conversation, "waiting", state="left", live=None, ended_at=time.time())


def overdue(minutes: int) -> List[HandOver]:
    """Returns who has waited longer than `minutes`."""
    return _where(_handovers.c.state == "waiting", _handovers.c.at < time.time() - minutes * 60)


def note_red_flag(conversation: str, flag: str) -> None:
    """Adds a red flag that came up while a person has, or is asked to take, the conversation."""
    held = current(conversation)
    if held:
        flags = sorted({*held.summary.get("red_flags", ()), flag})
        with engine().begin() as connection:
            changed = json.dumps({**held.summary, "red_flags": flags})
            connection.execute(_handovers.update().where(_handovers.c.id == held.id).values(summary=changed))


def overheard(conversation: str, text: str, answers: Sequence[Mapping[str, Any]]) -> None:
    """Keeps for the staff who have `conversation` what the patient writes and the assistant says, should Rasa not log it.

    The website's threads have both already.
    """
    if channel(conversation) == WHATSAPP:
        threads.add(conversation, {"from": "patient", "text": text})
        for answer in answers:
            threads.add(conversation, {"from": "assistant", "text": answer["text"]})


def say(
    conversation: str, text: str, language: str, *, sender: str = "assistant", kind: str = "reply", buttons: Any = ()
) -> None:
    """Sends the patient a message that answers nothing, by the channel of the conversation.

    What is in the thread every process sends to its open pages.
    """
    event: threads.Event = {"from": sender, "text": text, "language": language, "kind": kind, "topic": None, "sources": []}
    event.update(buttons=list(buttons or ()), actions={}, pushed=True)
    threads.add(conversation, event)
    if channel(conversation) == WHATSAPP:
        outbound.send_text(conversation, text)


def forget(conversation: str) -> None:
    """Deletes the hand-overs of `conversation`."""
    with engine().begin() as connection:
        connection.execute(_handovers.delete().where(_handovers.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes hand-overs older than `days`."""
    with engine().begin() as connection:
        connection.execute(_handovers.delete().where(_handovers.c.at < time.time() - days * 86_400))


def _end(conversation: str, before: str, after: str, words: Optional[str], buttons: Any = ()) -> bool:
    held = current(conversation)
    if not held or not _move(conversation, before, state=after, live=None, ended_at=time.time()):
        return False
    if words:
        say(conversation, words, held.language, buttons=buttons)
    return True


def _move(conversation: str, before: str, **values: Any) -> bool:
    """Sets `values` if the hand-over is in state `before`: of two that try at once, one succeeds."""
    condition = sa.and_(_handovers.c.live == conversation, _handovers.c.state == before)
    with engine().begin() as connection:
        return connection.execute(_handovers.update().where(condition).values(**values)).rowcount == 1


def _where(*conditions: Any) -> List[HandOver]:
    query = sa.select(_handovers).where(*conditions).order_by(_handovers.c.at)
    names = ("id", "conversation", "state", "language", "at", "taken_by", "taken_at", "ended_at")
    with engine().connect() as connection:
        rows = connection.execute(query).all()
    return [HandOver(summary=json.loads(row.summary), **{name: row._mapping[name] for name in names}) for row in rows]
