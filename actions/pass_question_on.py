"""Begins to pass a question on to the care team that no document answers."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import before_this_turn
from bot.scheduling.form import FORM


class ActionPassQuestionOn(Action):
    """Takes the question as it was written; the form asks whom to answer and whether it may be sent."""

    def name(self) -> Text:
        """Returns the action's name in the domain."""
        return "action_pass_question_on"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Returns the question as the request's reason."""
        asked = [event for event in before_this_turn(tracker) if event.get("event") == "user"]
        question = (asked[-1].get("text") or "")[:1000] if asked else ""
        dispatcher.utter_message(response="utter_question_begins")
        return [
            SlotSet("request_kind", "question"),
            SlotSet("request_reason", question),
            SlotSet("request_draft", None),
            SlotSet("request_changes", None),
            FollowupAction(FORM),
        ]
