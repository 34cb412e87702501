"""How the features and the classifier do on a public set of intents, unchanged and with nothing tuned to it.

    python -m benchmarks.public data_small.json

The file is from CLINC150 (Larson et al. 2019, "An evaluation dataset for intent classification and out-of-scope
prediction", CC BY 3.0): 150 intents in English; it is not shipped with this project. Red flags, clauses, language
and thresholds have nothing to do there and stay out.
"""
from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import class_from_module_path

from bot.cli.training import CONFIG

_STEPS = ("sentence_featurizer", "ngram_featurizer", "intent_classifier")


def main() -> None:
    """Trains on the set's training part, prints the share of its test questions that are understood."""
    data = json.loads(Path(sys.argv[1]).read_text())
    training = TrainingData([Message({TEXT: text, INTENT: intent}) for text, intent in data["train"]])
    questions: List[Tuple[str, str]] = [(text, intent) for text, intent in data["test"]]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        messages = [Message({TEXT: text}) for text, _ in questions]
        for number, step in enumerate(yaml.safe_load(CONFIG.read_text())["pipeline"]):
            if any(name in step["name"] for name in _STEPS):
                component = _train(step, number, Path(folder), training)
                messages = component.process(messages)
    first = [message.get(INTENT)["name"] for message in messages]
    three = [[entry["name"] for entry in message.get(INTENT_RANKING_KEY)[:3]] for message in messages]
    truth = [intent for _, intent in questions]
    print(f"{len(training.intent_examples)} examples, {len(questions)} questions, {len(set(truth))} intents")
    print(f"top-1 {100 * sum(t == g for t, g in zip(truth, first)) / len(truth):.1f} %")
    print(f"top-3 {100 * sum(t in g for t, g in zip(truth, three)) / len(truth):.1f} %")
    print(f"{time.monotonic() - started:.0f} s")


def _train(step: Dict[str, Any], number: int, folder: Path, training: TrainingData) -> Any:
    """Returns the component of `step`, trained, after it has added its features to `training`."""
    kind = class_from_module_path(step["name"])
    config = {**kind.get_default_config(), **{key: value for key, value in step.items() if key != "name"}}
    storage, resource = LocalModelStorage.create(folder), Resource(f"step{number}")
    context = ExecutionContext(GraphSchema({}), node_name=f"step{number}")
    kind.create(config, storage, resource, context).train(training)
    component = kind.load(config, storage, resource, context)
    if hasattr(component, "process_training_data"):
        component.process_training_data(training)
    return component


if __name__ == "__main__":
    main()
