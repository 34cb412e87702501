"""A conversation as it went, for staff: what Rasa logged, and what it did not log and the thread kept."""
from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

import sqlalchemy as sa

from bot.store import handovers, message_log, rasa_events, threads
from bot.store.database import engine
from bot.store.rasa_events import events as _events

PATIENT, ASSISTANT, STAFF = "patient", "assistant", "staff"


@dataclass(frozen=True)
class Line:
    """One thing that was said; `number` is that of the message in the index, None for what is not in it."""

    at: float
    who: str
    text: str
    number: Optional[int] = None
    button: Optional[str] = None  # the intent of a button that was pressed; the text is then its title, if that is known


def read(conversation: str) -> List[Line]:
    """Returns everything that was said in `conversation`, in order; empty if it is unknown. Nothing is redacted."""
    if not rasa_events.logged():
        return []
    logged = _logged(conversation)
    return sorted([*logged, *_unlogged(conversation, logged)], key=lambda line: line.at)


def identifying(conversation: str) -> List[str]:
    """Returns names and contacts the patient gave in `conversation`, for :func:`bot.redaction.redact`."""
    if not rasa_events.logged():
        return []
    with engine().connect() as connection:
        return message_log.identifying(connection, conversation)


def _logged(conversation: str) -> List[Line]:
    query = sa.select(_events).where(_events.c.sender_id == conversation, _events.c.type_name.in_(("user", "bot")))
    lines: List[Line] = []
    titles: Dict[str, str] = {}  # of the buttons offered so far, by intent
    with engine().connect() as connection:
        for event in connection.execute(query.order_by(_events.c.id)):
            data = json.loads(event.data)
            text = data.get("text") or ""
            if event.type_name == "bot":
                lines.append(Line(event.timestamp, ASSISTANT, text))
                titles.update({_intent(b["payload"]): b["title"] for b in (data.get("data") or {}).get("buttons") or ()})
            elif text.startswith("/"):
                lines.append(Line(event.timestamp, PATIENT, titles.get(_intent(text), ""), event.id, _intent(text)))
            else:
                lines.append(Line(event.timestamp, PATIENT, text, event.id))
    return lines


def _unlogged(conversation: str, logged: List[Line]) -> List[Line]:
    """Returns notices, what staff wrote, and what was said to a person and could not be logged."""
    held: List[Tuple[float, float]] = [
        (each.taken_at, each.ended_at or float("inf")) for each in handovers.history(conversation) if each.taken_at
    ]
    since = min((begin for begin, _ in held), default=0.0)
    known = {(line.who, line.button or line.text) for line in logged if line.at >= since}

    def wanted(at: float, event: Dict[str, Any]) -> bool:
        if event.get("pushed"):
            return True
        says = event.get("says") or event["text"]
        said = (event["from"], _intent(says) if says.startswith("/") else says)
        return said not in known and any(begin <= at <= end for begin, end in held)

    return [Line(at, event["from"], event["text"]) for at, event in threads.timed(conversation) if wanted(at, event)]


def _intent(payload: str) -> str:
    return payload.lstrip("/").split("{", 1)[0]
