"""Everything that is kept of a person's conversation, for the person: what the law of data protection lets them ask for."""
from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any, Dict, Mapping, Optional

from bot.store import feedback, handovers, messages, requests, retention, review, transcripts
from bot.store.channels import channel

_OF_STAFF = ("staff", "proposer", "approver", "taken_by")  # columns with names of staff: they are somebody else's data
_JSON = ("data", "summary", "payload", "choices", "ranking", "answers")  # columns that hold JSON


def find(words: str) -> Optional[str]:
    """Returns the conversation that `words` names: by its own name, or by the reference of a request made in it."""
    words = words.strip()
    request = requests.find(words.upper())
    if request:
        return request.conversation
    return words if retention.of(words) else None


def collect(conversation: str) -> Dict[str, Any]:
    """Returns all of it, with nothing redacted, as JSON can hold it; times are seconds since 1970.

    First what reads well; under "records" every other row by kind (bot/store/retention.py) and table, without names of
    staff. What is sealed stays so.
    """
    known = {row["id"]: row for row in messages.of(conversation)}

    def understood(number: Optional[int]) -> Dict[str, Any]:
        row = known.get(number or 0)
        names = ("language", "intent", "confidence", "red_flag")
        return {name: row[name] for name in names} if row else {}

    return {
        "conversation": conversation,
        "channel": channel(conversation),
        "language": (messages.conversation(conversation) or {}).get("language"),
        "exported_at": time.time(),
        "messages": [
            {"at": line.at, "from": line.who, "text": line.text, "button": line.button, **understood(line.number)}
            for line in transcripts.read(conversation)
        ],
        "requests": [
            {**request.as_json(), "changed_at": request.changed_at} for request in requests.every(conversation)
        ],
        "feedback": [
            {"at": str(row["given_at"]), "answer": row["answer"], "helpful": row["helpful"]}
            for row in feedback.of(conversation)
        ],
        "asked_for_a_person": [
            {"at": held.at, "state": held.state, "ended_at": held.ended_at, **held.summary}
            for held in handovers.history(conversation)
        ],
        "notes_of_staff": [{"at": row.at, "text": row.text} for row in review.notes(conversation)],
        "tags": review.tags(conversation),
        "records": {
            kind: {table: [_record(row) for row in stored] for table, stored in tables.items()}
            for kind, tables in retention.rows(conversation).items()
        },
    }


def _record(row: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: _value(name, value) for name, value in row.items() if name not in _OF_STAFF}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.loads(value) if name in _JSON and value is not None else value
