"""Step 7: of the halves of a piece, those two, if any, that are worth a closer look."""
from __future__ import annotations

from itertools import groupby
from typing import Any, Dict, List, Text, Type

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from bot.nlu import cuts
from bot.nlu.component import UntrainedComponent
from bot.nlu.properties import CLAUSES, HALF_OF


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class HalfChooser(UntrainedComponent, IntentClassifier):
    """Keeps of each piece's halves the best cut, by the intents they have so far, and takes the others off the clauses.

    The steps after it are dear; a piece of ten words has eighteen halves.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Returns what must stand before it in the pipeline."""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults: the `least` evidence of a cut, in log-odds, and the confidence `answer` of its halves."""
        return {"least": -4.0, "answer": 0.35}

    def __init__(self, config: Dict[Text, Any]) -> None:
        for key in ("least", "answer"):
            if not isinstance(config[key], (int, float)):
                raise InvalidConfigException(f"HalfChooser: {key}={config[key]!r} must be a number")
        super().__init__(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Takes the halves that are not chosen off each message's `clauses`."""
        least, answer = self._config["least"], self._config["answer"]
        for message in messages:
            clauses: List[Message] = message.get(CLAUSES)
            if not clauses:
                continue
            kept = [clause for clause in clauses if not clause.get(HALF_OF)]
            halves = (clause for clause in clauses if clause.get(HALF_OF))
            for _, of_one_piece in groupby(halves, key=lambda half: half.get(HALF_OF)):
                kept += cuts.best(message, list(of_one_piece), least=least, answer=answer, most=2)
            message.set(CLAUSES, kept)
        return messages
