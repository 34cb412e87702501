"""The pictures of the report: confusion, confidence, reliability."""
from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, Dict, List, Sequence

import matplotlib
import numpy as np

from bot.evaluation.measures import first_confidence, first_guess
from bot.evaluation.questions import Question

matplotlib.use("Agg")
from matplotlib import pyplot

_RIGHT, _WRONG = "#1b6ca8", "#d1495b"


def draw(folder: Path, name: str, questions: Sequence[Question], results: Sequence[Dict[str, Any]]) -> List[Path]:
    """Returns the files of the three pictures for the pipeline `name`."""
    single = [(q, r) for q, r in zip(questions, results) if len(q.intents) == 1 and not q.after]
    truth = [q.intents[0] for q, _ in single]
    guess = [first_guess(r) or "none" for _, r in single]
    confidence = np.array([first_confidence(r) for _, r in single])
    right = np.array([t == g for t, g in zip(truth, guess)])
    slug = name.replace(" ", "_")
    return [
        _confusion(folder / f"{slug}_confusion.png", truth, guess),
        _histogram(folder / f"{slug}_confidence.png", confidence, right),
        _reliability(folder / f"{slug}_reliability.png", confidence, right),
    ]


def _save(path: Path) -> Path:
    pyplot.tight_layout()
    pyplot.savefig(path, dpi=110)
    pyplot.close()
    return path


def _confusion(path: Path, truth: List[str], guess: List[str]) -> Path:
    intents = sorted(set(truth) | set(guess))
    matrix = np.zeros((len(intents), len(intents)))
    for t, g in zip(truth, guess):
        matrix[intents.index(t), intents.index(g)] += 1
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    pyplot.figure(figsize=(15, 14))
    pyplot.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    names = [intent.replace("faq_", "") for intent in intents]
    pyplot.xticks(range(len(names)), names, rotation=90, fontsize=8)
    pyplot.yticks(range(len(names)), names, fontsize=8)
    pyplot.xlabel("understood")
    pyplot.ylabel("asked")
    pyplot.colorbar(label="share of the questions of a row", shrink=0.6)
    return _save(path)


def _histogram(path: Path, confidence: np.ndarray, right: np.ndarray) -> Path:
    pyplot.figure(figsize=(8, 4.5))
    bins = np.linspace(0, 1, 26)
    pyplot.hist([confidence[right], confidence[~right]], bins=bins, stacked=True, color=[_RIGHT, _WRONG])
    pyplot.legend(["right", "wrong"])
    pyplot.xlabel("confidence of the first guess")
    pyplot.ylabel("questions")
    return _save(path)


def _reliability(path: Path, confidence: np.ndarray, right: np.ndarray) -> Path:
    pyplot.figure(figsize=(5.5, 5.5))
    pyplot.plot([0, 1], [0, 1], color="#999", linestyle="--", label="perfect")
    edges = np.linspace(0, 1, 11)
    inside = [(confidence >= low) & (confidence < high + (high == 1)) for low, high in pairwise(edges)]
    points = [(confidence[i].mean(), right[i].mean(), i.sum()) for i in inside if i.sum() >= 5]
    pyplot.plot([p[0] for p in points], [p[1] for p in points], marker="o", color=_RIGHT, label="measured")
    pyplot.xlabel("confidence")
    pyplot.ylabel("share that was right")
    pyplot.legend()
    return _save(path)
