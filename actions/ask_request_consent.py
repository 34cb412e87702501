"""Shows a request before it is sent."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import language
from bot.scheduling.form import SLOTS, as_data
from bot.scheduling.wording import summary


class ActionAskRequestConsent(Action):
    """Asks whether everything is right and may be passed on."""

    def name(self) -> Text:
        """Returns the name by which the form finds it."""
        return "action_ask_request_form_request_consent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Says the request line by line."""
        data = as_data({slot: tracker.get_slot(slot) for slot in SLOTS})
        dispatcher.utter_message(response="utter_ask_request_consent", summary=summary(data, language(tracker)))
        return []
