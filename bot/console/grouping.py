"""Messages grouped by meaning, across languages: what was asked in many words is seen once, the most frequent first."""
from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any, Callable, Dict, List, Sequence

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from bot.console.catalogue import catalogue
from bot.nlu import encoders

Row = Dict[str, Any]
_ENCODERS = ("use", "e5")
# Mean cosine distance up to which two groups become one. Chosen on training examples: of four a topic and language, 66 %
# then are in a group with others, and three fifths of a group are of one topic; across languages it stays useful.
_APART = 0.65
_one_at_a_time = threading.Lock()  # the encoders and what they remember are used by one page at a time


def grouped(rows: Sequence[Row], text: Callable[[Row], str]) -> List[List[Row]]:
    """Returns `rows` in groups, the largest first; within a group and among equals the order of `rows` stays.

    Each row has a "language"; `text` gives the words of a row that count.
    """
    if len(rows) < 2:
        return [[row] for row in rows]
    with _one_at_a_time:
        vectors = np.hstack([_vectors(name, rows, text) for name in _ENCODERS])
    cluster = AgglomerativeClustering(
        n_clusters=None, distance_threshold=_APART, affinity="cosine", linkage="average", compute_full_tree=True
    )
    groups: Dict[int, List[Row]] = {}
    for row, number in zip(rows, cluster.fit_predict(vectors)):
        groups.setdefault(int(number), []).append(row)
    return sorted(groups.values(), key=len, reverse=True)


def _vectors(name: str, rows: Sequence[Row], text: Callable[[Row], str]) -> np.ndarray:
    """Returns one unit vector a row, measured from the middle of its language: what all questions share is no likeness."""
    found = _unit(encoders.load(name).encode([text(row) for row in rows]))
    middles = _middles(name)
    everywhere = np.mean(list(middles.values()), axis=0)
    return _unit(found - np.asarray([middles.get(row["language"], everywhere) for row in rows]))


@lru_cache(maxsize=None)
def _middles(name: str) -> Dict[str, np.ndarray]:
    """Returns by language the mean vector of the questions of the answer catalogue."""
    answers, encoder = catalogue().answers.values(), encoders.load(name)
    return {
        code: _unit(encoder.encode([answer.question[code] for answer in answers])).mean(axis=0)
        for code in catalogue().languages
    }


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
