"""Step 5: how a message is worded and spelt, as n-grams of words or characters of its folded text."""
from __future__ import annotations

import re
from collections import Counter
from copy import copy
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Text, Tuple

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.properties import folded, with_clauses


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(SparseFeaturizer, GraphComponent):
    """Gives each message one sparse sentence feature: TF-IDF of the n-grams of its words, or of the characters in them.

    The text is folded first, so the same word typed with and without diacritics, or in capitals, is the same. By
    characters, a misspelt or inflected word still shares most of its n-grams with the right one; by words, short
    expressions count that the sentence vectors blur; by the first letters of words, an inflected word is the same as
    its stem, in any language and without its lemmas (for Turkish: Can et al. 2008). The pipeline has one of each.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults.

        `analyzer`: `char_wb` (inside words) or `word`. `prefix`: letters that are left of each word, all if it is 0.
        `min_ngram`, `max_ngram`: lengths. `max_features`: the most n-grams kept. `min_examples`: how many examples one
        must be in. `weight`: beside the other features.
        """
        return {
            **SparseFeaturizer.get_default_config(),
            "analyzer": "char_wb",
            "prefix": 0,
            "min_ngram": 2,
            "max_ngram": 4,
            "max_features": 30_000,
            "min_examples": 3,
            "weight": 1.0,
        }

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Raises InvalidConfigException if the analyzer is unknown, a length cannot be one or the weight is none."""
        if config["analyzer"] not in ("char_wb", "word"):
            raise InvalidConfigException(f"NgramFeaturizer: analyzer={config['analyzer']!r}; choose char_wb or word")
        if not isinstance(config["prefix"], int) or config["prefix"] < 0:
            raise InvalidConfigException(f"NgramFeaturizer: prefix={config['prefix']!r} must be a number of letters, or 0")
        if not isinstance(config["weight"], (int, float)) or config["weight"] <= 0:
            raise InvalidConfigException(f"NgramFeaturizer: weight={config['weight']!r} must be a number above 0")
        if not 1 <= config["min_ngram"] <= config["max_ngram"]:
            raise InvalidConfigException(
                f"NgramFeaturizer: min_ngram={config['min_ngram']!r} must lie between 1 and "
                f"max_ngram={config['max_ngram']!r}"
            )

    def __init__(
        self,
        config: Dict[Text, Any],
        name: Text,
        storage: ModelStorage,
        resource: Resource,
        tfidf: Optional[Tfidf] = None,
    ) -> None:
        super().__init__(name, config)
        self.validate_config(config)
        self._storage, self._resource = storage, resource
        self._tfidf = tfidf

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> NgramFeaturizer:
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
    ) -> NgramFeaturizer:
        """Loads the vocabulary learnt in training."""
        with model_storage.read_from(resource) as folder:
            tfidf = Tfidf.load(folder / "ngrams.npz")
        return cls(config, execution_context.node_name, model_storage, resource, tfidf)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the vocabulary and the n-grams' weights."""
        vectorizer = TfidfVectorizer(
            analyzer=self._config["analyzer"],
            ngram_range=(self._config["min_ngram"], self._config["max_ngram"]),
            max_features=self._config["max_features"],
            min_df=self._config["min_examples"],
            sublinear_tf=True,
        )
        vectorizer.fit([self._view(message) for message in training_data.training_examples if message.get(TEXT)])
        self._tfidf = Tfidf.of(vectorizer)
        with self._storage.write_to(self._resource) as folder:
            self._tfidf.save(folder / "ngrams.npz")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the feature to every training example."""
        self._add([message for message in training_data.training_examples if message.get(TEXT)])
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the feature to each message and to its clauses."""
        self._add([message for message in with_clauses(messages) if message.get(TEXT)])
        return messages

    def _view(self, message: Message) -> Text:
        """Returns what is cut into n-grams."""
        text = folded(message)
        return beginnings(text, self._config["prefix"]) if self._config["prefix"] else text

    def _add(self, messages: List[Message]) -> None:
        assert self._tfidf is not None, "train or load the component first"
        empty = scipy.sparse.coo_matrix((1, len(self._tfidf)))
        seen: Dict[str, List[int]] = {}  # a message's clauses share their words; nobody's are kept after this
        for message in messages:
            columns, values = self._tfidf.weigh(self._view(message), seen)
            row = copy(empty)  # its constructor's checks would take longer than all the rest
            row.data, row.row, row.col = self._config["weight"] * values, np.zeros_like(columns), columns
            message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))


def beginnings(text: Text, letters: int) -> Text:
    """Returns the folded `text` with each word cut after its first `letters`."""
    return re.sub(rf"(?<=\w{{{letters}}})\w+", "", text)


class Tfidf:
    """Scikit-learn's TF-IDF with sublinear counts, for one text at a time: in a third of its time, as it is made for many.

    Saved as plain arrays. Its own format, skops, made a server wait ten seconds at every start.
    """

    def __init__(self, analyzer: str, ngram_range: Sequence[int], columns: Mapping[str, int], weights: np.ndarray) -> None:
        self._analyzer, self._range, self._columns, self._weights = analyzer, tuple(ngram_range), columns, weights
        self._analyze = TfidfVectorizer(analyzer=analyzer, ngram_range=self._range).build_analyzer()

    @classmethod
    def of(cls, vectorizer: TfidfVectorizer) -> Tfidf:
        """Returns what the fitted `vectorizer` learnt."""
        return cls(vectorizer.analyzer, vectorizer.ngram_range, vectorizer.vocabulary_, vectorizer.idf_)

    @classmethod
    def load(cls, path: Path) -> Tfidf:
        """Returns what `save` wrote."""
        with np.load(path) as file:
            ngrams = file["ngrams"].tobytes().decode().split("\n")  # none holds a line end: they are made of words
            columns = {ngram: column for column, ngram in enumerate(ngrams)}
            return cls(str(file["analyzer"]), file["range"].tolist(), columns, file["weights"])

    def save(self, path: Path) -> None:
        """Writes the n-grams in the order of their columns, and their weights."""
        ngrams = "\n".join(sorted(self._columns, key=self._columns.__getitem__))
        arrays = {"ngrams": np.frombuffer(ngrams.encode(), np.uint8), "weights": self._weights}
        np.savez(path, analyzer=self._analyzer, range=np.asarray(self._range), **arrays)

    def __len__(self) -> int:
        return len(self._weights)

    def weigh(self, text: str, seen: Optional[Dict[str, List[int]]] = None) -> Tuple[np.ndarray, np.ndarray]:
        """Returns the columns and values that scikit-learn's `transform` gives `text`: a vector of unit length.

        `seen` keeps the columns of each word's n-grams from text to text.
        """
        seen = {} if seen is None else seen
        counts: Counter[int] = Counter()
        for part in text.split() if self._analyzer == "char_wb" else [text]:  # those of characters end with the word
            if part not in seen:
                seen[part] = [self._columns[ngram] for ngram in self._analyze(part) if ngram in self._columns]
            counts.update(seen[part])
        columns = np.fromiter(counts, dtype=np.int32, count=len(counts))
        values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))) * self._weights[columns]
        return columns, values / (np.linalg.norm(values) or 1.0)
