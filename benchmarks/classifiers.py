"""Other features and classifiers than those of config.yml, fitted on the same examples in one run.

    python -m benchmarks.classifiers [--diet EPOCHS] [--questions FOLDER]

Prints, a line each, the share of single questions whose intent comes first, per language: of the questions as they
are, and of the same ones typed without diacritics. Red flags, clauses and thresholds stay out. Lemmas need the
package `spacy-lookups-data`, spelling `rapidfuzz`, neither of which the assistant uses; without them their lines say so.
The vectors of the last training are used again, so it does not encode all examples again.
"""
from __future__ import annotations

import argparse
import gzip
import json
import re
import tempfile
import time
from collections import Counter, defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

import numpy as np
import scipy.sparse
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

from bot.evaluation.questions import Question, load
from bot.learning import overlay
from bot.nlu import encoders
from bot.nlu.intent_classifier import fit_temperature, half_balanced, softmax
from bot.nlu.languages import LANGUAGES, fold, straighten
from bot.nlu.ngram_featurizer import beginnings
from bot.settings import ROOT

View = Callable[[str, str], str]  # what n-grams are made of, from text and language
_WORD = re.compile(r"\w+")


class Trial:
    """Training examples and test questions with their vectors; `features` are rows of the first, then of the others."""

    def __init__(self, questions: List[Question]) -> None:
        learnt = overlay.read(ROOT / "data" / "nlu")
        self.examples = [(example.text, example.language) for example in learnt]
        self.labels = np.asarray([example.intent for example in learnt])
        self.questions = questions
        plain = [(fold(question.text), question.language) for question in questions]
        self.sentences = [*self.examples, *((question.text, question.language) for question in questions), *plain]
        self.vectors = {name: self._centred(name, [text for text, _ in self.sentences]) for name in encoders.names()}

    def _centred(self, name: str, texts: List[str]) -> np.ndarray:
        encoder = encoders.load(name)
        with encoder.kept():  # for the next training, which has no use for the questions
            encoder.encode(texts[: len(self.examples)])
        vectors = encoder.encode(texts)
        vectors = vectors - vectors[: len(self.examples)].mean(axis=0)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def ngrams(
        self, analyzer: str, lengths: Tuple[int, int], view: View, *, weight: float = 1.0
    ) -> scipy.sparse.csr_matrix:
        """Returns TF-IDF rows, learnt on the examples, as the pipeline's n-gram featurizer makes them."""
        texts = [view(text, language) for text, language in self.sentences]
        words = analyzer == "word"
        vectorizer = TfidfVectorizer(
            analyzer=analyzer, ngram_range=lengths, max_features=30_000, min_df=2 if words else 3, sublinear_tf=True
        )
        vectorizer.fit(texts[: len(self.examples)])
        return weight * vectorizer.transform(texts)

    def words(self, view: View) -> scipy.sparse.csr_matrix:
        """Returns the rows of the pipeline's n-grams of words."""
        return self.ngrams("word", (1, 2), view, weight=0.7)

    def starts(self, letters: int) -> scipy.sparse.csr_matrix:
        """Returns the rows of the pipeline's n-grams of words cut to their first `letters`."""
        return self.ngrams("word", (1, 2), lambda text, _: beginnings(fold(text), letters))

    def spelling(self, view: View) -> scipy.sparse.csr_matrix:
        """Returns the rows of the pipeline's n-gram featurizers; the first letters of words are always folded."""
        return _joined(self.ngrams("char_wb", (2, 4), view), self.words(view), self.starts(4))

    def dense(self, *names: str) -> np.ndarray:
        """Returns the vectors of these encoders beside each other, each with the same share, length 1."""
        return np.hstack([self.vectors[name] / len(names) ** 0.5 for name in names])

    def score(self, classifier: Any, features: Any, *, by_language: bool = False) -> str:
        """Fits on the examples; returns the shares that are right, as they are and without diacritics, and seconds."""
        count = len(self.examples)
        language = np.asarray([language for _, language in self.sentences])
        guesses = np.empty(len(self.sentences) - count, dtype=object)
        started = time.monotonic()
        for group in LANGUAGES if by_language else [None]:
            of = np.ones(len(language), dtype=bool) if group is None else language == group
            learnt = np.flatnonzero(of[:count])
            asked = np.flatnonzero(of[count:])
            guesses[asked] = classifier.fit(features[learnt], self.labels[learnt]).predict(features[count + asked])
        return self.shares(guesses.tolist()) + f" {time.monotonic() - started:6.0f} s"

    def shares(self, guesses: Sequence[str]) -> str:
        """Returns one line of percentages for guesses of all questions, then of all without diacritics."""
        half, parts = len(self.questions), []
        for start in (0, half):
            right: Dict[str, List[bool]] = defaultdict(list)
            for question, guess in zip(self.questions, guesses[start : start + half]):
                right[question.language].append(question.intents[0] == guess)
            parts.append(" ".join(f"{100 * np.mean(right[code]):5.1f}" for code in LANGUAGES))
        return "   ".join(parts)


def main() -> None:
    """Measures and prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--diet", type=int, default=0, metavar="EPOCHS", help="DIET on the same features, alone, slow")
    arguments.add_argument("--questions", type=Path, default=ROOT / "tests" / "nlu" / "development")
    given = arguments.parse_args()
    asked = [question for group in load(given.questions).values() for question in group if len(question.intents) == 1]
    trial = Trial(asked)
    print(f"{len(trial.examples)} examples, {len(asked)} questions; {', '.join(LANGUAGES)}, then without diacritics")
    diet = f"all features, DIET of {given.diet} epochs"
    for name, line in [(diet, _diet(trial, given.diet))] if given.diet else _lines(trial):
        print(f"{name:48} {line}", flush=True)


def _folded(text: str, _: str) -> str:
    return fold(text)


def _typed(text: str, language: str) -> str:
    return str(LANGUAGES[language].lower(straighten(text)))


def _lines(trial: Trial) -> Iterator[Tuple[str, str]]:
    both = trial.dense("use", "e5")
    characters, words = trial.ngrams("char_wb", (2, 4), _folded), trial.words(_folded)
    starts = trial.starts(4)
    every = _joined(both, characters, words, starts)
    yield "all features, linear SVM", trial.score(_svm(), every)
    ngrams = _joined(characters, words, starts)
    in_turn = _joined(ngrams, both)
    spelling, some, everything = ngrams.shape[1], trial.dense("use").shape[1], in_turn.shape[1]
    for unless in (0.95, 0.98):
        stages = _InTurn([(spelling, unless), (everything, 1.0)])
        yield f"n-grams; all if not above {unless}", trial.score(stages, in_turn) + stages.spared
    stages = _InTurn([(spelling, 0.98), (spelling + some, 0.95), (everything, 1.0)])
    yield "as in config.yml: the same, and E5 if not above .95", trial.score(stages, in_turn) + stages.spared
    yield "the same, one model a language", trial.score(_svm(), every, by_language=True)
    for name, weights in (("balanced", "balanced"), ("no", None)):
        svm = LinearSVC(C=0.7, class_weight=weights, tol=1e-2, random_state=0)
        yield f"all features, SVM with {name} class weights", trial.score(svm, every)
    yield "without E5", trial.score(_svm(), _joined(trial.dense("use"), ngrams))
    yield "without USE", trial.score(_svm(), _joined(trial.dense("e5"), ngrams))
    yield "without n-grams of words", trial.score(_svm(), _joined(both, characters, starts))
    yield "without n-grams of first letters", trial.score(_svm(), _joined(both, characters, words))
    yield "n-grams alone", trial.score(_svm(), ngrams)
    yield "n-grams alone, without first letters", trial.score(_svm(), _joined(characters, words))
    yield "vectors alone", trial.score(_svm(), both)
    for letters in (3, 5, 6):
        cut = _joined(both, characters, words, trial.starts(letters))
        yield f"the first {letters} letters in place of 4", trial.score(_svm(), cut)
    restored = _restored(trial)
    yield "n-grams with diacritics, as typed", trial.score(_svm(), _joined(both, trial.spelling(_typed)))
    yield "n-grams with diacritics, restored", trial.score(_svm(), _joined(both, trial.spelling(restored)))
    if find_spec("spacy_lookups_data"):
        lemmas = trial.ngrams("word", (1, 2), _lemmas())
        yield "lemmas in place of first letters", trial.score(_svm(), _joined(both, characters, words, lemmas))
        yield "lemmas as well", trial.score(_svm(), _joined(every, lemmas))
    else:
        yield "n-grams of lemmas", "needs the package spacy-lookups-data"
    if find_spec("rapidfuzz"):
        spelt = _spelt(trial)
        yield "n-grams of text with its spelling mended", trial.score(_svm(), _joined(both, trial.spelling(spelt)))
    else:
        yield "spelling mended", "needs the package rapidfuzz"
    regression = LogisticRegression(C=10, max_iter=200, class_weight="balanced", n_jobs=2)
    yield "all features, logistic regression", trial.score(regression, every)
    yield "vectors, 15 nearest neighbours", trial.score(KNeighborsClassifier(15, weights="distance", metric="cosine"), both)
    yield "vectors, prototypes", trial.score(NearestCentroid(), both)
    network = MLPClassifier(512, early_stopping=True, random_state=0)
    yield "vectors, one hidden layer of 512", trial.score(network, both)
    vote = VotingClassifier([("svm", _svm()), ("network", network)], voting="hard", weights=[1.01, 1])
    yield "all features, SVM and network by vote", trial.score(vote, every)


class _InTurn:
    """Calibrated SVMs on the first so many columns each; the next one is asked where one is not as sure as it should be."""

    def __init__(self, stages: List[Tuple[int, float]]) -> None:
        self._stages = stages
        self.spared = ""

    def fit(self, features: Any, labels: np.ndarray) -> "_InTurn":
        """Fits every stage."""
        self._names, truth = np.unique(labels, return_inverse=True)
        self._fitted = []
        for columns, _ in self._stages:
            part = features[:, :columns]
            scores = cross_val_predict(_svm(), part, truth, cv=3, method="decision_function", n_jobs=-1)
            self._fitted.append((_svm().fit(part, truth), fit_temperature(scores, truth)))
        return self

    def predict(self, features: Any) -> np.ndarray:
        """Returns the likeliest labels, and notes which share of the rows each stage was spared."""
        guesses, open_ = np.zeros(features.shape[0], dtype=int), np.arange(features.shape[0])
        for (columns, unless), (model, temperature) in zip(self._stages, self._fitted):
            self.spared += f" {100 * (1 - len(open_) / len(guesses)):4.0f} %"
            found = softmax(model.decision_function(features[open_][:, :columns]) / temperature)
            guesses[open_] = found.argmax(axis=1)
            open_ = open_[found.max(axis=1) <= unless]
        return self._names[guesses]


def _svm() -> LinearSVC:
    return _HalfBalanced(C=0.7, tol=1e-2, random_state=0)


class _HalfBalanced(LinearSVC):
    """The pipeline's classifier: class weights are learnt from the labels."""

    def fit(self, features: Any, labels: Any) -> "_HalfBalanced":
        """Fits it, with the weights of these labels."""
        self.class_weight = half_balanced(labels)
        return super().fit(features, labels)


def _joined(*parts: Any) -> scipy.sparse.csr_matrix:
    return scipy.sparse.hstack([scipy.sparse.csr_matrix(part) for part in parts]).tocsr().astype(np.float32)


def _lemmas() -> View:
    """Returns a view that replaces each word by its lemma in spaCy's tables, folded."""
    import spacy_lookups_data

    tables = {}
    for code in LANGUAGES:
        file = Path(spacy_lookups_data.__file__).parent / "data" / f"{code}_lemma_lookup.json.gz"
        with gzip.open(file) as opened:
            found = json.load(opened).items()  # some words have several lemmas
            tables[code] = {word: lemma if isinstance(lemma, str) else lemma[0] for word, lemma in found if lemma}

    def view(text: str, language: str) -> str:
        words = _WORD.findall(_typed(text, language))
        return fold(" ".join(tables[language].get(word, word) for word in words))

    return view


def _spellings(trial: Trial) -> Dict[str, Counter]:
    """Returns how often each word, in lower case, is in the examples of each language."""
    counts: Dict[str, Counter] = defaultdict(Counter)
    for text, language in trial.examples:
        counts[language].update(_WORD.findall(_typed(text, language)))
    return counts


def _restored(trial: Trial) -> View:
    """Returns a view that gives a word typed without diacritics those it has most often in the examples."""
    usual: Dict[str, Dict[str, str]] = defaultdict(dict)
    for language, counts in _spellings(trial).items():
        for word, _ in reversed(counts.most_common()):
            usual[language][fold(word)] = word

    def view(text: str, language: str) -> str:
        words = _WORD.findall(_typed(text, language))
        return " ".join(usual[language].get(word, word) for word in words)

    return view


def _spelt(trial: Trial) -> View:
    """Returns a view that replaces an unknown word of five letters or more by the likest one of the examples, folded."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    known = {
        language: sorted({fold(word) for word, count in counts.items() if count > 2 and len(word) > 4})
        for language, counts in _spellings(trial).items()
    }
    seen: Dict[Tuple[str, str], str] = {}

    def mended(word: str, language: str) -> str:
        if len(word) < 5 or not word.isalpha():
            return word
        if (word, language) not in seen:
            best = process.extractOne(
                word, known[language], scorer=OSA.normalized_similarity, score_cutoff=0.8, processor=None
            )
            seen[word, language] = best[0] if best else word
        return seen[word, language]

    return lambda text, language: " ".join(mended(word, language) for word in _WORD.findall(fold(text)))


def _diet(trial: Trial, epochs: int) -> str:
    """Returns the shares of Rasa's DIET classifier on the pipeline's own features in place of its own."""
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.nlu.classifiers.diet_classifier import DIETClassifier
    from rasa.shared.nlu.constants import INTENT, TEXT
    from rasa.shared.nlu.training_data.features import Features
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    vectors = trial.dense("use", "e5")
    spelling = trial.spelling(_folded)
    messages = []
    for row, (text, _) in enumerate(trial.sentences):
        message = Message({TEXT: text})
        for level in ("sequence", "sentence"):  # it fits no sentence without a sequence: one of a single token
            message.add_features(Features(vectors[row : row + 1], level, TEXT, "vectors"))
        message.add_features(Features(spelling[row].tocoo(), "sentence", TEXT, "spelling"))
        messages.append(message)
    for message, label in zip(messages, trial.labels):
        message.set(INTENT, label)
    config = {**DIETClassifier.get_default_config(), "epochs": epochs, "constrain_similarities": True}
    config.update(entity_recognition=False, number_of_transformer_layers=0, random_seed=0)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        storage, resource = LocalModelStorage.create(Path(folder)), Resource("diet")
        classifier = DIETClassifier(config, storage, resource, ExecutionContext(GraphSchema({})))
        classifier.train(TrainingData(messages[: len(trial.examples)]))
        asked = classifier.process(messages[len(trial.examples) :])
    guesses = [message.get(INTENT)["name"] for message in asked]
    return trial.shares(guesses) + f" {time.monotonic() - started:6.0f} s"


if __name__ == "__main__":
    main()
