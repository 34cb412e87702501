"""Step 4: the clauses of a message that may hold more than one question."""
from __future__ import annotations

import re
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.exceptions import InvalidConfigException
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.languages import LANGUAGES, fold
from bot.nlu.properties import CLAUSES, LANGUAGE

_PUNCTUATION = frozenset(".?!;,:…")
_SENTENCE_END = frozenset(".?!;…")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ClauseSplitter(GraphComponent):
    """Sets the message property `clauses`: messages of their own, split at sentence ends, commas and "and".

    It only proposes; whether the clauses are questions of their own is decided by the intents they get. A message
    that cannot be split has no clauses.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults: `min_words` of a clause, and at most `max_clauses` of one message."""
        return {"min_words": 2, "max_clauses": 6}

    def __init__(self, config: Dict[Text, Any]) -> None:
        for key in ("min_words", "max_clauses"):
            if not isinstance(config[key], int) or config[key] < 1:
                raise InvalidConfigException(f"ClauseSplitter: {key}={config[key]!r} must be a whole number from 1")
        self._min_words, self._max_clauses = config["min_words"], config["max_clauses"]

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> ClauseSplitter:
        """Creates the component."""
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets `clauses` on each message that falls into two or more."""
        for message in messages:
            texts = self.split(message)
            if 1 < len(texts) <= self._max_clauses:
                clauses = [Message({TEXT: text, LANGUAGE: message.get(LANGUAGE), ENTITIES: []}) for text in texts]
                message.set(CLAUSES, clauses)
        return messages

    def split(self, message: Message) -> List[str]:
        """Returns the texts of the clauses, in order; a fragment too short to be a question joins its neighbour."""
        module = LANGUAGES.get(message.get(LANGUAGE) or "en", LANGUAGES["en"])
        pieces: List[List[str]] = [[]]
        tokens: List[Token] = message.get(TOKENS_NAMES[TEXT]) or []
        for token in tokens:
            if token.text[0] in _PUNCTUATION:
                pieces[-1].append(token.text)
                pieces.append([])
            elif fold(token.text) in module.SPLIT_BEFORE and pieces[-1]:
                pieces.append([token.text])
            else:
                pieces[-1].append(token.text)
        return self._join_short(pieces)

    def _join_short(self, pieces: List[List[str]]) -> List[str]:
        clauses: List[List[str]] = []
        for piece in pieces:
            words = [word for word in piece if re.match(r"\w", word)]
            ended = bool(clauses) and clauses[-1][-1] in _SENTENCE_END
            if not piece:
                continue
            if clauses and (len(words) < self._min_words or self._too_short(clauses[-1])) and not (
                ended and len(words) >= self._min_words and not self._too_short(clauses[-1])
            ):
                clauses[-1] = clauses[-1] + piece
            else:
                clauses.append(piece)
        return [" ".join(clause) for clause in clauses]

    def _too_short(self, clause: List[str]) -> bool:
        return sum(bool(re.match(r"\w", word)) for word in clause) < self._min_words
