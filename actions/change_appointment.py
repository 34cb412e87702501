"""Shows, changes or withdraws a request: the one made in this conversation, or one whose reference is given."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Text
from uuid import uuid4

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import choice, language, words
from bot.nlu.languages import fold
from bot.scheduling import references, wording
from bot.scheduling.form import FORM, as_slots
from bot.scheduling.words import likely_first
from bot.store import requests
from bot.store.requests import OPEN, Request


class ActionChangeAppointment(Action):
    """Whoever knows the reference may see its state and withdraw it; names and contacts are never shown to them."""

    def name(self) -> Text:
        """Returns the action's name in the domain."""
        return "action_change_appointment"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Returns what comes next: nothing, the question whether to withdraw, or the form with what is known."""
        given = words(tracker)
        request = self._meant(tracker, given)
        if request is None:
            unknown = references.written(given)
            dispatcher.utter_message(response="utter_reference_unknown" if unknown else "utter_change_appointment")
            return []
        about = SlotSet("request_reference", request.reference)
        wish = choice(tracker) or self._wish(tracker)
        if request.state not in OPEN:
            wish = None
        if wish == "withdraw":
            return [about, FollowupAction("utter_ask_withdraw")]
        if wish == "change" and request.conversation == tracker.sender_id:
            slots = [SlotSet(slot, value) for slot, value in as_slots(request.data).items()]
            kind = [SlotSet("request_kind", request.kind), SlotSet("request_draft", uuid4().hex)]
            return [about, *slots, *kind, SlotSet("request_changes", request.reference), FollowupAction(FORM)]
        code = language(tracker)
        dispatcher.utter_message(
            response="utter_request_status" if request.state in OPEN else "utter_request_closed",
            reference=request.reference,
            state=wording.label(f"state_{request.state}", code),
            details=wording.windows(request.data.get("when", []), code) or "–",
        )
        return [about]

    @staticmethod
    def _meant(tracker: Tracker, given: str) -> Optional[Request]:
        named = next(filter(None, map(requests.find, references.possible(given))), None)
        if named or references.written(given):
            return named
        mine = requests.of(tracker.sender_id)
        last = tracker.get_slot("request_reference")
        return next((r for r in mine if r.reference == last), None) or next(iter(mine), None)

    @staticmethod
    def _wish(tracker: Tracker) -> Optional[str]:
        text = fold(words(tracker))
        for module in likely_first(language(tracker)):
            for pattern, wish in ((module.WITHDRAW, "withdraw"), (module.CHANGE, "change")):
                if re.search(pattern, text):
                    return wish
        return None
