"""Begins a request to be called back by a person."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.scheduling.form import FORM
from bot.store import handovers


class ActionRequestCallback(Action):
    """Goes on to the form, which asks for a name and a way to reach the patient."""

    def name(self) -> Text:
        """Returns the action's name in the domain."""
        return "action_request_callback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Returns the kind of request; whoever will be called back does not wait here any more."""
        handovers.leave(tracker.sender_id)
        dispatcher.utter_message(response="utter_callback_begins")
        return [SlotSet("request_kind", "callback"), SlotSet("request_changes", None), FollowupAction(FORM)]
