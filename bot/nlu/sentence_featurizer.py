"""Steps 8 and 10: what a message means, as one vector shared by all languages."""
from __future__ import annotations

from contextlib import ExitStack, contextmanager
from itertools import combinations
from typing import Any, Dict, Iterator, List, Sequence, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import encoders
from bot.nlu.properties import ASKS, CLAUSES, EMERGENCY, RED_FLAG, SPAN
from bot.nlu.wording import encoded


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Gives each message one dense sentence feature: the chosen encoders' vectors, centred and side by side.

    Each encoder's vectors are centred on the mean of the training examples and made unit length again (a sentence
    encoder's vectors share one large direction that tells nothing), then divided by the root of the encoders' number.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults.

        `encoders`: names from bot.nlu.encoders. `weight`: beside the other features. `unless`: the confidence above which
        the intent that a message has already, from a classifier before this step, spares it the encoding, the dearest
        part of a turn. But a message whose clauses ask different things, by that classifier, is always encoded, and only
        then its clauses are; and so is one that is an emergency by that classifier or by a red flag, but not by both.
        Without a classifier before this step everything is.
        """
        return {
            **DenseFeaturizer.get_default_config(),
            "encoders": ["use", "e5"],
            "weight": 1.0,
            "unless": 1.0,
        }

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Raises InvalidConfigException if an encoder is unknown or none is given, or a number is not in ]0, 1]."""
        unknown = [name for name in config["encoders"] if name not in encoders.names()]
        if unknown or not config["encoders"]:
            raise InvalidConfigException(
                f"SentenceFeaturizer: encoders={config['encoders']!r}; choose from {', '.join(encoders.names())}"
            )
        for key in ("weight", "unless"):
            if not isinstance(config[key], (int, float)) or not 0 < config[key] <= 1:
                raise InvalidConfigException(f"SentenceFeaturizer: {key}={config[key]!r} must lie in ]0, 1]")

    def __init__(
        self,
        config: Dict[Text, Any],
        name: Text,
        storage: ModelStorage,
        resource: Resource,
        centres: Sequence[np.ndarray] = (),
    ) -> None:
        super().__init__(name, config)
        self.validate_config(config)
        self._storage, self._resource = storage, resource
        self._encoders = [encoders.load(encoder) for encoder in config["encoders"]]
        self._centres = list(centres)

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SentenceFeaturizer:
        """Creates an untrained component."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceFeaturizer:
        """Loads the centres learnt in training."""
        with model_storage.read_from(resource) as folder, np.load(folder / "centres.npz") as file:
            centres = [file[name] for name in config["encoders"]]
        return cls(config, execution_context.node_name, model_storage, resource, centres)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the centre of each encoder's vectors."""
        texts = [message.get(TEXT) for message in training_data.training_examples if message.get(TEXT)]
        with self._kept():
            self._centres = [vectors.mean(axis=0) for vectors in self._raw(texts)]
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / "centres.npz", **dict(zip(self._config["encoders"], self._centres)))
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the feature to every training example."""
        with self._kept():  # here, too: where Rasa's cache has the centres, nothing was encoded before this
            self._add([message for message in training_data.training_examples if message.get(TEXT)])
        return training_data

    @contextmanager
    def _kept(self) -> Iterator[None]:
        with ExitStack() as stack:
            for encoder in self._encoders:
                stack.enter_context(encoder.kept())
            yield

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the feature to each message whose intent is not sure enough without it, or that may ask several things."""
        self._add([message for message in self._chosen(messages) if message.get(TEXT)])
        return messages

    def _chosen(self, messages: List[Message]) -> Iterator[Message]:
        for message in messages:
            clauses = message.get(CLAUSES) or []
            if message.get(INTENT_RANKING_KEY) is None or _ask_different_things(clauses):
                yield from (message, *clauses)
            elif not self._is_sure(message):
                yield message

    def _is_sure(self, message: Message) -> bool:
        ranking = message.get(INTENT_RANKING_KEY)
        sure = {intent["name"] for intent in ranking if intent["confidence"] > self._config["unless"]}
        return bool(sure) and (EMERGENCY in sure) == bool(message.get(RED_FLAG))

    def _add(self, messages: List[Message]) -> None:
        if not messages:
            return
        for message, vector in zip(messages, self._centred(self._raw([message.get(TEXT) for message in messages]))):
            message.add_features(Features(vector[np.newaxis], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))

    def _raw(self, texts: Sequence[str]) -> List[np.ndarray]:
        """Returns one array (len(texts), dimensions) an encoder."""
        cut = [encoded(text) for text in texts]
        return [encoder.encode(cut) for encoder in self._encoders]

    def _centred(self, raw: Sequence[np.ndarray]) -> np.ndarray:
        """Returns an array (texts, sum of dimensions) whose rows are as long as the feature's weight."""
        parts: List[np.ndarray] = []
        for vectors, centre in zip(raw, self._centres):
            moved = vectors - centre
            parts.append(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9))
        return (self._config["weight"] * np.concatenate(parts, axis=1) / np.sqrt(len(parts))).astype(np.float32)


def _ask_different_things(clauses: Sequence[Message]) -> bool:
    """Whether two clauses of a message that do not overlap ask, and have different intents."""
    asking = [clause for clause in clauses if clause.get(ASKS)]
    return any(
        one.get(SPAN)[1] <= other.get(SPAN)[0] and one.get(INTENT, {}).get("name") != other.get(INTENT, {}).get("name")
        for one, other in combinations(sorted(asking, key=lambda clause: clause.get(SPAN)), 2)
    )
