"""Step 2: the words of a message, by the rules of its language."""
from __future__ import annotations

from functools import lru_cache
from threading import Thread
from typing import Any, Dict, List, Text

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language

from bot.nlu.languages import LANGUAGES, straighten
from bot.nlu.properties import LANGUAGE


@lru_cache(maxsize=None)
def _blank(code: str) -> Language:
    return spacy.blank(code)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class LanguageAwareTokenizer(Tokenizer):
    """Splits with spaCy's rules for the message's language and lower-cases by its letters.

    French elisions become words of their own (l' / opération), Turkish İ and I become i and ı. Characters that have
    no word in them give no token.
    """

    def __init__(self, config: Dict[Text, Any]) -> None:
        super().__init__(config)
        # spaCy's French rules take seconds to load; the first patient who writes French must not wait for them.
        Thread(target=lambda: [_blank(code) for code in LANGUAGES], daemon=True).start()

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults every Rasa tokenizer has."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def required_packages() -> List[Text]:
        """Returns the packages it needs."""
        return ["spacy"]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Returns the examples as they are: no step learns from tokens, and Rasa would hash each of them at each step."""
        return training_data

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """Returns the tokens of `attribute` in lower case; offsets are those of the straightened text."""
        code = message.get(LANGUAGE)
        code = code if code in LANGUAGES else "en"
        lower = LANGUAGES[code].lower
        doc = _blank(code)(straighten(message.get(attribute) or ""))
        return [Token(lower(token.text), token.idx) for token in doc if not token.is_space]
