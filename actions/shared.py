"""What several actions need of the tracker. No action of its own."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from bot.scheduling.form import SLOTS, by_chat
from bot.scheduling.reading import Heard
from bot.settings import settings


def language(tracker: Tracker) -> str:
    """Returns the language of the conversation."""
    return tracker.get_slot("language") or settings().clinic.default_language


def choice(tracker: Tracker) -> Optional[str]:
    """Returns what a button of the assistant said beside its intent; None for anything the patient wrote."""
    if not (tracker.latest_message.get("text") or "").startswith("/"):
        return None
    return next((e["value"] for e in tracker.latest_message.get("entities") or () if e["entity"] == "choice"), None)


def words(tracker: Tracker) -> str:
    """Returns what the patient wrote; nothing for a button."""
    text = tracker.latest_message.get("text") or ""
    return "" if text.startswith("/") else text


def heard(tracker: Tracker) -> Heard:
    """Returns the latest message as the reading of forms takes it."""
    intent = tracker.latest_message.get("intent") or {}
    return Heard(
        words(tracker),
        language(tracker),
        intent.get("name") or "",
        intent.get("confidence") or 0.0,
        choice(tracker),
        by_chat(tracker.get_latest_input_channel(), tracker.get_slot("request_kind")),
    )


def before_this_turn(tracker: Tracker) -> List[Dict[str, Any]]:
    """Returns the events before the patient's latest message."""
    events = tracker.events
    last = max((i for i, event in enumerate(events) if event.get("event") == "user"), default=len(events))
    return events[:last]


def nothing_of_the_request() -> List[EventType]:
    """Returns the events that empty every slot of a request."""
    return [SlotSet(slot, None) for slot in SLOTS]
