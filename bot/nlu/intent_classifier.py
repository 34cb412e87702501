"""Step 7: which intent, and how surely."""
from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional, Sequence, Text, Union

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize_scalar
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.nlu.properties import with_clauses
from bot.nlu.sentence_featurizer import dense

logger = logging.getLogger(__name__)
Matrix = Union[np.ndarray, scipy.sparse.csr_matrix]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedIntentClassifier(GraphComponent, IntentClassifier):
    """A linear support vector machine on all sentence features, with a temperature that makes its confidence true.

    One against the rest, with balanced class weights, which keep large intents from swallowing small ones. The
    confidence is the softmax of the margins over a temperature. The temperature (Guo et al. 2017, "On
    calibration of modern neural networks") is fitted on examples each held out from the model that scores it, so a
    confidence of 0.8 is right about eight times in ten on sentences it has not seen.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults.

        `C`: inverse strength of regularisation. `folds`: parts for fitting the temperature. `ranking_length`: intents
        that are kept.
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
        """Fits the regression on all examples and its temperature on held-out ones.

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
        held_out = np.empty((len(labels), len(self._intents)))
        folds = StratifiedKFold(self._config["folds"], shuffle=True, random_state=0)
        for number, (fit, score) in enumerate(folds.split(features, labels), 1):
            logger.info("intent classifier: calibration, part %d of %d", number, self._config["folds"])
            held_out[score] = self._fit(features[fit], labels[fit]).decision_function(features[score])
        self._temperature = fit_temperature(held_out, np.searchsorted(self._intents, labels))
        logger.info("intent classifier: temperature %.2f; fitting on all examples", self._temperature)
        model = self._fit(features, labels)
        self._weights, self._bias = model.coef_.astype(np.float32), model.intercept_
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
        everything = [message for message in with_clauses(messages) if message.features]
        if not everything:
            return messages
        for message, probabilities in zip(everything, softmax(self._scores(everything) / self._temperature)):
            best = np.argsort(-probabilities)[: self._config["ranking_length"]]
            ranking = [{"name": self._intents[i], "confidence": float(probabilities[i])} for i in best]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _fit(self, features: Matrix, labels: np.ndarray) -> LinearSVC:
        # A finer tolerance takes half as long again and changes no prediction.
        return LinearSVC(C=self._config["C"], class_weight="balanced", tol=1e-2, random_state=0).fit(features, labels)

    def _features(self, messages: Sequence[Message]) -> Matrix:
        """Returns an array or sparse matrix of shape (messages, dimensions)."""
        vectors, spelling = dense(messages), self._spelling(messages)
        return vectors if spelling is None else scipy.sparse.hstack([vectors, spelling]).tocsr()

    @staticmethod
    def _spelling(messages: Sequence[Message]) -> Optional[scipy.sparse.csr_matrix]:
        """Returns the sparse features, shape (messages, n-grams), or None where the pipeline makes none."""
        sparse = [message.get_sparse_features(TEXT)[1] for message in messages]
        if any(feature is None for feature in sparse):
            return None
        return scipy.sparse.vstack([feature.features for feature in sparse]).tocsr()

    def _scores(self, messages: Sequence[Message]) -> np.ndarray:
        """Returns the margins, shape (messages, intents)."""
        vectors, spelling = dense(messages), self._spelling(messages)
        width = vectors.shape[1]
        scores = vectors @ self._weights[:, :width].T + self._bias
        return scores if spelling is None else scores + spelling @ self._weights[:, width:].T


def softmax(scores: np.ndarray) -> np.ndarray:
    """Returns probabilities, each row of `scores` (messages, intents) to sum 1."""
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def fit_temperature(scores: np.ndarray, truth: np.ndarray, *, limits: Optional[Sequence[float]] = None) -> float:
    """Returns the temperature that makes `scores` (messages, intents) likeliest given `truth` (messages), int."""

    def loss(log_temperature: float) -> float:
        probabilities = softmax(scores / np.exp(log_temperature))
        return float(-np.log(probabilities[np.arange(len(truth)), truth] + 1e-12).mean())

    low, high = limits or (0.05, 20.0)
    return float(np.exp(minimize_scalar(loss, bounds=(np.log(low), np.log(high)), method="bounded").x))
