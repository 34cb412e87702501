"""The yardstick: the pipeline of `rasa init` without its entity parts, on the same examples and questions."""
from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Tuple

import yaml

from bot.cli.training import DATA, DOMAIN
from bot.understanding import Understanding

# As `rasa init` of 3.6.21 writes it; its regex and synonym parts have nothing to do in data without entities.
PIPELINE: List[Dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
_NLU_DATA = DATA[0]


def understand(texts: Iterable[str], say: Callable[[str], None]) -> Tuple[List[Dict[str, Any]], float]:
    """Returns what a freshly trained stock pipeline understands of `texts`, and its training time in seconds."""
    import rasa.model_training

    config = {"recipe": "default.v1", "assistant_id": "stock", "language": "en", "pipeline": PIPELINE, "policies": []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yml"
        path.write_text(yaml.safe_dump(config))
        say("Training the stock Rasa pipeline on the same examples (the long part)")
        started = time.monotonic()
        model = rasa.model_training.train_nlu(str(path), str(_NLU_DATA), folder, domain=str(DOMAIN))
        seconds = time.monotonic() - started
        say(f"Trained in {seconds:.0f} s")
        return list(Understanding.load(Path(str(model))).parse(texts)), seconds
