"""Steps 6, 9 and 11: which intent, and how surely."""
from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List, Optional, Sequence, Text

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize_scalar
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.nlu.properties import with_clauses

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedIntentClassifier(GraphComponent, IntentClassifier):
    """A linear support vector machine on all sentence features, with a temperature that makes its confidence true.

    One against the rest, with class weights that are half balanced (see `half_balanced`). The confidence is the softmax
    of the margins over a temperature. The temperature (Guo et al. 2017, "On calibration of modern neural networks") is
    fitted on examples held out from the model that scores them, so a confidence of 0.8 is right about eight times in ten
    on sentences it has not seen. One such part is enough for one number: all three gave the same two digits.

    A pipeline may have several, each after features of its own and all those before it. A message that has not all the
    features a classifier learnt from keeps the intent of the one before.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults.

        `C`: inverse strength of regularisation. `folds`: the temperature is fitted on one of so many parts.
        `ranking_length`: intents that are kept.
        """
        return {"C": 0.7, "folds": 3, "ranking_length": 10}

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Raises InvalidConfigException if a number is out of range."""
        for key, low in (("C", 1e-6), ("folds", 2), ("ranking_length", 3)):
            if not isinstance(config[key], (int, float)) or config[key] < low:
                raise InvalidConfigException(
                    f"CalibratedIntentClassifier: {key}={config[key]!r} must be a number from {low}"
                )

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        self.validate_config(config)
        self._config, self._storage, self._resource = config, storage, resource
        self._intents: Sequence[str] = ()
        self._weights = self._bias = np.empty(0)
        self._temperature = 1.0

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> CalibratedIntentClassifier:
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CalibratedIntentClassifier:
        """Loads weights, bias, temperature and the intents' names, all plain arrays."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / "classifier.npz") as file:
            component._intents = [str(intent) for intent in file["intents"]]
            component._weights, component._bias = file["weights"], file["bias"]
            component._temperature = float(file["temperature"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fits on all examples, and the temperature on held-out ones.

        Raises:
            InvalidConfigException: an intent has fewer examples than there are folds.
        """
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        labels = np.asarray([message.get(INTENT) for message in examples])
        self._intents, counts = np.unique(labels, return_counts=True)
        if counts.min() < self._config["folds"]:
            raise InvalidConfigException(
                f"CalibratedIntentClassifier: '{self._intents[counts.argmin()]}' has {counts.min()} examples, fewer than "
                f"folds={self._config['folds']}; write more in data/nlu/"
            )
        features = self._features(examples)
        learnt, held_out = next(StratifiedKFold(self._config["folds"], shuffle=True, random_state=0).split(features, labels))
        logger.info("intent classifier: fitting on all examples, and on all but %d to calibrate it", len(held_out))
        with ThreadPoolExecutor(os.cpu_count()) as threads:  # liblinear works outside of Python's lock
            whole = threads.submit(self._fit, features, labels)
            part = threads.submit(self._fit, features[learnt], labels[learnt])
            scores = part.result().decision_function(features[held_out])
            model = whole.result()
        self._temperature = fit_temperature(scores, np.searchsorted(self._intents, labels[held_out]))
        logger.info("intent classifier: temperature %.2f", self._temperature)
        self._weights, self._bias = np.ascontiguousarray(model.coef_.T, dtype=np.float32), model.intercept_
        with self._storage.write_to(self._resource) as folder:
            np.savez(
                folder / "classifier.npz",
                intents=np.asarray(self._intents, dtype=str),
                weights=self._weights,
                bias=self._bias,
                temperature=self._temperature,
            )
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets `intent` and a sorted `intent_ranking` on each message and on its clauses."""
        everything = [message for message in with_clauses(messages) if self._has_all_features(message)]
        if not everything:
            return messages
        scores = np.asarray([self._scores(message) for message in everything])
        for message, probabilities in zip(everything, softmax(scores / self._temperature)):
            best = np.argsort(-probabilities)[: self._config["ranking_length"]]
            ranking = [{"name": self._intents[i], "confidence": float(probabilities[i])} for i in best]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _fit(self, features: scipy.sparse.csr_matrix, labels: np.ndarray) -> LinearSVC:
        # A finer tolerance takes half as long again and changes no prediction.
        weights = half_balanced(labels)
        return LinearSVC(C=self._config["C"], class_weight=weights, tol=1e-2, random_state=0).fit(features, labels)

    @staticmethod
    def _features(messages: Sequence[Message]) -> scipy.sparse.csr_matrix:
        """Returns a matrix of shape (messages, dimensions): the vectors, if there are any, then the n-grams."""
        parts = [scipy.sparse.csr_matrix(part) for part in (_vectors(messages), _ngrams(messages)) if part is not None]
        return scipy.sparse.hstack(parts).tocsr()

    def _scores(self, message: Message) -> np.ndarray:
        """Returns the margins, shape (intents,): each feature's share is added where it stands, and none is copied."""
        scores, first = self._bias, 0
        for feature in _in_order(message):
            values, weights = feature.features, self._weights[first : first + feature.features.shape[1]]
            scores = scores + (values.data @ weights[values.col] if feature.is_sparse() else values[0] @ weights)
            first += len(weights)
        return scores

    def _has_all_features(self, message: Message) -> bool:
        return sum(feature.features.shape[1] for feature in message.features) == len(self._weights)


def _in_order(message: Message) -> List[Features]:
    """Returns the features of a message as :meth:`_features` has them: the vectors, then the n-grams."""
    return sorted(message.features, key=lambda feature: feature.is_sparse())


def _vectors(messages: Sequence[Message]) -> Optional[np.ndarray]:
    """Returns the dense sentence features, shape (messages, dimensions), or None where the pipeline has made none yet."""
    features = [message.get_dense_features(TEXT)[1] for message in messages]
    return None if features[0] is None else np.vstack([feature.features for feature in features])


def _ngrams(messages: Sequence[Message]) -> Optional[scipy.sparse.csr_matrix]:
    """Returns the sparse ones, shape (messages, n-grams), or None.

    Put together as plain arrays: SciPy would check each of a hundred thousand little matrices, in ten times as long.
    """
    rows = [[feature.features for feature in message.features if feature.is_sparse()] for message in messages]
    if not rows[0]:
        return None
    widths = [part.shape[1] for part in rows[0]]
    firsts = np.cumsum([0, *widths[:-1]])
    columns = np.concatenate([part.col + first for row in rows for part, first in zip(row, firsts)])
    values = np.concatenate([part.data for row in rows for part in row])
    ends = np.cumsum([0, *(sum(len(part.data) for part in row) for row in rows)])
    return scipy.sparse.csr_matrix((values, columns, ends), shape=(len(rows), sum(widths)))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Returns probabilities, each row of `scores` (messages, intents) to sum 1."""
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def half_balanced(labels: np.ndarray) -> Dict[Any, float]:
    """Returns a weight for each class: the root of the one that makes classes of all sizes weigh the same.

    Without weights large intents swallow small ones; with fully balanced ones each of the thousands of out-of-scope
    sentences and emergencies would count a fifth of what speaks against them, and one in twenty would be lost.
    """
    names, counts = np.unique(labels, return_counts=True)
    return dict(zip(names, np.sqrt(len(labels) / (len(names) * counts))))


def fit_temperature(scores: np.ndarray, truth: np.ndarray, *, limits: Optional[Sequence[float]] = None) -> float:
    """Returns the temperature that makes `scores` (messages, intents) likeliest given `truth` (messages), int."""

    def loss(log_temperature: float) -> float:
        probabilities = softmax(scores / np.exp(log_temperature))
        return float(-np.log(probabilities[np.arange(len(truth)), truth] + 1e-12).mean())

    low, high = limits or (0.05, 20.0)
    return float(np.exp(minimize_scalar(loss, bounds=(np.log(low), np.log(high)), method="bounded").x))
