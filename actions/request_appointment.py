"""Begins an appointment request, unless one is open already."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import choice, language
from bot.scheduling import wording
from bot.scheduling.form import FORM
from bot.settings import settings
from bot.store import requests


class ActionRequestAppointment(Action):
    """Goes on to the form, or shows the request that was made before."""

    def name(self) -> Text:
        """Returns the action's name in the domain."""
        return "action_request_appointment"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Returns what comes next; a clinic that books by its own page only gets no request."""
        if settings().clinic.requests.by_link_only:
            dispatcher.utter_message(response="utter_booking_link")
            return []
        earlier = [request for request in requests.of(tracker.sender_id) if request.kind == "appointment"]
        if earlier and choice(tracker) != "another":
            code = language(tracker)
            dispatcher.utter_message(
                response="utter_request_open",
                reference=earlier[0].reference,
                state=wording.label(f"state_{earlier[0].state}", code),
                details=wording.windows(earlier[0].data.get("when", []), code),
            )
            return [SlotSet("request_reference", earlier[0].reference)]
        begun = tracker.get_slot("request_kind") == "appointment" and tracker.get_slot("request_name")
        dispatcher.utter_message(response="utter_request_resumed" if begun else "utter_request_begins")
        return [SlotSet("request_kind", "appointment"), SlotSet("request_changes", None), FollowupAction(FORM)]
