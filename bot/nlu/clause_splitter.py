"""Step 4: the clauses of a message that may hold more than one question."""
from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Text, Tuple

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
from bot.nlu.properties import ASKS, CLAUSES, LANGUAGE

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
        """Sets `clauses` on each message that falls into two or more, and on each of these whether it `asks`."""
        for message in messages:
            texts = self.split(message)
            if 1 < len(texts) <= self._max_clauses:
                message.set(CLAUSES, list(self._clauses(texts, message.get(LANGUAGE))))
        return messages

    @staticmethod
    def _clauses(texts: List[str], language: str) -> Iterator[Message]:
        opens = True  # a question mark speaks for its whole sentence; of a later clause it may be no more than the end
        for text in texts:
            folded = fold(text)
            asks = bool(LANGUAGES.get(language, LANGUAGES["en"]).ASKS.search(folded)) or (opens and folded.endswith("?"))
            yield Message({TEXT: text, LANGUAGE: language, ENTITIES: [], ASKS: asks})
            opens = folded[-1:] in _SENTENCE_END

    def split(self, message: Message) -> List[str]:
        """Returns the texts of the clauses, in order; a fragment too short to be a question joins its neighbour.

        A word before a hyphen opens nothing: French "puis" does, "puis-je" does not.
        """
        module = LANGUAGES.get(message.get(LANGUAGE) or "en", LANGUAGES["en"])
        tokens: List[Token] = message.get(TOKENS_NAMES[TEXT]) or []
        words = [fold(token.text) for token in tokens] + [""]
        clauses: List[Tuple[int, int]] = []  # of tokens, the end excluded
        start = 0
        for here in range(1, len(tokens)):
            before, word, after = words[here - 1 : here + 2]
            opens = f"{word} {after}" in module.SPLIT_BEFORE or (word in module.SPLIT_BEFORE and after[:1] != "-")
            ended = before in module.SPLIT_AFTER or before[0] in _PUNCTUATION
            if word[0] in _PUNCTUATION or not (ended or opens):
                continue
            whole = before in module.SPLIT_AFTER or before[0] in _SENTENCE_END  # then fewer words make a question
            if self._length(words[start:here]) >= self._min_words - whole:
                clauses.append((start, here))
                start = here
        clauses.append((start, len(tokens)))
        if len(clauses) > 1 and self._length(words[start:]) < self._min_words - (words[start - 1][0] in _SENTENCE_END):
            clauses[-2:] = [(clauses[-2][0], len(tokens))]
        text = straighten(message.get(TEXT) or "")
        return [text[tokens[first].start : tokens[end - 1].end] for first, end in clauses if end]

    @staticmethod
    def _length(words: List[str]) -> int:
        return sum(bool(re.search(r"\w", word)) for word in words)
