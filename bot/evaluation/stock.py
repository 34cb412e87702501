"""The yardstick: the assistant of `rasa init` without its entity parts, on the same data, answers and questions."""
from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

import yaml

from bot.cli.training import CONFIG, DOMAIN, data, fingerprint
from bot.errors import ModelError
from bot.importer import AssistantImporter
from bot.settings import ROOT

EPOCHS = 100  # of everything that learns in epochs
# As `rasa init` of 3.6.21 writes them; its regex and synonym parts have nothing to do in data without entities.
PIPELINE: List[Dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": EPOCHS, "constrain_similarities": True},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
POLICIES: List[Dict[str, Any]] = [
    {"name": "MemoizationPolicy"},
    {"name": "RulePolicy"},
    {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": EPOCHS},
    {"name": "TEDPolicy", "max_history": 5, "epochs": EPOCHS, "constrain_similarities": True},
]
_KEPT = ROOT / "reports" / "stock"


class Spent(NamedTuple):
    """Seconds that a training took: by the clock, and of processor time, which other work on the machine changes little."""

    clock: float
    processor: float
    finished: bool = True  # if not, it was stopped and would have taken more


def assistant(say: Callable[[str], None], *, patience: Optional[float] = None) -> Tuple[Path, Dict[str, Spent]]:
    """Returns a stock model for the present data and what it and ours took to train, one after the other.

    Both are trained from nothing, each in a process and a cache of its own; the result is kept in reports/stock/.
    With `patience`, the stock training is stopped when it has taken so many times as long as ours: the time is then a
    lower bound, and the model one of a single epoch, which answers as fast, if not as well.

    Raises:
        ModelError: one of them could not be trained.
    """
    name = fingerprint()
    model, times = _KEPT / f"{name}.tar.gz", _KEPT / f"{name}.json"
    if model.exists() and times.exists():
        return model, {pipeline: Spent(*seconds) for pipeline, seconds in json.loads(times.read_text()).items()}
    _KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_KEPT) as folder:
        say("Training this assistant from nothing, to time it")
        ours = _train(CONFIG, DOMAIN, Path(folder) / "ours")
        say(f"  {ours.clock:.0f} s. Training the stock Rasa assistant on the same data (the long part)")
        limit = patience * ours.clock if patience else None
        stock = _train(*_project(Path(folder), EPOCHS), Path(folder) / "stock", limit)
        say(f"  {stock.clock:.0f} s" + ("" if stock.finished else ", stopped; now with a single epoch"))
        if not stock.finished:
            model, times = model.with_name(f"{name}-stopped.tar.gz"), times.with_name(f"{name}-stopped.json")
            _train(*_project(Path(folder), 1), Path(folder) / "stock")
        os.replace(next((Path(folder) / "stock").glob("*.tar.gz")), model)
    seconds = {"this assistant": ours, "stock Rasa": stock}
    times.write_text(json.dumps(seconds))
    return model, seconds


def _project(folder: Path, epochs: int) -> Tuple[Path, Path]:
    """Returns the configuration and the domain of the stock assistant, written to `folder`."""
    config, domain = folder / "config.yml", folder / "domain.yml"
    recipe = {"recipe": "default.v1", "assistant_id": "stock", "language": "en"}
    pipeline, policies = (
        [{**part, **({"epochs": epochs} if "epochs" in part else {})} for part in parts] for parts in (PIPELINE, POLICIES)
    )
    config.write_text(yaml.safe_dump({**recipe, "pipeline": pipeline, "policies": policies}))
    AssistantImporter(str(CONFIG), str(DOMAIN), [str(place) for place in data()]).get_domain().persist(domain)
    return config, domain


def _train(config: Path, domain: Path, output: Path, limit: Optional[float] = None) -> Spent:
    from bot.cli.server import QUIET

    command = [sys.executable, "-m", "rasa", "train", "--force", "--config", str(config), "--domain", str(domain)]
    command += ["--out", str(output), "--data", *(str(place) for place in data())]
    environment = {**os.environ, **QUIET, "RASA_CACHE_DIRECTORY": str(output / "cache")}
    before, finished = _now(), True
    try:
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        finished = False
    else:
        if done.returncode:
            raise ModelError(f"'rasa train' with {config} failed:\n{done.stderr[-2000:]}")
    after = _now()
    return Spent(after[0] - before[0], after[1] - before[1], finished)


def _now() -> Tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), used.ru_utime + used.ru_stime
