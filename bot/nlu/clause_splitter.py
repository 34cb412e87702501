"""Step 4: the clauses of a message that may hold more than one question."""
from __future__ import annotations

import re
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.languages import LANGUAGES, fold, straighten
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
        return {"min_words": 3, "max_clauses": 6}

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
        joins = LANGUAGES.get(message.get(LANGUAGE) or "en", LANGUAGES["en"]).SPLIT_BEFORE
        tokens: List[Token] = message.get(TOKENS_NAMES[TEXT]) or []
        clauses: List[List[Token]] = [[]]
        for position, token in enumerate(tokens):
            after = tokens[position + 1].text if position + 1 < len(tokens) else ""
            opens = fold(token.text) in joins and not after.startswith("-")  # "puis" opens a clause, "puis-je" asks
            if clauses[-1] and (opens or clauses[-1][-1].text[0] in _PUNCTUATION) and token.text[0] not in _PUNCTUATION:
                clauses.append([])
            clauses[-1].append(token)
        text = straighten(message.get(TEXT) or "")
        return [text[clause[0].start : clause[-1].end] for clause in self._join_short(clauses) if clause]

    def _join_short(self, pieces: List[List[Token]]) -> List[List[Token]]:
        clauses: List[List[Token]] = []
        for piece in pieces:
            if clauses and (self._short(piece, clauses[-1]) or self._short(clauses[-1], clauses[-1])):
                clauses[-1] = clauses[-1] + piece
            else:
                clauses.append(piece)
        return clauses

    def _short(self, clause: List[Token], before: List[Token]) -> bool:
        """Returns whether `clause` is too short for a question; at the end of a sentence, fewer words make one."""
        least = self._min_words - (before[-1].text[0] in _SENTENCE_END)
        return sum(bool(re.match(r"\w", token.text)) for token in clause) < least
