"""Puts the conversation into the staff's queue, or says when they are there and offers a call."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import before_this_turn, choice, language, words
from bot.nlu.languages import fold
from bot.scheduling import hours, wording
from bot.scheduling.words import likely_first
from bot.settings import settings
from bot.store import handovers

_OPEN_QUESTIONS = ("nlu_fallback", "uncovered_medical_question", "personal_medical_advice", "out_of_scope")
_TOPICS = 8


class ActionHandOver(Action):
    """Hands over in the hours in which staff answer here; else the patient can be called back."""

    def name(self) -> Text:
        """Returns the action's name in the domain."""
        return "action_hand_over"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Returns what comes next: an offer to be called back, or nothing while the patient waits."""
        clinic, code = settings().clinic, language(tracker)
        call_me = any(re.search(module.CALL_ME, fold(words(tracker))) for module in likely_first(code))
        if choice(tracker) == "callback" or call_me:
            return [FollowupAction("action_request_callback")]
        moment, staffed = hours.now(clinic), clinic.hand_over_hours()
        if not staffed:
            return [FollowupAction("utter_talk_to_human")]
        if not hours.is_open(clinic, moment, staffed):
            opens = hours.next_opening(clinic, moment, staffed)
            said = wording.moment(opens, code) if opens else clinic.hours(code)
            return [SlotSet("opens", said), FollowupAction("utter_handover_closed")]
        new = handovers.ask(tracker.sender_id, code, summary(tracker), clinic.requests.targets)
        dispatcher.utter_message(response="utter_handover_waiting" if new else "utter_handover_still_waiting")
        return []


def summary(tracker: Tracker) -> Dict[str, Any]:
    """Returns what staff should know first: topics asked, the open question and red flags."""
    done = [e["name"] for e in tracker.events if e.get("event") == "action"]
    topics = [name.replace("utter_", "") for name in done if name.startswith("utter_faq_")]
    asked = [e for e in before_this_turn(tracker) if e.get("event") == "user"]
    open_questions = [e["text"] for e in asked if (e["parse_data"].get("intent") or {}).get("name") in _OPEN_QUESTIONS]
    flags = {e["parse_data"].get("red_flag") for e in asked} - {None}
    return {
        "topics": list(dict.fromkeys(topics))[-_TOPICS:],
        "open_question": open_questions[-1] if open_questions else None,
        "red_flags": sorted(flags),
    }
