"""Everything that is kept of a person's conversation, for the person: what the law of data protection lets them ask for."""
from __future__ import annotations

import time
from typing import Any, Dict, Optional

from bot.store import feedback, handovers, messages, requests, retention, review, transcripts
from bot.store.channels import channel


def find(words: str) -> Optional[str]:
    """Returns the conversation that `words` names: by its own name, or by the reference of a request made in it."""
    words = words.strip()
    request = requests.find(words.upper())
    if request:
        return request.conversation
    return words if retention.of(words) else None


def collect(conversation: str) -> Dict[str, Any]:
    """Returns all of it, with nothing redacted, as JSON can hold it; times are seconds since 1970.

    Names of staff are left out: they are somebody else's data.
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
    }
