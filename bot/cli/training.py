"""Makes sure there is a model for the data as they are now."""
from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Tuple

from bot.answers import Catalogue
from bot.errors import ModelError
from bot.learning import overlay
from bot.settings import ANSWERS, ROOT, settings

CONFIG, DOMAIN = ROOT / "config.yml", ROOT / "domain.yml"
_CODE = [ROOT / "bot" / part for part in ("nlu", "importer.py", "dialogue/turn_policy.py", "dialogue/intent_rules.py")]
_KEPT = 3  # models, the newest, besides those in use


def data(additions: Optional[Path] = None) -> List[Path]:
    """Returns the folders that are trained on: the repository's and `additions`, by default the clinic's in use."""
    own = additions or overlay.current()
    return [settings().data / "nlu", settings().data / "stories", *([own] if own.exists() else [])]


def fingerprint(additions: Optional[Path] = None) -> str:
    """Returns a hash of everything a model is made from, with the clinic's `additions`, by default those in use.

    The words of answers and red flags are not among them: they are read at the start, so an edit trains nothing.
    """
    names = Catalogue.load(ANSWERS, settings().clinic.languages)
    digest = hashlib.sha256(version("rasa").encode())
    digest.update(json.dumps([sorted(names.answers), sorted(names.replies), names.languages]).encode())
    for name, path in sorted(_files(additions)):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(additions: Optional[Path]) -> Iterator[Tuple[str, Path]]:
    places = {"config.yml": CONFIG, "domain.yml": DOMAIN}
    places.update(zip(("data/nlu", "data/stories", "clinic"), data(additions)))
    places.update({path.relative_to(ROOT).as_posix(): path for path in _CODE})
    for name, place in places.items():
        if place.is_file():
            yield name, place
        for path in place.rglob("*"):
            if path.suffix in (".yml", ".py"):
                yield f"{name}/{path.relative_to(place).as_posix()}", path


def model_path(additions: Optional[Path] = None) -> Path:
    """Returns where the model for the present data is, or will be, with `additions` or the clinic's in use."""
    return settings().models / f"assistant-{fingerprint(additions)}.tar.gz"


def train(say: Callable[[str], None], *, force: bool = False, additions: Optional[Path] = None) -> Path:
    """Returns the model for the present data, training it if there is none; `additions`: see :func:`fingerprint`.

    A model appears under its name only when it is complete, so an interrupted training leaves nothing half done.

    Raises:
        ModelError: Rasa could not train; the text says why.
    """
    path, models = model_path(additions), settings().models
    if path.exists() and not force:
        say(f"The model {path.name} fits the present data; nothing to train.")
        return path
    say("Training a model for the present data (a few minutes, once)")
    started = time.monotonic()
    models.mkdir(parents=True, exist_ok=True)
    sweep()
    with tempfile.TemporaryDirectory(dir=models, prefix=f".training-{os.getpid()}-") as folder, _progress(say):
        _train_into(Path(folder), path.name[: -len(".tar.gz")], force, additions)
        os.replace(Path(folder) / path.name, path)
    in_use = {model_path(overlay.current()), model_path(overlay.before())}
    for old in sorted(models.glob("assistant-*.tar.gz"), key=lambda p: p.stat().st_mtime)[:-_KEPT]:
        if old not in in_use:
            old.unlink()
    say(f"Trained {path.name} in {time.monotonic() - started:.0f} s")
    return path


def ship_vectors() -> Path:
    """Writes the vectors of all examples by the slowest encoder for the repository; returns the file."""
    from bot.nlu import encoders, vector_files
    from bot.nlu.wording import encoded

    encoder = encoders.load("e5")
    texts = sorted({encoded(example.text) for example in overlay.read(ROOT / "data" / "nlu")})
    with encoder.kept():
        return vector_files.ship(encoder.file, texts, encoder.encode(texts))


def sweep() -> None:
    """Deletes what trainings that were killed left behind."""
    for folder in settings().models.glob(".training-*"):
        owner = folder.name.split("-")[1]
        if not owner.isdigit() or not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _train_into(folder: Path, name: str, force: bool, additions: Optional[Path]) -> None:
    import rasa.model_training
    from rasa.shared.exceptions import RasaException

    try:
        result = rasa.model_training.train(
            domain=str(DOMAIN),
            config=str(CONFIG),
            training_files=[str(place) for place in data(additions)],
            output=str(folder),
            fixed_model_name=name,
            force_training=force or _cache_is_older_than_code(),
        )
    except RasaException as error:
        raise ModelError(f"training failed: {error}") from error
    if not result.model:
        shutil.rmtree(folder, ignore_errors=True)
        raise ModelError("training failed; the lines above say why. 'bot validate' may say more")


def _cache_is_older_than_code() -> bool:
    """Whether Rasa's cache may hold what other code made: it knows a component by its class, not by what that calls."""
    from bot.nlu import vector_files

    cached = vector_files.rasa_cache() / "cache.db"
    code = [file for place in _CODE for file in ([place] if place.is_file() else place.rglob("*.py"))]
    return cached.exists() and max(file.stat().st_mtime for file in code) > cached.stat().st_mtime


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
