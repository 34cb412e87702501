"""Step 13, the last: what is answered. Red flags first, then all that is sure enough, else a kind way out."""
from __future__ import annotations

import re
from typing import Any, Dict, List, Text, Type

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu import cuts
from bot.nlu.component import UntrainedComponent
from bot.nlu.language_identifier import emit_language
from bot.nlu.languages import LANGUAGES, fold
from bot.nlu.properties import (
    BY_WORDS,
    CLAUSES,
    DOUBTED,
    EMERGENCY,
    INTENTS,
    LANGUAGE,
    OPTIONS,
    OTHER_LANGUAGE,
    RED_FLAG,
    confidence,
)

OUT_OF_SCOPE = "out_of_scope"
# Set here and nowhere else; the model never predicts them and staff never label them.
UNSURE, NO_WORDS, TOO_LONG, OTHER = "nlu_fallback", "nlu_no_words", "nlu_too_long", "nlu_other_language"
# What a message that may yet be an emergency may be: what is answered in the same way whatever went before.
_MAY_BE = re.compile(cuts.ANSWERABLE.pattern + r"|out_of_scope|thank|greet|goodbye|capabilities|feedback_")
_TOPIC = re.compile(r"faq_")  # also what "did you mean" may offer
_PROBABILITIES = (
    *("answer", "yes", "out_of_scope", "topic_sure", "red_flag_doubt", "red_flag_sure"),
    *("emergency", "emergency_possible", "emergency_unsure", "emergency_sure"),
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FallbackClassifier(UntrainedComponent, IntentClassifier):
    """Turns what the components before it found into the intent, and all `intents`, that are answered.

    The thresholds are probabilities, chosen by cost on held-out questions: see docs/evaluation.md.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Returns what must stand before it in the pipeline."""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults.

        `answer`: below it the patient is asked what was meant; `yes`: below it the same for a yes, which may send a
        request or erase everything. `out_of_scope`: from it a message is not ours, whatever is likelier: a wrong medical
        answer costs more than a refusal.

        `emergency`: from it a message is one even without a red flag, unless it asks about a topic from `topic_sure` on.
        Then, and from `emergency_possible` on, it may yet be one: it is answered, after what to do in case. Where nothing
        is sure enough to be answered, `emergency_unsure` makes it one. A red flag
        is an emergency without the classifier, but doubted, and answered in the same way, where the whole stays below
        `red_flag_doubt`, every clause below `emergency_sure`, and the message is another thing with `red_flag_sure`;
        rules of the groups `never_doubted` are not. In a language that is not served the classifier is believed from
        `emergency_sure` on.

        `several`: evidence, in log-odds, from which a message is cut into questions (see :mod:`bot.nlu.cuts`), and
        `max_questions`, how many are answered in one reply. `max_characters`: of a message.
        """
        return {
            "answer": 0.35,
            "yes": 0.5,
            "out_of_scope": 0.15,
            "emergency": 0.17,
            "emergency_possible": 0.01,
            "emergency_unsure": 0.05,
            "emergency_sure": 0.95,
            "topic_sure": 0.6,
            "red_flag_doubt": 0.003,
            "red_flag_sure": 0.5,
            "never_doubted": ["suicidal"],
            "several": 1.5,
            "max_questions": 3,
            "max_characters": 1_000,
        }

    def __init__(self, config: Dict[Text, Any]) -> None:
        for key in _PROBABILITIES:
            if not 0 < config[key] <= 1:
                raise InvalidConfigException(f"FallbackClassifier: {key}={config[key]!r} must be a probability")
        if not isinstance(config["several"], (int, float)):
            raise InvalidConfigException(f"FallbackClassifier: several={config['several']!r} must be a number")
        super().__init__(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets `intent`, `intents` and, where it is unsure, `options` on each message."""
        for message in messages:
            intents = self._decide(message)
            # They are answered in the order in which they were asked; the message's one intent is the likeliest of them.
            likeliest = max(intents, key=lambda intent: confidence(message, intent["name"]))
            message.set(INTENT, likeliest, add_to_output=True)
            message.set(INTENTS, intents, add_to_output=True)
            if self._may_be_an_emergency(message, intents):
                message.set(DOUBTED, BY_WORDS, add_to_output=True)
            if intents[0]["name"] == UNSURE:
                ranking = message.get(INTENT_RANKING_KEY) or []
                options = [entry["name"] for entry in ranking if _TOPIC.match(entry["name"])]
                message.set(OPTIONS, options[: self._config["max_questions"]], add_to_output=True)
            if intents[0]["name"] == "change_language":
                _emit_wish(message)
        return messages

    def _decide(self, message: Message) -> List[Dict[str, Any]]:
        ranking = message.get(INTENT_RANKING_KEY) or []
        clauses = message.get(CLAUSES) or []
        whole = confidence(message, EMERGENCY)
        flag = message.get(RED_FLAG)
        if flag:
            if not self._doubts(message):
                return [_certain(EMERGENCY)]
            message.set(RED_FLAG, None, add_to_output=True)
            message.set(DOUBTED, flag, add_to_output=True)
        if self._is_an_emergency(message):
            return [{"name": EMERGENCY, "confidence": whole}]
        text = message.get(TEXT) or ""
        if len(text) > self._config["max_characters"]:
            return [_certain(TOO_LONG)]
        if not re.search(r"\w", text) or not ranking:
            return [_certain(NO_WORDS)]
        best = ranking[0]
        if message.get(OTHER_LANGUAGE):
            return [_certain(OTHER)]
        several = self._several(message, clauses)
        if several:
            return several
        if confidence(message, OUT_OF_SCOPE) >= self._config["out_of_scope"]:
            return [{"name": OUT_OF_SCOPE, "confidence": confidence(message, OUT_OF_SCOPE)}]
        if best["confidence"] < self._config["yes" if best["name"] == "affirm" else "answer"]:
            if whole >= self._config["emergency_unsure"]:
                return [{"name": EMERGENCY, "confidence": whole}]  # "did you mean" would say nothing of it
            return [{"name": UNSURE, "confidence": 1 - best["confidence"]}]
        return [best]

    def _is_an_emergency(self, message: Message) -> bool:
        """Whether it is one by the classifier alone."""
        best = (message.get(INTENT_RANKING_KEY) or [{"name": EMERGENCY, "confidence": 0.0}])[0]
        if message.get(OTHER_LANGUAGE):  # which it has not learnt: an emergency must be a sure guess there
            return confidence(message, EMERGENCY) >= self._config["emergency_sure"]
        asked = bool(_TOPIC.match(best["name"])) and best["confidence"] >= self._config["topic_sure"]
        return confidence(message, EMERGENCY) >= self._config["emergency"] and not asked

    def _doubts(self, message: Message) -> bool:
        """Whether the red flag is a false alarm, by all the classifier knows ("two bones collapsed in papa's back")."""
        best = (message.get(INTENT_RANKING_KEY) or [{"name": EMERGENCY, "confidence": 0.0}])[0]
        return (
            message.get(RED_FLAG).split(".")[0] not in self._config["never_doubted"]
            and not message.get(OTHER_LANGUAGE)
            and confidence(message, EMERGENCY) < self._config["red_flag_doubt"]
            and all(confidence(part, EMERGENCY) < self._config["emergency_sure"] for part in message.get(CLAUSES) or ())
            and best["confidence"] >= self._config["red_flag_sure"]
            and bool(_MAY_BE.match(best["name"]))
        )

    def _may_be_an_emergency(self, message: Message, intents: List[Dict[str, Any]]) -> bool:
        """Whether too little speaks for an emergency to answer it as one, and too much to say nothing of it."""
        possible = confidence(message, EMERGENCY) >= self._config["emergency_possible"]
        return possible and all(_MAY_BE.match(intent["name"]) for intent in intents)

    def _several(self, message: Message, clauses: List[Message]) -> List[Dict[str, Any]]:
        """Returns the questions, in order, of the best way to cut the message into two or more; empty if there is none."""
        least, answer, most = (self._config[key] for key in ("several", "answer", "max_questions"))
        return [part.get(INTENT) for part in cuts.best(message, clauses, least=least, answer=answer, most=most)]


def _certain(intent: str) -> Dict[str, Any]:
    return {"name": intent, "confidence": 1.0}


def _emit_wish(message: Message) -> None:
    """Makes the language that is wished for the message's language: its own if named, else the last one named."""
    words = re.findall(r"\w+", fold(message.get(TEXT) or ""))
    named = [code for word in words for code, module in LANGUAGES.items() if word in module.NAMES]
    if named:
        wish = message.get(LANGUAGE) if message.get(LANGUAGE) in named else named[-1]
        message.set(LANGUAGE, wish, add_to_output=True)
        emit_language(message, wish)
