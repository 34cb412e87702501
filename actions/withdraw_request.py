"""Withdraws the request that was talked about, after a yes."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.settings import settings
from bot.store import requests


class ActionWithdrawRequest(Action):
    """Tells the clinic as well: every target gets the withdrawal."""

    def name(self) -> Text:
        """Returns the action's name in the domain."""
        return "action_withdraw_request"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Says whether it was withdrawn."""
        reference = tracker.get_slot("request_reference")
        request = requests.withdraw(reference, settings().clinic.requests.targets) if reference else None
        said = "utter_request_withdrawn" if request else "utter_reference_unknown"
        dispatcher.utter_message(response=said, reference=reference or "")
        return [SlotSet("request_reference", None)]
