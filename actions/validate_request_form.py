"""The request form: reads each message, sets what it says, and decides what is asked next."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Text
from uuid import uuid4

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import before_this_turn, heard
from bot.scheduling import hours
from bot.scheduling.form import CONSENT, FORM, SLOTS, SPOKEN, step
from bot.scheduling.reading import Heard, Reading, read
from bot.settings import settings

_SAYS_NO_LANGUAGE = ("request_name", "request_caller", "request_contact")
_FEW = 2  # words; "retour" and "mardi matin" are too few to tell a language by
_NO_SENSE = ("nlu_fallback", "nlu_other_language", "nlu_no_words", "out_of_scope")
_POLITE = ("thank", "greet", "affirm", "deny", "repeat_or_simplify", "change_language", "request_appointment", "tell_more")
_PROBLEMS = {
    "request_name": ("unclear",),
    "request_caller": ("unclear",),
    "request_contact": ("unclear",),
    "request_when": ("unclear", "past", "today", "far", "closed"),
}


class ValidateRequestForm(Action):
    """Sets slots and "requested_slot"; says only what is wrong, the form asks the next question itself."""

    def name(self) -> Text:
        """Returns the action's name in the domain."""
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Returns the slots to set. Called on activation, on each answer, and after a question in between."""
        clinic = settings().clinic
        asked, kind = tracker.get_slot("requested_slot"), tracker.get_slot("request_kind")
        values = {slot: tracker.get_slot(slot) for slot in SLOTS}
        message, in_between = heard(tracker), bool(asked) and self._other_actions(tracker)
        reading = Reading()
        if not in_between and (asked or kind == "appointment"):
            reading = read(asked, message, clinic, hours.now(clinic).date())
        changed = step(kind, asked, values if asked else {**values, CONSENT: None}, reading)
        if not asked:
            changed[CONSENT] = None
        # Set each time: a form whose validation sets nothing but the next question would be taken for rejected.
        changed["request_draft"] = values["request_draft"] or uuid4().hex
        events: List[EventType] = [SlotSet(slot, value) for slot, value in changed.items()]
        if asked and not in_between:
            spoken = self._language(tracker, asked, reading, message)
            self._complain(dispatcher, asked, reading, message, spoken)
            events.append(SlotSet("language", spoken))
        if changed["requested_slot"] is None:
            events.append(FollowupAction("action_finish_request"))
        return events

    @staticmethod
    def _complain(dispatcher: CollectingDispatcher, asked: str, reading: Reading, message: Heard, spoken: str) -> None:
        if reading.values or reading.again or (message.intent in _POLITE and not reading.problem):
            return
        problem = reading.problem or "unclear"
        known = problem in _PROBLEMS.get(asked, ())
        response = f"utter_{asked}_{problem}" if known else "utter_request_unclear"
        dispatcher.utter_message(response=response, **{SPOKEN: spoken})

    @staticmethod
    def _other_actions(tracker: Tracker) -> bool:
        """Whether a question was answered in this turn before the form came back."""
        turn = tracker.events[len(before_this_turn(tracker)) :]
        done = [event["name"] for event in turn if event.get("event") == "action"]
        return any(name not in (FORM, "action_listen", "action_extract_slots") for name in done)

    @classmethod
    def _language(cls, tracker: Tracker, asked: str, reading: Reading, message: Heard) -> str:
        """Returns the language to go on in. A name, a few words or gibberish make nobody a speaker of another one."""
        before = cls._language_before(tracker)
        if before is None or not message.text or message.intent == "change_language":
            return message.language
        few = len(re.findall(r"[^\W\d_]{2,}", message.text)) <= _FEW
        gibberish = not reading and message.intent in _NO_SENSE
        named = asked in _SAYS_NO_LANGUAGE and asked in reading.values
        return before if few or gibberish or named else message.language

    @staticmethod
    def _language_before(tracker: Tracker) -> Optional[str]:
        set_to = [e["value"] for e in before_this_turn(tracker) if e.get("event") == "slot" and e["name"] == "language"]
        return set_to[-1] if set_to else None
