"""What speaks for two questions in one message: `python -m benchmarks.compounds`.

Prints, for the weights of bot/nlu/cuts.py and thresholds of the evidence, how many messages of `development` and `project`
with two questions get both answers, and how many with one a second that nobody asked for; then fits the weights anew.
"""
from __future__ import annotations

from typing import Iterator, List, NamedTuple, Set

import numpy as np
from rasa.shared.nlu.constants import INTENT
from sklearn.linear_model import LogisticRegression

from bot.evaluation.questions import Question, load
from bot.nlu import cuts
from bot.nlu.fallback_classifier import FallbackClassifier
from bot.nlu.properties import CLAUSES, EMERGENCY
from bot.settings import ROOT
from bot.understanding import Understanding

_ROUNDS = 4


class Known(NamedTuple):
    """A question and every way to cut it: what speaks for each, shape (cuts, features), and what each would answer."""

    question: Question
    features: np.ndarray
    answers: List[Set[str]]


def main() -> None:
    """Measures, and fits with the weights in use as a start."""
    known = list(_known())
    weights = np.array(cuts.WEIGHTS)
    for threshold in (0, 0.5, 1, 1.5, 2, 2.5, 3):
        _print(known, weights, threshold)
    cut = [one for one in known if one.answers]
    for _ in range(_ROUNDS):
        chosen = [one.features[_likeliest(one, weights)] for one in cut]
        model = LogisticRegression(max_iter=5_000).fit(chosen, [len(one.question.intents) > 1 for one in cut])
        weights, bias = model.coef_[0] / model.coef_[0][0], model.intercept_[0] / model.coef_[0][0]
    print(f"fitted to {len(cut)}: {', '.join(f'{weight:.2f}' for weight in weights)}; even odds at {-bias:.2f}")


def _known() -> Iterator[Known]:
    understanding, settings = Understanding.load(), FallbackClassifier.get_default_config()
    answer, most = settings["answer"], settings["max_questions"]
    for name in ("development", "project"):
        for questions in load(ROOT / "tests" / "nlu" / name).values():
            for question, message in zip(questions, understanding.messages(question.text for question in questions)):
                if EMERGENCY not in (message.get(INTENT)["name"], *question.intents):
                    possible = cuts.possible(message.get(CLAUSES) or [], answer=answer, most=most)
                    answers = [{part.get(INTENT)["name"] for part in cut} for cut in possible]
                    yield Known(question, np.array([cuts.features(message, cut) for cut in possible]), answers)


def _likeliest(one: Known, weights: np.ndarray) -> int:
    """Returns the best of the right cuts if the question has several and there is one, else the best of all."""
    wanted = set(one.question.intents)
    right = [number for number, answers in enumerate(one.answers) if len(wanted) > 1 and wanted <= answers]
    return max(right or range(len(one.answers)), key=lambda number: float(one.features[number] @ weights))


def _print(known: List[Known], weights: np.ndarray, threshold: float) -> None:
    cells = []
    for code in sorted({one.question.language for one in known}):
        both, unasked = [], []
        for one in (one for one in known if one.question.language == code):
            evidence = one.features @ weights if one.answers else np.array([-np.inf])
            cut, wanted = bool(evidence.max() >= threshold), set(one.question.intents)
            if len(wanted) > 1:
                both.append(cut and wanted <= one.answers[int(evidence.argmax())])
            else:
                unasked.append(cut)
        cells.append(f"{code} {100 * np.mean(both):.1f} %, unasked {100 * np.mean(unasked):.2f} %")
    print(f"from {threshold}: {'; '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
