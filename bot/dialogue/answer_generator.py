"""The words of an action: the catalogue's responses as they are on disk now, in the language of the conversation."""
from __future__ import annotations

import copy
from typing import Any, Dict, Optional, Text

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.answer_book import Responses, book
from bot.answers import Catalogue
from bot.nlu.properties import LANGUAGE, OPTIONS
from bot.scheduling.form import SPOKEN, by_chat
from bot.settings import settings

_ASK_CONTACT = "utter_ask_request_contact"


class _Escaped(Responses):
    """Payloads like ``/faq_risks{"choice": "x"}`` are no placeholders, though they look so."""

    def made(self, catalogue: Catalogue) -> Dict[str, Any]:
        responses = super().made(catalogue)
        for variation in (variation for variations in responses.values() for variation in variations):
            variation["buttons"] = [
                {**button, "payload": button["payload"].replace("{", "{{").replace("}", "}}")}
                for button in variation.get("buttons", ())
            ]
        return responses


class AnswerGenerator(TemplatedNaturalLanguageGenerator):
    """Rasa's template generator over the answers as they are now: an edit needs no training and no restart.

    Raises:
        CatalogueError: an answer or language is missing; the server then does not start.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        self._words = _Escaped()
        super().__init__(self._words.now())

    @property
    def responses(self) -> Dict[Text, Any]:
        """The words that are on disk."""
        return self._words.now()

    @responses.setter
    def responses(self, _: Any) -> None:
        """Keeps them: when it loads a model, Rasa puts the words here that were in use when it was trained."""

    async def generate(
        self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text, **kwargs: Any
    ) -> Optional[Dict[Text, Any]]:
        """Returns the message for `utter_action`; "did you mean" gets the buttons of this very question.

        It is in the language of the conversation, or in that which an action names by the argument `spoken`.
        """
        if utter_action == _ASK_CONTACT and by_chat(output_channel, tracker.get_slot("request_kind")):
            utter_action = f"{_ASK_CONTACT}_chat"
        slots = tracker.current_slot_values()
        slots[LANGUAGE] = kwargs.pop(SPOKEN, None) or slots.get(LANGUAGE)
        message = self.generate_from_slots(utter_action, slots, output_channel, **kwargs)
        if utter_action == "utter_did_you_mean" and message is not None:
            options = (tracker.latest_message.parse_data or {}).get(OPTIONS) or () if tracker.latest_message else ()
            language = slots[LANGUAGE] or settings().clinic.default_language
            message = copy.deepcopy(message)
            message["buttons"] = [
                {"title": book().now().title(intent, language), "payload": f"/{intent}"} for intent in options
            ]
        return message
