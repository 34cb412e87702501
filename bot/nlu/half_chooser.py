"""Step 7: of the halves of a piece, those two, if any, that are worth a closer look."""
from __future__ import annotations

from itertools import groupby
from typing import Any, Dict, List, Text, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from bot.nlu import cuts
from bot.nlu.properties import CLAUSES, HALF_OF


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class HalfChooser(GraphComponent, IntentClassifier):
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
        self._least, self._answer = config["least"], config["answer"]

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> HalfChooser:
        """Creates the component."""
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Takes the halves that are not chosen off each message's `clauses`."""
        for message in messages:
            clauses: List[Message] = message.get(CLAUSES) or []
            kept = [clause for clause in clauses if not clause.get(HALF_OF)]
            halves = (clause for clause in clauses if clause.get(HALF_OF))
            for _, of_one_piece in groupby(halves, key=lambda half: half.get(HALF_OF)):
                kept += cuts.best(message, list(of_one_piece), least=self._least, answer=self._answer, most=2)
            if clauses:
                message.set(CLAUSES, kept)
        return messages
