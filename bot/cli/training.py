"""Makes sure there is a model for the data as they are now."""
from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterator

from bot.answers import Catalogue
from bot.errors import ModelError
from bot.settings import ANSWERS, MODELS, ROOT, settings

CONFIG, DOMAIN = ROOT / "config.yml", ROOT / "domain.yml"
DATA = [ROOT / "data" / "nlu", ROOT / "data" / "stories"]
_CODE = [ROOT / "bot" / "nlu", ROOT / "bot" / "importer.py", ROOT / "bot" / "dialogue" / "turn_policy.py"]
_KEPT = 3  # models, the newest


def fingerprint() -> str:
    """Returns a hash of everything a model is made from.

    The words of answers and red flags are not among them: they are read at the start, so an edit trains nothing.
    """
    import rasa

    names = Catalogue.load(ANSWERS, settings().clinic.languages)
    digest = hashlib.sha256(rasa.__version__.encode())
    digest.update(json.dumps([sorted(names.answers), sorted(names.replies), names.languages]).encode())
    for path in sorted(_files()):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for place in [CONFIG, DOMAIN, *DATA, *_CODE]:
        if place.is_dir():
            yield from (path for path in place.rglob("*") if path.suffix in (".yml", ".py"))
        else:
            yield place


def model_path() -> Path:
    """Returns where the model for the present data is, or will be."""
    return MODELS / f"assistant-{fingerprint()}.tar.gz"


def train(say: Callable[[str], None], *, force: bool = False) -> Path:
    """Returns the model for the present data, training it if there is none.

    A model appears under its name only when it is complete, so an interrupted training leaves nothing half done.

    Raises:
        ModelError: Rasa could not train; the text says why.
    """
    path = model_path()
    if path.exists() and not force:
        say(f"The model {path.name} fits the present data; nothing to train.")
        return path
    say("Training a model for the present data (a few minutes, once)")
    started = time.monotonic()
    MODELS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MODELS, prefix=".training-") as folder, _progress(say):
        _train_into(Path(folder), path.name[: -len(".tar.gz")], force)
        os.replace(Path(folder) / path.name, path)
    for old in sorted(MODELS.glob("assistant-*.tar.gz"), key=lambda p: p.stat().st_mtime)[:-_KEPT]:
        old.unlink()
    say(f"Trained {path.name} in {time.monotonic() - started:.0f} s")
    return path


def _train_into(folder: Path, name: str, force: bool) -> None:
    import rasa.model_training
    from rasa.shared.exceptions import RasaException

    try:
        result = rasa.model_training.train(
            domain=str(DOMAIN),
            config=str(CONFIG),
            training_files=[str(place) for place in DATA],
            output=str(folder),
            fixed_model_name=name,
            force_training=force,
        )
    except RasaException as error:
        raise ModelError(f"training failed: {error}") from error
    if not result.model:
        shutil.rmtree(folder, ignore_errors=True)
        raise ModelError("training failed; the lines above say why. 'bot validate' may say more")


class _progress(logging.Handler):
    """While it is open, says what Rasa's training does: one line a component."""

    _LOGGER = "rasa.engine.training.hooks"

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._say, self._started = say, time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("Starting to train component") or record.name.startswith("bot."):
            name = text.split("'")[1] if "'" in text else text
            self._say(f"  {time.monotonic() - self._started:4.0f} s  {name}")

    def __enter__(self) -> _progress:
        for logger in (logging.getLogger(self._LOGGER), logging.getLogger("bot")):
            logger.setLevel(logging.INFO)
            logger.addHandler(self)
            logger.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        for logger in (logging.getLogger(self._LOGGER), logging.getLogger("bot")):
            logger.removeHandler(self)
            logger.propagate = True
