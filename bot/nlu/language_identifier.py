"""Step 1: which language a message is written in."""
from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Set, Text, Tuple

import numpy as np
from lingua import IsoCode639_1, Language, LanguageDetectorBuilder
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from spacy.util import get_lang_class

from bot.nlu import languages
from bot.nlu.languages import fold
from bot.nlu.ngram_featurizer import Tfidf
from bot.nlu.properties import LANGUAGE, OTHER_LANGUAGE
from bot.settings import settings

_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_WINDOW = 3  # words of the shortest training snippets
# Languages that patients of a European or Turkish clinic may write in and that are not served.
_OTHERS = "GERMAN DUTCH SPANISH ITALIAN PORTUGUESE POLISH ROMANIAN ALBANIAN ARABIC RUSSIAN".split()
_SERVED = {code: Language.from_iso_code_639_1(getattr(IsoCode639_1, code.upper())) for code in languages.LANGUAGES}


class _Learnt(NamedTuple):
    """What training leaves: a logistic regression on n-grams, and the words that only one language has."""

    ngrams: Tfidf
    codes: Sequence[str]
    weights: np.ndarray  # shape (n-grams, codes)
    bias: np.ndarray  # shape (codes,)
    own_words: Dict[str, FrozenSet[str]]

    @classmethod
    def load(cls, folder: Path) -> _Learnt:
        """Returns what `save` wrote; plain arrays and words, no pickle."""
        own_words = json.loads((folder / "own_words.json").read_text(encoding="utf-8"))
        with np.load(folder / "regression.npz") as file:
            codes, weights, bias = [str(code) for code in file["codes"]], file["weights"], file["bias"]
        words = {code: frozenset(words) for code, words in own_words.items()}
        return cls(Tfidf.load(folder / "ngrams.npz"), codes, weights, bias, words)

    def save(self, folder: Path) -> None:
        """Writes everything into `folder`."""
        own_words = {code: sorted(words) for code, words in self.own_words.items()}
        (folder / "own_words.json").write_text(json.dumps(own_words), encoding="utf-8")
        np.savez(folder / "regression.npz", codes=np.asarray(self.codes, dtype=str), weights=self.weights, bias=self.bias)
        self.ngrams.save(folder / "ngrams.npz")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class LanguageIdentifier(GraphComponent):
    """Sets the message property `language` and emits it as an entity, which fills the slot of that name.

    Character n-grams with a logistic regression, learnt from the training examples as typed, without diacritics
    and in snippets of a few words. The language of the conversation so far, else of the page, else of the
    clinic, is the prior: a word that could be either stays in it. Languages that are not served are
    recognised by lingua (Apache-2.0). Who mixes one of them with ours ("was kostet das, yoksa cepten mi") is
    understood and answered in ours: a word of ours that lingua takes for no other language is enough.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults.

        `prior`: weight of the conversation's or the page's language against all others together, 0.5 to 1.
        `first_prior`: that of the clinic's default language, where nothing else is known.
        `other_language_confidence`: how sure lingua must be that a message is in none of ours.
        `other_language_words`: the shortest message for which it is asked. `own_word_examples`: in how many examples of
        a language a word must be to show that a mixed message is in it; `own_word_confidence`: how sure lingua must be.
        """
        return {
            "prior": 0.8,
            "first_prior": 0.5,
            "other_language_confidence": 0.6,
            "other_language_words": 3,
            "own_word_examples": 5,
            "own_word_confidence": 0.3,
        }

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Raises InvalidConfigException if a value is out of range."""
        probabilities = ("first_prior", "other_language_confidence", "own_word_confidence")
        for key, low in (("prior", 0.5), *((name, 0.0) for name in probabilities)):
            if not low <= config[key] <= 1:
                raise InvalidConfigException(f"LanguageIdentifier: {key}={config[key]!r} must lie in [{low}, 1]")

    def __init__(
        self,
        config: Dict[Text, Any],
        storage: ModelStorage,
        resource: Resource,
        learnt: Optional[_Learnt] = None,
    ) -> None:
        self.validate_config(config)
        self._config, self._storage, self._resource, self._learnt = config, storage, resource, learnt
        self._others = {getattr(Language, name) for name in _OTHERS} - set(_SERVED.values())
        self._detector = LanguageDetectorBuilder.from_languages(*_SERVED.values(), *self._others).build()

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LanguageIdentifier:
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
    ) -> LanguageIdentifier:
        """Loads a trained component."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, _Learnt.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the examples' texts and their property `language`.

        Raises:
            InvalidConfigException: examples carry no language; data must be imported by bot.importer.
        """
        snippets: Dict[Tuple[str, str], None] = {}  # each once, in order
        used: Dict[str, Counter] = defaultdict(Counter)
        for message in training_data.intent_examples:
            code = message.get(LANGUAGE)
            if code is None:
                raise InvalidConfigException(
                    "LanguageIdentifier: an example has no language; set importers in config.yml to "
                    "bot.importer.AssistantImporter and keep examples in data/nlu/<language>/"
                )
            snippets.update(dict.fromkeys((snippet, code) for snippet in _snippets(message.get(TEXT))))
            used[code].update(set(_LETTERS.findall(_normal(message.get(TEXT)))))
        texts, codes = zip(*snippets)
        vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(1, 4), min_df=2, sublinear_tf=True, max_features=60_000
        )
        # saga learns the same as lbfgs to convergence, in a tenth of the time
        model = LogisticRegression(
            C=20, class_weight="balanced", solver="saga", multi_class="multinomial", max_iter=30, tol=1e-2, random_state=0
        )
        model.fit(vectorizer.fit_transform(texts), codes)
        frequent = {
            code: {word for word, count in counts.items() if count >= self._config["own_word_examples"]}
            for code, counts in used.items()
        }
        own_words = {code: frozenset(self._distinctive(code, frequent)) for code in frequent}
        # Of two languages scikit-learn keeps the second's weights; the first's are their opposite.
        weights, bias = model.coef_.T, model.intercept_
        if len(model.classes_) == 2:
            weights, bias = np.hstack([-weights, weights]), np.concatenate([-bias, bias])
        self._learnt = _Learnt(Tfidf.of(vectorizer), model.classes_.tolist(), np.ascontiguousarray(weights), bias, own_words)
        with self._storage.write_to(self._resource) as folder:
            self._learnt.save(folder)
        return self._resource

    def _distinctive(self, code: str, frequent: Dict[str, Set[str]]) -> List[str]:
        """Returns the words of a language that lingua, alone with each, finds likeliest in it, twice as likely as elsewhere.

        What two of ours have, however they write it ("operation"), a third may well have too, and so what is short ("of");
        and the commonest words of those that are not served are not ours ("hat", spaCy's stop words).
        """
        shared = {fold(word) for other, words in frequent.items() if other != code for word in words}
        for language in self._others:
            shared.update(map(fold, get_lang_class(language.iso_code_639_1.name.lower()).Defaults.stop_words))
        found = []
        for word in sorted(word for word in frequent[code] if len(word) > 2 and fold(word) not in shared):
            first, second = self._detector.compute_language_confidence_values(word)[:2]
            sure = first.value >= max(self._config["own_word_confidence"], 2 * second.value)
            if sure and first.language == _SERVED[code]:
                found.append(word)
        return found

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Returns the data unchanged: examples know their language already."""
        return training_data

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        """Sets `language` and `other_language` on each message and emits the entity `language`.

        Never fails: a message without letters keeps the language of the conversation.
        """
        for message in messages:
            text = message.get(TEXT) or ""
            present = self._present(message, tracker)
            code, other = self.identify(text, present or settings().clinic.default_language, sure=bool(present))
            message.set(LANGUAGE, code, add_to_output=True)
            message.set(OTHER_LANGUAGE, other, add_to_output=True)
            if code is not None and not other:
                emit_language(message, code)
        return messages

    @staticmethod
    def _present(message: Message, tracker: Optional[DialogueStateTracker]) -> Optional[str]:
        """Returns the language so far, of those that are served: a clinic may have given one up since."""
        spoken = tracker.get_slot("language") if tracker is not None else None
        known = (spoken, (message.get("metadata") or {}).get("language"))
        return next((code for code in known if code in settings().clinic.languages), None)

    def identify(self, text: str, present: Optional[str], *, sure: bool = True) -> Tuple[Optional[str], bool]:
        """Returns the language of `text`, and whether it is one that is not served.

        `present` is the language so far; it weighs less where it is only the clinic's default, not `sure`.
        """
        words = _LETTERS.findall(_normal(text))
        if not words:
            return present, False
        assert self._learnt is not None, "train or load the component first"
        own = {code: sum(word in words_of_it for word in words) for code, words_of_it in self._learnt.own_words.items()}
        if self._is_other_language(text, words, sum(own.values())):
            if not any(own.values()):
                return present, True
            return max(own, key=lambda code: (own[code], code == present)), False  # mixed with ours
        codes, (columns, values) = self._learnt.codes, self._learnt.ngrams.weigh(" ".join(words))
        scores = values @ self._learnt.weights[columns] + self._learnt.bias
        if present in codes:
            prior = self._config["prior" if sure else "first_prior"]
            rest = (1 - prior) / (len(codes) - 1)
            scores = scores + np.log([prior if code == present else rest for code in codes])
        return codes[int(np.argmax(scores))], False

    def _is_other_language(self, text: str, words: List[str], own: int) -> bool:
        """Returns whether `text`, of whose `words` that many are in one of our languages alone, is in none of ours."""
        letters = "".join(words)
        foreign = sum("LATIN" not in unicodedata.name(letter, "LATIN") for letter in letters)
        if foreign * 2 > len(letters):
            return True
        if len(words) < self._config["other_language_words"]:
            return False
        if 2 * own > len(words):
            return False  # most words are ours alone; lingua takes a twentieth of a turn
        best = self._detector.compute_language_confidence_values(text[:500])[0]
        return best.language in self._others and best.value >= self._config["other_language_confidence"]


def emit_language(message: Message, code: str) -> None:
    """Puts the entity `language` on `message`, in place of an earlier one."""
    others = [entity for entity in message.get(ENTITIES) or [] if entity["entity"] != LANGUAGE]
    entity = {"entity": LANGUAGE, "value": code, "extractor": "LanguageIdentifier"}
    message.set(ENTITIES, [*others, entity], add_to_output=True)


def straighten(text: str) -> str:
    """Returns `text` in plain characters, without what holds a digit: references, dates and vertebrae are in no language."""
    return re.sub(r"\S*\d\S*", " ", languages.straighten(text))


def _normal(text: str) -> str:
    return straighten(text).replace("İ", "i").lower()


def _snippets(text: str) -> List[str]:
    """Returns `text` as typed and without diacritics, and a few short windows of each."""
    words = _LETTERS.findall(straighten(text))
    windows = [" ".join(words)]
    windows += [" ".join(words[i : i + _WINDOW]) for i in range(0, max(1, len(words) - _WINDOW + 1), 2 * _WINDOW)]
    typed = [_normal(window) for window in windows if window]
    return typed + [fold(window) for window in typed]
