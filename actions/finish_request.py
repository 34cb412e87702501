"""Stores a request the patient agreed to, and only then says that it was sent."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import SQLAlchemyError

from actions.shared import language, nothing_of_the_request
from bot.scheduling import hours, wording
from bot.scheduling.form import CONSENT, SLOTS, as_data
from bot.settings import settings
from bot.store import requests

logger = logging.getLogger(__name__)


class ActionFinishRequest(Action):
    """Puts the request into the staff's queue and the outbox; sent twice, it is stored once."""

    def name(self) -> Text:
        """Returns the action's name in the domain."""
        return "action_finish_request"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Returns empty slots, or the filled ones without the consent if nothing could be stored."""
        clinic, code = settings().clinic, language(tracker)
        values = {slot: tracker.get_slot(slot) for slot in SLOTS}
        if values[CONSENT] is not True or not values["request_draft"]:
            return []
        targets, reference = clinic.requests.targets, tracker.get_slot("request_changes")
        try:
            request = requests.change(reference, as_data(values), targets) if reference else None
            new = request is None
            if request is None:
                kind = values["request_kind"] or "appointment"
                draft = (tracker.sender_id, values["request_draft"], kind, code, as_data(values))
                request, new = requests.create(*draft, targets)
        except SQLAlchemyError:
            logger.exception("a request of conversation %s could not be stored", tracker.sender_id)
            dispatcher.utter_message(response="utter_request_failed")
            return [SlotSet(CONSENT, None)]
        moment = hours.now(clinic)
        opens = None if hours.is_open(clinic, moment) else hours.next_opening(clinic, moment)
        said = f"utter_request_sent_{request.kind}" if new else "utter_request_replaced"
        expected = wording.label("expected_closed" if opens else "expected_open", code).format(
            opens=wording.moment(opens, code) if opens else "", hours=clinic.requests.answer_within_hours
        )
        dispatcher.utter_message(response=said, reference=request.reference, expected=expected)
        return [*nothing_of_the_request(), SlotSet("request_changes", None), SlotSet("request_reference", request.reference)]
