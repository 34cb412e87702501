"""Stores whether an answer helped."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.store import feedback


class ActionRecordFeedback(Action):
    """Stores the verdict of the last message with the answer it is about: the one whose button was pressed, or the last."""

    def name(self) -> Text:
        """Returns the action's name in the domain."""
        return "action_record_feedback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[Dict[Text, Any]]:
        """Writes to the database; says nothing, the rule's response does."""
        feedback.record(
            tracker.sender_id,
            next(tracker.get_latest_entity_values("about"), None) or _last_answer(tracker),
            tracker.get_slot("language"),
            helpful=tracker.get_intent_of_latest_message() == "feedback_positive",
        )
        return []


def _last_answer(tracker: Tracker) -> Optional[str]:
    names = [event["name"] for event in tracker.events if event.get("event") == "action"]
    return next((name for name in reversed(names) if name.startswith("utter_")), None)
