"""One turn, the same for every channel: clean what came in, run it, collect what goes out, never leave in silence."""
from __future__ import annotations

import logging
import re
import unicodedata
from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple

from rasa.core.channels.channel import OutputChannel, UserMessage
from sqlalchemy.exc import SQLAlchemyError

from bot.answer_book import Responses, book
from bot.errors import AssistantError
from bot.learning.erasing import erase
from bot.nlu.properties import MISSED_AT, WITH_A_PERSON
from bot.nlu.red_flags import RedFlags, Rule
from bot.settings import RED_FLAGS
from bot.store import handovers

logger = logging.getLogger(__name__)
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
NOT_ERASED = (SQLAlchemyError, OSError, AssistantError)  # what `erase` may raise

_LONGEST = 10_000  # characters that are read at all; the pipeline asks for shorter messages long before


def clean(text: str) -> str:
    """Returns what the patient wrote, safe to hand on.

    Control characters go. So does a slash at the start: Rasa takes such text for a command, and a patient's words
    never are one.
    """
    text = unicodedata.normalize("NFC", text[:_LONGEST])
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    return re.sub(r"^[\s/]+", "", text).rstrip()


class Collector(OutputChannel):
    """Keeps the messages of one turn, in order, for a channel that sends them together."""

    def __init__(self, name: str) -> None:
        self._name, self.messages = name, []  # type: str, List[Dict[str, Any]]

    def name(self) -> str:  # type: ignore[override]
        """Returns the channel's name."""
        return self._name

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Keeps `message` as the dialogue made it: text, buttons and metadata."""
        self.messages.append(message)


class Turns:
    """Runs turns; holds the last words for when the rest is broken."""

    def __init__(self) -> None:
        self._responses, self._documents = Responses(), book().delivered.documents
        self._red_flags = RedFlags.load(RED_FLAGS)

    async def run(self, on_new_message: OnNewMessage, message: UserMessage, collector: Collector) -> List[Dict[str, Any]]:
        """Returns the messages that answer `message`; only the last keeps its buttons.

        There is at least one, unless a person has the conversation: then the assistant notes what the patient writes, and
        speaks in an emergency only. A turn that fails, or cannot be kept because the database is away, still recognises a
        red flag; else it apologises and names the clinic's phone.
        """
        language = (message.metadata or {}).get("language")
        try:
            taken, rule = self._with_a_person(message)
        except SQLAlchemyError:  # nothing that is said now could be kept, and what was said before cannot be known
            logger.exception("cannot read who has conversation %s", message.sender_id)
            return [self.last_words(message.text or "", language)]
        try:
            await on_new_message(message)
        except Exception:  # the patient must not meet silence, whatever broke; the operator meets the traceback
            logger.exception("turn failed in conversation %s", message.sender_id)
        if taken:
            if rule and not collector.messages:
                collector.messages.append(self._urgent(rule, message.text or "", language))
            self._overheard(message, collector.messages)
            return collector.messages
        if not collector.messages:
            collector.messages.append(self.last_words(message.text or "", language))
        for earlier in collector.messages[:-1]:
            earlier["buttons"] = []
        return [self._erased(message, said) for said in collector.messages]

    def _with_a_person(self, message: UserMessage) -> Tuple[bool, Optional[Rule]]:
        """Returns whether staff have the conversation, and the red flag that they, or who waits for them, must see.

        `message` then says so to the dialogue; if they never came, when the patient was told.
        """
        held, missed_at = handovers.standing(message.sender_id)
        known = {WITH_A_PERSON: held.state == "taken"} if held else {MISSED_AT: missed_at}
        message.metadata = {**(message.metadata or {}), **known}
        rule = self._red_flags.match(message.text or "") if held else None
        if rule:
            handovers.note_red_flag(message.sender_id, rule.id)
        return bool(known.get(WITH_A_PERSON)), rule

    @staticmethod
    def _overheard(message: UserMessage, said: List[Dict[str, Any]]) -> None:
        try:
            handovers.overheard(message.sender_id, message.text or "", said)
        except SQLAlchemyError:
            logger.exception("cannot keep a message of conversation %s for the staff", message.sender_id)

    def _erased(self, message: UserMessage, said: Dict[str, Any]) -> Dict[str, Any]:
        """Returns `said`; where it tells that everything was erased, that has been done, now that the turn is over."""
        if (said.get("metadata") or {}).get("kind") != "erased":
            return said
        try:
            return {**said, "text": said["text"].replace("{receipt}", erase(message.sender_id, reachable=True))}
        except NOT_ERASED:
            logger.exception("cannot erase conversation %s", message.sender_id)
            return self.response("utter_failure", said["metadata"].get("language"))

    def document(self, key: str) -> str:
        """Returns the title and publisher of a source, as patients read it."""
        return f"{self._documents[key]['title']} ({self._documents[key]['publisher']})"

    def last_words(self, text: str, language: Optional[str]) -> Dict[str, Any]:
        """Returns what is said when no answer could be made: the emergency answer to a red flag, else an apology."""
        return self.red_flag(text, language) or self.response("utter_failure", language)

    def red_flag(self, text: str, language: Optional[str]) -> Optional[Dict[str, Any]]:
        """Returns the emergency answer to `text`, None if it holds no red flag; needs nothing but the rules."""
        rule = self._red_flags.match(text)
        return self._urgent(rule, text, language) if rule else None

    def _urgent(self, rule: Rule, text: str, language: Optional[str]) -> Dict[str, Any]:
        """Returns the answer to `rule` in the language of what the rules know of `text`: nothing else has read it."""
        return self.response(rule.response, self._red_flags.language(text) or language)

    def response(self, name: str, language: Optional[str]) -> Dict[str, Any]:
        """Returns the response `name` in `language`, or in the clinic's default one, without a running dialogue."""
        return self._responses.say(name, language)
