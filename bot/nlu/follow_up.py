"""Step 12: a short question without a subject ("is it dangerous?") is about the last answer, and means what fits it."""
from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Text, Tuple, Type

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message
from spacy.util import get_lang_class

from bot import follow_ups
from bot.answers import topic_of
from bot.nlu.component import UntrainedComponent
from bot.nlu.languages import LANGUAGES, fold
from bot.nlu.properties import LANGUAGE, folded, with_clauses
from bot.settings import FOLLOW_UPS


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FollowUp(UntrainedComponent, IntentClassifier):
    """Gives what is asked in too few words to say of what the intent that fits the last answer, by data/follow_ups.yml.

    A question that names its subject, or anything else beside words such as "it", "how" and "dangerous", keeps its own.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Returns what must stand before it in the pipeline."""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults: how many words such a question has at most."""
        return {"max_words": 8}

    def __init__(self, config: Dict[Text, Any]) -> None:
        super().__init__(config)
        self._meanings = follow_ups.read(FOLLOW_UPS)

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> FollowUp:
        """Creates the component; raises CatalogueError if the file is malformed."""
        return cls(config)

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        """Renames intents in the ranking of each message and clause that is such a question."""
        meant = self._meanings.get(_last_topic(tracker) or "")
        if not meant:
            return messages
        for message in messages:
            for part in with_clauses([message]):
                if (part.get(INTENT) or {}).get(INTENT_NAME_KEY) in meant and self._is_bare(part, message.get(LANGUAGE)):
                    _rename(part, meant)
        return messages

    def _is_bare(self, part: Message, language: Optional[str]) -> bool:
        words = re.findall(r"[^\W\d_]+", folded(part))
        if language is None or not 0 < len(words) <= self._config["max_words"]:
            return False
        common, pattern = _function_words(language), LANGUAGES[language].WITHOUT_SUBJECT
        return all(len(word) == 1 or word in common or pattern.fullmatch(word) for word in words)


def _last_topic(tracker: Optional[DialogueStateTracker]) -> Optional[str]:
    events = reversed(tracker.events) if tracker is not None else ()
    said = (topic_of(str(event.action_name)) for event in events if isinstance(event, ActionExecuted))
    return next(filter(None, said), None)


@lru_cache(maxsize=None)
def _function_words(language: str) -> FrozenSet[str]:
    stop_words = get_lang_class(language).Defaults.stop_words
    return frozenset(word for phrase in stop_words for word in re.findall(r"[^\W\d_]+", fold(phrase)))


def _rename(part: Message, meant: Mapping[str, str]) -> None:
    """Adds each intent's probability to that of the intent it means."""
    together: Dict[str, float] = {}
    for entry in part.get(INTENT_RANKING_KEY) or []:
        name = meant.get(entry[INTENT_NAME_KEY], entry[INTENT_NAME_KEY])
        together[name] = together.get(name, 0.0) + entry[PREDICTED_CONFIDENCE_KEY]
    ranked: List[Tuple[str, float]] = sorted(together.items(), key=lambda pair: -pair[1])
    ranking = [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: value} for name, value in ranked]
    part.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
    part.set(INTENT, ranking[0], add_to_output=True)
