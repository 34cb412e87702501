"""From Rasa's events to the index of messages: in order, restart-safe, nothing twice, nothing of what was forgotten.

Events are read without a lock in small batches, and stored in one short transaction that first makes sure that they
are still there. The index holds how far it got; on PostgreSQL, where a lower number may become visible after a higher
one, that follows a minute later, and what was seen since is remembered here.
"""
from __future__ import annotations

import json
import time
from itertools import groupby, pairwise
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

import sqlalchemy as sa

from bot.nlu.languages import LANGUAGES
from bot.redaction import redact
from bot.store import messages
from bot.store.channels import channel
from bot.store.database import engine
from bot.store.rasa_events import events as _events
from bot.store.rasa_events import logged

_BATCH = 100  # messages in one transaction
_TURNS = 200  # messages of a conversation before a new one that are looked at again: it may be a verdict on one of them
_SETTLED, _OLD = 60.0, 3600.0  # seconds since an event was first seen, or happened, after which none before it can appear
_PROBE = "terminal-health-check"  # the start of the server, no patient
_SOON = 180.0  # seconds within which the same asked again is "rephrased"
_NEAR = 0.05  # probability of an emergency that is looked at, whatever else the message was taken for
_IDENTIFYING = ("request_name", "request_caller", "request_contact")  # slots of a request
_FORM = "request_form"  # asks for what a request needs; what it hears first is no question to the assistant
_QUESTIONS = ("faq_", "uncovered_medical_question", "personal_medical_advice", "nlu_fallback", "out_of_scope")

Event = Dict[str, Any]


class MessageLog:
    """Fills the index; any number of processes may do so at once."""

    def __init__(self) -> None:
        self._seen: Dict[int, float] = {}  # events that are in the index, but not settled, and when they were seen

    def fill(self) -> int:
        """Reads the next messages into the index; returns how many, 0 if all are there.

        Raises sqlalchemy.exc.SQLAlchemyError if the database is away; nothing is lost then.
        """
        if not logged():
            return 0
        start = messages.reached()
        with engine().connect() as connection:
            fresh = self._fresh(connection, start)
            firsts: Dict[str, int] = {}
            for event in fresh:
                firsts.setdefault(event.sender_id, event.id)
            rows = [row for name, first in firsts.items() if name != _PROBE for row in _rows(connection, name, first)]
        now = time.time()
        self._seen.update({event.id: now for event in fresh})
        at_once = {event.id for event in fresh if engine().dialect.name == "sqlite" or event.timestamp < now - _OLD}
        settled = [number for number, seen in self._seen.items() if number in at_once or seen < now - _SETTLED]
        if fresh or settled:
            with engine().begin() as connection:
                reached = max([messages.position(connection), *settled])
                there = _there(connection, [row["id"] for row in rows])
                kept = [row for row in rows if (row["id"], row["conversation"]) in there]
                messages.store(connection, kept, reached)
            self._seen = {number: seen for number, seen in self._seen.items() if number > reached}
        return len(fresh)

    def _fresh(self, connection: Any, start: int) -> List[Any]:
        query = sa.select(_events.c.id, _events.c.sender_id, _events.c.timestamp)
        query = query.where(_events.c.type_name == "user", _events.c.id > start).order_by(_events.c.id)
        found = connection.execute(query.limit(_BATCH + len(self._seen))).all()
        return [event for event in found if event.id not in self._seen][:_BATCH]


def _there(connection: Any, numbers: List[int]) -> Set[Tuple[int, str]]:
    """Returns number and conversation of those events that are still there; SQLite gives free numbers to new events."""
    query = sa.select(_events.c.id, _events.c.sender_id).where(_events.c.id.in_(numbers))
    return {(row.id, row.sender_id) for row in connection.execute(query)} if numbers else set()


def _rows(connection: Any, conversation: str, first: int) -> List[messages.Row]:
    """Returns the messages of `conversation` from event `first` on, and those before on which they may throw light."""
    mine = _events.c.sender_id == conversation
    asked = sa.select(_events.c.id).where(mine, _events.c.type_name == "user", _events.c.id < first)
    earlier = connection.execute(asked.order_by(_events.c.id.desc()).limit(_TURNS)).scalars().all()
    read = (mine, _events.c.type_name.in_(("user", "action")), _events.c.id >= min([first, *earlier]))
    events = connection.execute(sa.select(_events).where(*read).order_by(_events.c.id))
    known = identifying(connection, conversation)
    turns = list(_turns([{**json.loads(e.data), "id": e.id, "at": e.timestamp} for e in events]))
    found = [_row(conversation, turn, known) for turn in turns]
    for row, turn in zip(found, turns):
        _judged(found, row, turn[0])
    for (row, turn), (following, _) in pairwise(zip(found, turns)):
        row["meant"], row["rephrased"] = _meant(turn[0], following), _again(row, following)
    for row in found:
        row["missed"] = any(row[kind] for kind in messages.KINDS)
    return found


def identifying(connection: Any, conversation: str) -> List[str]:
    """Returns the names and contacts that the patient gave in `conversation`."""
    mine = (_events.c.sender_id == conversation, _events.c.type_name == "slot", _events.c.action_name.in_(_IDENTIFYING))
    values = {json.loads(data).get("value") for data in connection.execute(sa.select(_events.c.data).where(*mine)).scalars()}
    return sorted(value for value in values if isinstance(value, str) and len(value) > 1)


def _turns(events: Sequence[Event]) -> Iterator[List[Event]]:
    """Yields each message of the patient with what followed until the next."""
    number = 0

    def turn(event: Event) -> int:
        nonlocal number
        number += event["event"] == "user"
        return number

    for _, turned in groupby(events, turn):
        found = list(turned)
        if found[0]["event"] == "user":
            yield found


def _row(conversation: str, turn: List[Event], known: List[str]) -> messages.Row:
    asked, parsed = turn[0], turn[0].get("parse_data") or {}
    intent = (parsed.get("intent") or {}).get("name")
    ranking = [[entry["name"], round(entry["confidence"], 4)] for entry in (parsed.get("intent_ranking") or [])]
    text = asked.get("text") or ""
    button = text.startswith("/")
    said = [event["name"] for event in turn if event["event"] == "action" and event["name"].startswith("utter_")]
    language = next((c for c in (parsed.get("language"), _entity(asked, "language")) if c in LANGUAGES), None)
    shown = "" if button else redact(text, known, language or "en")
    risk = next((score for name, score in ranking if name == "emergency"), 0.0)
    near = risk >= _NEAR or bool(parsed.get("doubted"))
    heard = next((event["name"] for event in turn if event["event"] == "action"), None)
    if heard == _FORM and not button and intent != "emergency" and not parsed.get("red_flag"):
        intent, ranking = messages.DETAIL, []
    return {
        "id": asked["id"],
        "conversation": conversation,
        "at": asked["at"],
        "language": language,
        "channel": channel(conversation),
        "text": shown,
        "words": messages.fold(shown),
        "button": button,
        "intent": intent,
        "confidence": None if intent == messages.DETAIL else (parsed.get("intent") or {}).get("confidence"),
        "ranking": json.dumps(ranking[:5]),
        "red_flag": parsed.get("red_flag"),
        "answers": json.dumps(said),
        "near_miss": not button and intent != "emergency" and not parsed.get("red_flag") and near,
        "unsure": intent in messages.UNCLEAR,
        "uncovered": intent in ("uncovered_medical_question", "personal_medical_advice") and not button,
        "refused": intent == "out_of_scope" and not button,
        "missed": False,
        "down": False,
        "up": False,
        "rephrased": False,
        "meant": None,
    }


def _judged(found: List[messages.Row], row: messages.Row, event: Event) -> None:
    """Notes a verdict at the message whose answer it is about."""
    if row["intent"] not in ("feedback_positive", "feedback_negative"):
        return
    about = _entity(event, "about")
    for earlier in reversed([other for other in found if other["id"] < row["id"]]):
        answers = [name for name in json.loads(earlier["answers"]) if name.startswith("utter_faq_")]
        if about in answers or (about is None and answers):
            earlier["up" if row["intent"] == "feedback_positive" else "down"] = True
            return


def _entity(event: Event, name: str) -> Optional[str]:
    found = (event.get("parse_data") or {}).get("entities") or ()
    return next((entity["value"] for entity in found if entity["entity"] == name), None)


def _meant(asked: Event, following: messages.Row) -> Optional[str]:
    """Returns the intent whose button the patient pressed when asked what was meant; another button says nothing of it."""
    offered = (asked.get("parse_data") or {}).get("options") or ()
    return following["intent"] if following["button"] and following["intent"] in offered else None


def _again(row: messages.Row, following: messages.Row) -> bool:
    """Returns whether `following` asks right afterwards what `row` asked: one's best guess is among the other's best."""
    if row["button"] or following["button"] or following["at"] - row["at"] > _SOON:
        return False
    if not all(str(one["intent"]).startswith(_QUESTIONS) for one in (row, following)):
        return False
    first, second = ([name for name, _ in json.loads(one["ranking"])[:3]] for one in (row, following))
    return bool(first and second) and (first[0] in second or second[0] in first)
