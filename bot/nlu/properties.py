"""The properties that components of the pipeline leave on a message for the ones after them."""
from __future__ import annotations

from typing import Iterator, List

from rasa.shared.nlu.constants import INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.languages import fold
from bot.nlu.wording import said

EMERGENCY = "emergency"  # the intent of which rules and classifier both judge
LANGUAGE = "language"  # code of the language the message is answered in
OTHER_LANGUAGE = "other_language"  # True if it is written in a language that is not served
RED_FLAG = "red_flag"  # id of the red-flag rule that matched, or None
DOUBTED = "doubted"  # what may yet be an emergency: id of the red-flag rule that the classifier overrules, or BY_WORDS
BY_WORDS = "classifier"  # no rule matched, and the classifier finds it possible, not likely
CLAUSES = "clauses"  # Messages: every run of neighbouring pieces, and halves of pieces, that may be questions of their own
FOLDED = "folded"  # of a clause: what it says, folded
SPAN = "span"  # of a clause: its first token, and the one after its last
HALF_OF = "half_of"  # of a clause: the span of the piece that it is half of, cut between two words; else None
ASKS = "asks"  # of a clause: True if it asks for something, by its words or, but for a half, its question mark
INTENTS = "intents"  # all that will be answered, in order: [{"name": …, "confidence": …}]
OPTIONS = "options"  # intents to offer as "did you mean", best first
MISSED_AT = "missed_at"  # in the metadata: when the patient was told that nobody of the staff came, seconds since 1970
WITH_A_PERSON = "with_a_person"  # in the metadata: whether a person has the conversation
ABOUT = "about"  # an entity: the response that the button below an answer is about


def with_clauses(messages: List[Message]) -> Iterator[Message]:
    """Yields each message, then its clauses, which are featurized and classified in the same way."""
    for message in messages:
        yield message
        yield from message.get(CLAUSES) or ()


def folded(message: Message) -> str:
    """Returns what `message` says, folded and without the courtesy around it; a clause brings it along."""
    return message.get(FOLDED) or fold(said(message.get(TEXT)))


def confidence(message: Message, intent: str) -> float:
    """Returns the probability of `intent`, 0 if it is not in the ranking."""
    ranking = message.get(INTENT_RANKING_KEY) or []
    return next((entry["confidence"] for entry in ranking if entry["name"] == intent), 0.0)
