"""What intents are called for staff: answers by their titles, the rest in words; nobody reads a name with underscores."""
from __future__ import annotations

from typing import Dict, Iterable, List, Sequence, Tuple

from bot.answer_book import book
from bot.answers import Catalogue, fill, spoken
from bot.console.language import _, translations
from bot.settings import settings
from bot.store.messages import DETAIL

# Intents without a topic of the documents that a message may be about.
OTHERS = {
    "emergency": _("Emergency"),
    "uncovered_medical_question": _("Not in the documents"),
    "personal_medical_advice": _("Asks for personal medical advice"),
    "request_appointment": _("Wants an appointment"),
    "change_appointment": _("Wants to change an appointment"),
    DETAIL: _("Says something for a request"),
    "talk_to_human": _("Wants to talk to a person"),
    "clinic_contact": _("Telephone, address, opening hours"),
    "change_language": _("Another language"),
    "capabilities": _("What the assistant can do"),
    "bot_challenge": _("Is this a robot?"),
    "ask_sources": _("Where the answer comes from"),
    "repeat_or_simplify": _("Again, or simpler"),
    "tell_more": _("More about this"),
    "feedback_positive": _("The answer helped"),
    "feedback_negative": _("The answer did not help"),
    "privacy": _("What happens to the data"),
    "erase_my_data": _("Wants the data erased"),
    "stop": _("Stop"),
    "greet": _("Greeting"),
    "goodbye": _("Goodbye"),
    "thank": _("Thanks"),
    "affirm": _("Yes"),
    "deny": _("No"),
    "out_of_scope": _("Not about this"),
    "nlu_fallback": _("Not understood"),
    "nlu_no_words": _("No words"),
    "nlu_too_long": _("Too long"),
    "nlu_other_language": _("Another language than ours"),
}
# What became of a message, or happened in a conversation.
_HAPPENED = {
    "answered": _("Answered"),
    "emergency": _("Emergency"),
    "near_miss": _("Almost an emergency"),
    "unsure": _("Not understood"),
    "chosen": _("Not understood, then chosen"),
    "uncovered": _("Not in the documents"),
    "refused": _("Taken as not about this"),
    "rephrased": _("Asked again"),
    "up": _("Helped"),
    "down": _("Did not help"),
    "appointment": _("Appointment"),
    "other": _("Greetings, requests and the like"),
}
# What a message can be given as the answer it should have got, besides the topics.
_ALSO = (
    *("emergency", "uncovered_medical_question", "personal_medical_advice", "request_appointment", "change_appointment"),
    *("talk_to_human", "clinic_contact", "capabilities", "bot_challenge", "privacy", "erase_my_data", "out_of_scope"),
)


def catalogue() -> Catalogue:
    """Returns the answers as they are now."""
    return book().now()


def title(intent: str, code: str) -> str:
    """Returns what `intent` is called in the language `code`; a name that is not known any more as it is."""
    answer = catalogue().answers.get(intent)
    if answer:
        return answer.question.get(code) or answer.question[settings().clinic.default_language]
    return translations(code).gettext(OTHERS[intent]) if intent in OTHERS else intent


def happened(names: Iterable[str], code: str) -> Dict[str, str]:
    """Returns in words what the kinds, flags or outcomes `names` say of a message, in the order of `names`."""
    return {name: translations(code).gettext(_HAPPENED[name]) for name in names}


def answered(names: Sequence[str], code: str) -> List[str]:
    """Returns what the responses `names` are called: topics by title, the rest left out."""
    topics = dict.fromkeys(name[len("utter_") :].rsplit("_simple", 1)[0].rsplit("_sources", 1)[0] for name in names)
    return [title(topic, code) for topic in topics if topic in catalogue().answers or topic in OTHERS]


def choices(code: str) -> List[Tuple[str, str]]:
    """Returns every answer a message could have got, intent and title, by title."""
    intents = [*catalogue().answers, *_ALSO]
    return sorted(((intent, title(intent, code)) for intent in intents), key=lambda choice: choice[1].casefold())


def exists(intent: str) -> bool:
    """Returns whether a message can be given `intent` as its answer."""
    return intent in catalogue().answers or intent in _ALSO


def text(intent: str, code: str) -> str:
    """Returns the answer to a topic as patients read it; "" if `intent` is none."""
    answer = catalogue().answers.get(intent)
    return fill(spoken(answer.full[code]), settings().clinic, code) if answer else ""


def say(response: str, code: str) -> str:
    """Returns what the response `response` says in the language `code`, in the clinic's default one if it has no such."""
    words: Dict[str, str] = dict(catalogue().replies[response].say)
    code = code if code in words else settings().clinic.default_language
    return fill(words[code].strip(), settings().clinic, code)
