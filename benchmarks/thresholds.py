"""What the three thresholds that matter most buy and cost: `python -m benchmarks.thresholds [PICTURE]`.

Understands the single questions of `development` once, and decides what is answered again for each value of a threshold
of config.yml's FallbackClassifier. Prints the two errors that the threshold trades for each other, in percent of the
messages of which each can be made, and draws them into the file PICTURE (docs/images/thresholds.png).

`emergency` is measured without red flags: what the classifier alone would miss.
"""
from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

import matplotlib
import numpy as np
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from bot import yaml_files
from bot.evaluation.questions import load
from bot.nlu.fallback_classifier import OUT_OF_SCOPE, UNSURE, FallbackClassifier
from bot.nlu.properties import BY_WORDS, DOUBTED, EMERGENCY, RED_FLAG
from bot.settings import ROOT
from bot.understanding import Understanding

matplotlib.use("Agg")
from matplotlib import pyplot

_REFUSED = (OUT_OF_SCOPE, UNSURE)
Counts = Callable[[str, str], Tuple[Any, Any]]  # of the asked and the answered intent: the two errors; None if impossible


class Threshold(NamedTuple):
    """A threshold, values to try, and the errors of each kind."""

    key: str
    values: Sequence[float]
    errors: Tuple[str, str]
    count: Counts


def _emergency(asked: str, given: str) -> Tuple[Any, Any]:
    is_one = asked == EMERGENCY
    return (given != EMERGENCY if is_one else None), (given == EMERGENCY if not is_one else None)


def _out_of_scope(asked: str, given: str) -> Tuple[Any, Any]:
    ours = asked not in (EMERGENCY, OUT_OF_SCOPE)
    return (given not in _REFUSED if asked == OUT_OF_SCOPE else None), (given in _REFUSED if ours else None)


def _answer(asked: str, given: str) -> Tuple[Any, Any]:
    return given not in (asked, UNSURE), given == UNSURE


THRESHOLDS = (
    Threshold(
        "emergency",
        (0.02, 0.03, 0.05, 0.08, 0.1, 0.13, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9),
        ("emergencies missed, red flags left out", "false alarms"),
        _emergency,
    ),
    Threshold(
        "out_of_scope",
        (0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9),
        ("not ours and yet answered", "real questions refused"),
        _out_of_scope,
    ),
    Threshold(
        "answer",
        (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9),
        ("wrong answers", "asked “did you mean”"),
        _answer,
    ),
)


def main(picture: Path) -> None:
    """Prints the errors of every value, and draws them."""
    logging.disable(logging.WARNING)  # a line for each red flag
    config = _config()
    asked, messages = _understood()
    figure, panels = pyplot.subplots(1, len(THRESHOLDS), figsize=(15, 4.5))
    for threshold, panel in zip(THRESHOLDS, panels):
        rows = [_errors(threshold, {**config, threshold.key: value}, asked, messages) for value in threshold.values]
        in_use = config[threshold.key]
        print(f"{threshold.key}: {threshold.errors[0]}, {threshold.errors[1]}")
        for value, row in zip(threshold.values, rows):
            print(f"  {value:<5} {row[0]:5.2f} % {row[1]:5.2f} %{'  in use' * (value == in_use)}", flush=True)
        for number, (label, colour) in enumerate(zip(threshold.errors, ("#d1495b", "#1b6ca8"))):
            panel.plot(threshold.values, [row[number] for row in rows], marker="o", color=colour, label=label)
        panel.axvline(in_use, color="#666", linestyle="--", label=f"in use: {in_use}")
        panel.set(xscale="log", xlabel=threshold.key, ylabel="%", ylim=(0, None))
        ticks = [value for value in (0.02, 0.05, 0.1, 0.2, 0.5, 0.9) if value >= threshold.values[0]]
        panel.set_xticks(ticks, [str(value) for value in ticks])
        panel.minorticks_off()
        panel.legend()
    figure.tight_layout()
    figure.savefig(picture, dpi=90)
    print(f"Picture: {picture}")


def _config() -> Dict[str, Any]:
    named = f"{FallbackClassifier.__module__}.{FallbackClassifier.__name__}"
    pipeline = yaml_files.read(ROOT / "config.yml")["pipeline"]
    return {**FallbackClassifier.get_default_config(), **next(step for step in pipeline if step["name"] == named)}


def _understood() -> Tuple[List[str], List[Message]]:
    """Returns the intents that are asked for, and what the pipeline leaves of each message."""
    single = [
        question
        for questions in load(ROOT / "tests" / "nlu" / "development").values()
        for question in questions
        if len(question.intents) == 1
    ]
    messages = list(Understanding.load().messages(question.text for question in single))
    return [question.intents[0] for question in single], messages


def _errors(threshold: Threshold, config: Dict[str, Any], asked: List[str], messages: List[Message]) -> Tuple[float, float]:
    """Returns both errors in percent."""
    decided = FallbackClassifier(config).process([_undecided(message, threshold.key) for message in messages])
    given = (message.get(INTENT)["name"] for message in decided)
    firsts, seconds = zip(*(threshold.count(*pair) for pair in zip(asked, given)))
    return _percent(firsts), _percent(seconds)


def _undecided(message: Message, key: str) -> Message:
    """Returns `message` as the FallbackClassifier found it."""
    doubted = message.get(DOUBTED)
    flag = message.get(RED_FLAG) or (doubted if doubted != BY_WORDS else None)
    ranking = message.get(INTENT_RANKING_KEY)
    data = {**message.data, RED_FLAG: None if key == EMERGENCY else flag, DOUBTED: None, INTENT: (ranking or [None])[0]}
    return Message(data=data, output_properties=message.output_properties)


def _percent(errors: Sequence[Any]) -> float:
    return 100 * float(np.mean([error for error in errors if error is not None]))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images" / "thresholds.png")
