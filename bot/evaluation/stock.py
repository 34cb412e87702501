"""The yardstick: the assistant of `rasa init` without its entity parts, on the same data, answers and questions."""
from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import yaml
from rasa.shared.core.domain import Domain

from bot.answers import Catalogue
from bot.cli.training import CONFIG, DOMAIN, data, fingerprint, model_path
from bot.errors import ModelError
from bot.importer import AssistantImporter
from bot.settings import ANSWERS, ROOT, settings

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

    def of(self, epochs: int, first: Spent) -> Spent:
        """Returns what all EPOCHS would have taken, from this training of so many `epochs` and the `first` one alone.

        Its batches grow from epoch to epoch, so the first one is the dearest and is not counted among those that follow.
        """
        grown = (EPOCHS - 1) / (epochs - 1)
        return Spent(*(one + grown * (some - one) for some, one in zip(self, first)))


def assistant(say: Callable[[str], None], *, epochs: int = EPOCHS) -> Tuple[Path, Dict[str, Spent]]:
    """Returns a stock model for the present data and what it and ours took to train, one after the other.

    Each is trained from nothing, in a process and a cache of its own; the result is kept in reports/stock/. With fewer
    `epochs` than EPOCHS, at least 2, it answers as fast and not as well, and the time is an estimate for all of them.

    Raises:
        ModelError: one of them could not be trained.
    """
    name = f"{fingerprint()}-{epochs}"
    model, times = _KEPT / f"{name}.tar.gz", _KEPT / f"{name}.json"
    if model.exists() and times.exists():
        return model, {pipeline: Spent(*seconds) for pipeline, seconds in json.loads(times.read_text()).items()}
    _KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_KEPT) as folder:
        say("Training this assistant from nothing, to time it")
        ours = _train(CONFIG, DOMAIN, Path(folder) / "ours")
        model_path().parent.mkdir(parents=True, exist_ok=True)
        shutil.move(_made(Path(folder) / "ours"), model_path())  # it is as good as one of `bot train`
        say(f"  {ours.clock:.0f} s. Training the stock Rasa assistant on the same data (the long part), {epochs} epochs")
        stock = _train(*_project(Path(folder), epochs), Path(folder) / "stock")
        say(f"  {stock.clock:.0f} s")
        if epochs < EPOCHS:
            say("Training it with a single epoch, to know what one costs")
            stock = stock.of(epochs, _train(*_project(Path(folder), 1), Path(folder) / "one"))
            say(f"  about {stock.clock:.0f} s for all {EPOCHS}")
        os.replace(_made(Path(folder) / "stock"), model)
    seconds = {"this assistant": ours, "stock Rasa": stock}
    times.write_text(json.dumps(seconds))
    return model, seconds


def _made(folder: Path) -> Path:
    return next(folder.glob("*.tar.gz"))


def _project(folder: Path, epochs: int) -> Tuple[Path, Path]:
    """Returns the configuration and the domain of the stock assistant, written to `folder`."""
    config, domain = folder / "config.yml", folder / "domain.yml"
    recipe = {"recipe": "default.v1", "assistant_id": "stock", "language": "en"}
    pipeline, policies = (
        [{**part, **({"epochs": epochs} if "epochs" in part else {})} for part in parts] for parts in (PIPELINE, POLICIES)
    )
    config.write_text(yaml.safe_dump({**recipe, "pipeline": pipeline, "policies": policies}))
    responses = Catalogue.load(ANSWERS, settings().clinic.languages).responses(settings().clinic)
    ours = AssistantImporter(str(CONFIG), str(DOMAIN), [str(place) for place in data()]).get_domain()
    ours.merge(Domain.from_dict({"responses": responses})).persist(domain)  # it says what its model holds
    return config, domain


def _train(config: Path, domain: Path, output: Path) -> Spent:
    from bot.quiet import QUIET

    command = [sys.executable, "-m", "rasa", "train", "--force", "--config", str(config), "--domain", str(domain)]
    command += ["--out", str(output), "--data", *(str(place) for place in data())]
    environment = {**os.environ, **QUIET, "RASA_CACHE_DIRECTORY": str(output / "cache")}
    before = _now()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise ModelError(f"'rasa train' with {config} failed:\n{done.stderr[-2000:]}")
    return Spent(*(after - earlier for after, earlier in zip(_now(), before)))


def _now() -> Tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), used.ru_utime + used.ru_stime
