"""What speaks for two questions in one message: `python -m benchmarks.compounds`.

Fits the weights of bot/nlu/cuts.py on the questions of `development` and `project`, and prints for thresholds of the
evidence how many messages with two questions get both answers, and how many with one a second that nobody asked for.
"""
from __future__ import annotations

from typing import Any, List, Tuple

import numpy as np
from rasa.shared.nlu.training_data.message import Message
from sklearn.linear_model import LogisticRegression

from bot.evaluation.questions import Question, load
from bot.nlu import cuts
from bot.nlu.properties import CLAUSES
from bot.settings import ROOT
from bot.understanding import Understanding

_ANSWER, _MOST, _ROUNDS = 0.35, 3, 4


def main() -> None:
    """Fits, with the weights in use as a start, and prints."""
    understanding = Understanding.load()
    known: List[Tuple[Question, Message, List[List[Message]]]] = []
    for name in ("development", "project"):
        for questions in load(ROOT / "tests" / "nlu" / name).values():
            for question, message in zip(questions, understanding.messages(question.text for question in questions)):
                known.append((question, message, cuts.possible(message.get(CLAUSES) or [], answer=_ANSWER, most=_MOST)))
    weights = np.array(cuts.WEIGHTS)
    for threshold in (0, 0.5, 1, 1.5, 2, 2.5, 3):
        _print(known, weights, threshold)
    bias = -1.5
    for _ in range(_ROUNDS):
        features = [_chosen(question, message, possible, weights) for question, message, possible in known if possible]
        several = [len(question.intents) > 1 for question, _, possible in known if possible]
        model = LogisticRegression(max_iter=5_000).fit(features, several)
        weights, bias = model.coef_[0] / model.coef_[0][0], model.intercept_[0] / model.coef_[0][0]
    print(f"fitted: {', '.join(f'{weight:.2f}' for weight in weights)}; even odds at {-bias:.2f}")


def _chosen(question: Question, message: Message, possible: List[List[Message]], weights: np.ndarray) -> Any:
    """Returns the features of the right cut if the question has several and there is one, else of the best."""
    right = [cut for cut in possible if len(question.intents) > 1 and _answers(question, cut)]
    return max((cuts.features(message, cut) for cut in right or possible), key=lambda features: float(weights @ features))


def _answers(question: Question, cut: List[Message]) -> bool:
    return set(question.intents) <= {part.get("intent")["name"] for part in cut}


def _print(known: List[Tuple[Question, Message, List[List[Message]]]], weights: np.ndarray, threshold: float) -> None:
    cells = []
    for code in sorted({question.language for question, _, _ in known}):
        both, unasked = [], []
        for question, message, possible in known:
            if question.language != code or "emergency" in (message.get("intent")["name"], *question.intents):
                continue
            best = max(possible, key=lambda cut: float(weights @ cuts.features(message, cut)), default=None)
            cut = best is not None and float(weights @ cuts.features(message, best)) >= threshold
            if len(question.intents) > 1:
                both.append(cut and best is not None and _answers(question, best))
            else:
                unasked.append(cut)
        cells.append(f"{code} {100 * np.mean(both):.1f} %, unasked {100 * np.mean(unasked):.2f} %")
    print(f"from {threshold}: {'; '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
